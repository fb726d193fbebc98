"""An interview's or an answer's report as tables for a terminal."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from vivavoce.cli.console import plain
from vivavoce.cli.report_words import (
    ABSENT,
    UNITS,
    event_values,
    grounds,
    kind_in_words,
    measured,
    number,
    share,
    span,
    versions_in_words,
)
from vivavoce.cli.views import EvaluationView, InterviewState, JobView, ResultView
from vivavoce.contracts import (
    CompetencyScore,
    CriterionScore,
    Evidence,
    Observable,
    RiskBand,
    Versions,
)

FOR_A_PERSON = "A finding for a person to look at; it changes no score."
NOT_COUNTED = "Voice and face: measured, never counted in the score; not how sure a person is"
NOTHING_ASKED_FOR = "Nothing that the position asks for was heard."
FINDINGS = {RiskBand.ELEVATED, RiskBand.HIGH}


def interview_report(
    state: InterviewState, jobs: Sequence[JobView], titles: Mapping[str, str] | None = None
) -> Group:
    """The whole interview: totals, competencies, then every answer. `titles`: question id to text."""
    names = titles or {}
    return Group(
        *_totals(state, names),
        *([_competencies(state)] if state.competencies else []),
        *_legend(state.messages),
        *(answer_report(job, names.get(job.question_id, "")) for job in jobs),
    )


def answer_report(job: JobView, title: str = "") -> Panel:
    """One answer: its result, or why there is none and what can be done."""
    heading = plain(f"{job.question_id} {title}".strip())
    parts = _failure(job) if job.result is None else _parts(job.result)
    return Panel(Group(*parts), title=Text(heading), title_align="left")


def _failure(job: JobView) -> list[RenderableType]:
    said = [plain(text) for text in (job.message, job.detail, job.advice) if text]
    band = [] if job.integrity_band is None else [Text(f"Integrity: {job.integrity_band}")]
    reason = Text(job.reason or "failed", style="bold red")
    return [reason, *(Text(text) for text in said), *band, *_versions(job.versions)]


def _totals(state: InterviewState, titles: Mapping[str, str]) -> list[RenderableType]:
    scored = sum(answer.overall_score is not None for answer in state.answers)
    heading = Text(
        f"Interview {state.interview_record_id}: {state.status}, overall {number(state.overall_score)} "
        f"over {scored} of {len(state.answers)} answers, integrity {state.integrity_band or ABSENT}",
        style="bold",
    )
    rows = [
        (
            f"{answer.question_id} {titles.get(answer.question_id, '')}".strip(),
            answer.status,
            number(answer.overall_score),
            answer.reason or "",
        )
        for answer in state.answers
    ]
    table = _table("Answers", ("answer", "status", "score", "reason"), rows)
    finding = [Text(f"Integrity: {FOR_A_PERSON}")] if state.integrity_band in FINDINGS else []
    return [heading, *finding, table]


def _competencies(state: InterviewState) -> Table:
    rows = [(one.name, share(one.weight), number(one.score), one.reason or "") for one in state.competencies]
    return _table("Competencies", ("competency", "weight", "score", "reason"), rows)


def _parts(result: ResultView) -> list[RenderableType]:
    evaluation = result.evaluation_result
    return [
        *_judgement(evaluation, result.reasons.get("evaluationResult.overallScore", "")),
        Text(_transcript(result), style="italic"),
        *([_criteria(evaluation.criteria)] if evaluation.criteria else []),
        *([_shown(evaluation.competencies)] if evaluation.competencies else []),
        _numbers(result),
        *([_observables(result.observables)] if result.observables else []),
        _integrity(result),
        *_legend(result.messages),
        *_versions(result.versions),
    ]


def _judgement(evaluation: EvaluationView, reason: str) -> list[RenderableType]:
    sure = evaluation.confidence
    reliable = "" if sure is None else f" (reliability of this score: {sure:.2f} of 1)"
    score = f"score {number(evaluation.overall_score)}{reliable} {reason}".rstrip()
    said = [evaluation.feedback, evaluation.detail and f"Note: {evaluation.detail}"]
    return [Text(score, style="bold"), *(Text(plain(text)) for text in said if text)]


def _transcript(result: ResultView) -> str:
    if result.transcription.text is None:
        return f"no transcript: {result.reasons.get('transcription.text', 'unavailable')}"
    text = plain(result.transcription.text)
    return f"“{text}”" if text.strip() else "no words were heard"


def _criteria(criteria: Sequence[CriterionScore]) -> Table:
    rows = [
        (
            one.name,
            number(one.score),
            share(one.weight),
            number(one.contribution),
            one.explanation,
            _evidence(one.evidence),
        )
        for one in criteria
    ]
    return _table("Scores", ("criterion", "score", "weight", "points", "why", "evidence"), rows)


def _shown(competencies: Sequence[CompetencyScore]) -> RenderableType:
    if all(one.score is None for one in competencies):
        names = ", ".join(one.name for one in competencies)
        return Text(plain(f"Competencies: {NOTHING_ASKED_FOR} Asked for: {names}."))
    rows = [
        (one.name, share(one.weight), number(one.score), _evidence(one.evidence), one.reason or "")
        for one in competencies
    ]
    headings = ("competency", "weight", "score", "evidence", "reason")
    return _table("Competencies in this answer", headings, rows)


def _evidence(evidence: Sequence[Evidence]) -> str:
    return "\n".join(grounds(item) for item in evidence) or ABSENT


def _numbers(result: ResultView) -> Group:
    families = (("voiceScores", result.voice_scores), ("faceScores", result.face_scores))
    rows = [
        (
            f"{family}.{name}",
            f"{number(value)} {UNITS.get(name, '') if value is not None else ''}".rstrip(),
            result.reasons.get(f"{family}.{name}", ""),
        )
        for family, scores in families
        for name, value in scores.items()
    ]
    return Group(Text(NOT_COUNTED, style="bold"), _table("", ("number", "value", "reason"), rows))


def _observables(observables: Sequence[Observable]) -> Table:
    rows = [
        (one.name, measured(one), one.unit, span(one.start, one.end), one.reason or "") for one in observables
    ]
    return _table("Measured", ("observable", "value", "unit", "from–to", "reason"), rows)


def _integrity(result: ResultView) -> RenderableType:
    if result.integrity_band in {None, RiskBand.UNAVAILABLE}:
        return Text(f"Integrity: unavailable ({result.reasons.get('integrityBand', 'no reason given')})")
    if not result.integrity_events:
        return Text(f"Integrity: {result.integrity_band}, nothing noticed")
    rows = [
        (kind_in_words(one.kind), span(one.start, one.end), one.severity, event_values(one.values))
        for one in result.integrity_events
    ]
    table = _table("", ("noticed", "from–to", "severity", "values"), rows)
    return Group(Text(f"Integrity: {result.integrity_band}. {FOR_A_PERSON}", style="bold"), table)


def _legend(messages: Mapping[str, str]) -> list[Text]:
    return [Text(plain(f"{code}: {message}"), style="dim") for code, message in messages.items()]


def _versions(versions: Versions | None) -> list[Text]:
    return [] if versions is None else [Text(plain(versions_in_words(versions)), style="dim")]


def _table(title: str, headings: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    """A table without the columns that would be empty. Its title is wrapped to its width; "" is none."""
    filled = [place for place in range(len(headings)) if any(row[place] for row in rows)]
    table = Table(title=Text(title) if title else None, title_justify="left", title_style="bold")
    for place in filled:
        table.add_column(headings[place])
    for row in rows:
        table.add_row(*(_text(row[place]) for place in filled))
    return table


def _text(cell: str) -> Text:
    """A cell that shows what candidates and judges wrote as it is, not as markup."""
    return Text(plain(cell))
