"""An interview's or an answer's report as tables for a terminal."""

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from vivavoce.cli.console import plain
from vivavoce.cli.views import InterviewState, JobView, ResultView
from vivavoce.contracts import CriterionScore, Evidence, IntegrityEvent, Observable, RiskBand

UNITS = {"speech_rate": "words/min"}
ABSENT = "–"


def interview_report(
    state: InterviewState, jobs: Sequence[JobView], titles: Mapping[str, str] | None = None
) -> Group:
    """The whole interview: totals, competencies, then every answer. `titles`: question id to text."""
    names = titles or {}
    return Group(
        _totals(state, names),
        *([_competencies(state)] if state.competencies else []),
        *(answer_report(job, names.get(job.question_id, "")) for job in jobs),
    )


def answer_report(job: JobView, title: str = "") -> Panel:
    """One answer: its result, or why there is none and what can be done."""
    heading = plain(f"{job.question_id} {title}".strip())
    if job.result is None:
        reason = Text.assemble(
            (job.reason or "failed", "bold red"), f"\n{job.message or ''}\n{job.advice or ''}"
        )
        return Panel(reason, title=Text(heading), title_align="left")
    return Panel(Group(*_parts(job.result)), title=Text(heading), title_align="left")


def _totals(state: InterviewState, titles: Mapping[str, str]) -> Group:
    heading = Text(
        f"Interview {state.interview_record_id}: {state.status}, overall {number(state.overall_score)}, "
        f"integrity {state.integrity_band or ABSENT}",
        style="bold",
    )
    table = _table("Answers", ("answer", "status", "score", "reason"))
    for answer in state.answers:
        name = f"{answer.question_id} {titles.get(answer.question_id, '')}".strip()
        table.add_row(*_texts(name, answer.status, number(answer.overall_score), answer.reason or ""))
    return Group(heading, table)


def _competencies(state: InterviewState) -> Table:
    table = _table("Competencies", ("competency", "weight", "score"))
    for competency in state.competencies:
        table.add_row(*_texts(competency.name, f"{competency.weight:.0%}", number(competency.score)))
    return table


def _parts(result: ResultView) -> list[RenderableType]:
    evaluation = result.evaluation_result
    reason = result.reasons.get("evaluationResult.overallScore", "")
    confidence = "" if evaluation.confidence is None else f" (confidence {evaluation.confidence:.2f})"
    parts: list[RenderableType] = [
        Text(f"score {number(evaluation.overall_score)}{confidence} {reason}".rstrip(), style="bold"),
        Text(plain(evaluation.feedback or "")),
        Text(_transcript(result), style="italic"),
    ]
    if evaluation.criteria:
        parts.append(_criteria(evaluation.criteria))
    parts.append(_numbers(result))
    if result.observables:
        parts.append(_observables(result.observables))
    parts.append(_integrity(result))
    return parts


def _transcript(result: ResultView) -> str:
    if result.transcription.text is None:
        return f"no transcript: {result.reasons.get('transcription.text', 'unavailable')}"
    return f"“{plain(result.transcription.text)}”"


def _criteria(criteria: Sequence[CriterionScore]) -> Table:
    table = _table("Scores", ("criterion", "score", "weight", "points", "why", "evidence"))
    for criterion in criteria:
        evidence = "\n".join(_evidence(item) for item in criterion.evidence)
        table.add_row(
            *_texts(
                criterion.name,
                number(criterion.score),
                f"{criterion.weight:.0%}",
                number(criterion.contribution),
                criterion.explanation,
                evidence or ABSENT,
            )
        )
    return table


def _evidence(evidence: Evidence) -> str:
    if evidence.quote is not None:
        return f"{span(evidence.start, evidence.end)} “{evidence.quote}”"
    if evidence.observable is not None:
        return _observed(evidence.observable)
    return ABSENT


def _observed(observable: Observable) -> str:
    return f"{observable.name} = {number(observable.value, 2)} {observable.unit}"


def _numbers(result: ResultView) -> Table:
    table = _table("Voice and face", ("number", "value", "reason"))
    for family, scores in (("voiceScores", result.voice_scores), ("faceScores", result.face_scores)):
        for name, value in scores.items():
            shown = f"{number(value)} {UNITS.get(name, '') if value is not None else ''}".rstrip()
            table.add_row(*_texts(f"{family}.{name}", shown, result.reasons.get(f"{family}.{name}", "")))
    return table


def _observables(observables: Sequence[Observable]) -> Table:
    table = _table("Measured", ("observable", "value", "unit", "from–to", "reason"))
    for item in observables:
        when = span(item.start, item.end)
        table.add_row(*_texts(item.name, number(item.value, 2), item.unit, when, item.reason or ""))
    return table


def _integrity(result: ResultView) -> RenderableType:
    if result.integrity_band in {None, RiskBand.UNAVAILABLE}:
        return Text(f"Integrity: unavailable ({result.reasons.get('integrityBand', 'no reason given')})")
    if not result.integrity_events:
        return Text(f"Integrity: {result.integrity_band}, nothing noticed")
    table = _table(
        f"Integrity: {result.integrity_band or ABSENT}", ("noticed", "from–to", "severity", "values")
    )
    for event in result.integrity_events:
        table.add_row(*_texts(event.kind, span(event.start, event.end), event.severity, _values(event)))
    return table


def _values(event: IntegrityEvent) -> str:
    return ", ".join(f"{name}={number(value, 2)}" for name, value in event.values.items())


def number(value: float | None, digits: int = 1) -> str:
    """A number for people; a dash for null."""
    return ABSENT if value is None else f"{value:.{digits}f}"


def span(start: float | None, end: float | None) -> str:
    """A span of a recording in seconds."""
    if start is None and end is None:
        return ""
    return f"{number(start)}–{number(end)} s"


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=Text(title), title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading)
    return table


def _texts(*cells: str) -> tuple[Text, ...]:
    """Cells that show what candidates and judges wrote as it is, not as markup."""
    return tuple(Text(plain(cell)) for cell in cells)
