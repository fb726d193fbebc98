"""Judging one answer by the rubric, given a sense of meaning: the same answer, the same score."""

from collections.abc import Mapping
from dataclasses import dataclass

from vivavoce.contracts import CompetencyScore, CriterionScore, NullReason, Transcript
from vivavoce.evaluation import rubric
from vivavoce.evaluation.bank import Bank
from vivavoce.evaluation.competencies import Shown, competencies, weighted_mean
from vivavoce.evaluation.competency_terms import statements_for
from vivavoce.evaluation.depth import depth
from vivavoce.evaluation.evidence import TimedSpan, align, quotes
from vivavoce.evaluation.judgement import Judgement, Task
from vivavoce.evaluation.masking import mask, neutral
from vivavoce.evaluation.ports import Embedder
from vivavoce.evaluation.reading import Finding, Reading, read, speaks_to_the_judge
from vivavoce.evaluation.relevance import IN_PART, can_be_judged, relevance, understand
from vivavoce.evaluation.specificity import specificity
from vivavoce.evaluation.structure import structure
from vivavoce.evaluation.text import split_sentences, tokens
from vivavoce.evaluation.vectors import Vectors
from vivavoce.evaluation.wording import wording

INJECTION_NOTE = "The transcript addresses whoever scores it; that was treated as speech like any other."
NOTHING_ASKED_FOR = "Nothing that the position asks for was heard. The other criteria share its weight."
UNKNOWN_QUESTION_NOTE = "The question is not in English or says too little, so relevance was not judged."

SURELY = 0.995
DOUBTED = 0.5
"""What is left of a score's reliability when it isn't clear that the answer speaks to the question."""


@dataclass(frozen=True)
class Understood:
    """An answer's sentences with their vectors, ready to be compared."""

    reading: Reading
    rows: Vectors


def judge_answer(task: Task, embedder: Embedder, bank: Bank) -> Judgement:
    """Judge by every criterion of the rubric."""
    understood = _understand(task, embedder)
    findings = _content(understood.reading)
    substance = sum(findings[name].score for name in ("specificity", "depth", "structure")) / 300
    if can_be_judged(task.question):
        asked = understand(embedder.embed([neutral(task.question)])[0], bank)
        findings["relevance"] = relevance(understood.reading, understood.rows, asked, bank)
    credit = rubric.credit({name: finding.score for name, finding in findings.items()})
    shown = _competencies(task, understood, embedder, substance * credit)
    mean, touch = weighted_mean(shown) or (0.0, 0.0)
    if shown:
        findings["competencies"] = _competency_finding(shown, mean, touch)
    return _judgement(task, understood.reading, findings, shown, touch)


def _understand(task: Task, embedder: Embedder) -> Understood:
    sentences = split_sentences(task.transcript.text, task.masked_terms)
    reading = read(sentences, mask(task.question, task.masked_terms))
    names = " ".join((task.question, *(one.name for one in task.competencies)))
    kept = frozenset(tokens(names))
    return Understood(reading, embedder.embed([neutral(sentence.text, kept) for sentence in sentences]))


def _content(reading: Reading) -> dict[str, Finding]:
    return {
        "specificity": specificity(reading),
        "structure": structure(reading),
        "depth": depth(reading),
        "wording": wording(reading),
    }


def _competencies(
    task: Task, understood: Understood, embedder: Embedder, substance: float
) -> tuple[Shown, ...]:
    statements = {one.name: embedder.embed(statements_for(one.name)) for one in task.competencies}
    return competencies(understood.reading, understood.rows, task.competencies, statements, substance)


def _competency_finding(shown: tuple[Shown, ...], mean: float, touch: float) -> Finding:
    touched = [one for one in shown if one.score is not None]
    if not touched:
        return Finding(mean, NOTHING_ASKED_FOR)
    heard = ", ".join(f"{one.competency.name} {one.score:.0f}" for one in touched)
    missing = ", ".join(one.competency.name for one in shown if one.score is None)
    explanation = f"Shown, of 100: {heard}." + (f" Not touched: {missing}." if missing else "")
    explanation += f" Touched to {touch:.0%}, so it weighs less than usual." if touch < SURELY else ""
    return Finding(mean, explanation, tuple(span for one in touched for span in one.quotes))


def _judgement(
    task: Task, reading: Reading, findings: dict[str, Finding], shown: tuple[Shown, ...], touch: float
) -> Judgement:
    scores = {name: finding.score for name, finding in findings.items()}
    points, weights = rubric.contributions(scores, touch), rubric.weights_of(scores, touch)
    aligned = align(task.transcript)
    criteria = tuple(
        CriterionScore(
            name=name,
            score=round(findings[name].score, 2),
            weight=round(weight, 4),
            contribution=points[name],
            explanation=explain(name, findings[name], scores),
            evidence=quotes(task.transcript, aligned, findings[name].quotes),
        )
        for name, weight in weights.items()
    )
    compared = findings.get("relevance")
    return Judgement(
        overall=rubric.total(points),
        confidence=confidence(task.transcript, reading, fits=compared is not None and not compared.doubt),
        criteria=criteria,
        competencies=tuple(_competency(task, aligned, one) for one in shown),
        detail=_notes(reading, compared),
    )


def explain(name: str, finding: Finding, scores: Mapping[str, float]) -> str:
    """What was found for a criterion, and at what share its points count where that is not all."""
    share = f"{rubric.credit(scores):.0%}"
    if name == "relevance" or share == "100%" or not finding.score:
        return finding.explanation
    return f"{finding.explanation} Counted at {share}, because {_why_less(scores['relevance'])}."


def _why_less(relevance: float) -> str:
    if relevance >= IN_PART:
        return "it may speak to the question only in part"
    return "it seems to leave the question"


def _competency(task: Task, aligned: tuple[TimedSpan, ...], one: Shown) -> CompetencyScore:
    return CompetencyScore(
        name=one.competency.name,
        weight=one.competency.weight,
        score=None if one.score is None else round(one.score, 2),
        reason=NullReason.NOT_TOUCHED if one.score is None else None,
        evidence=quotes(task.transcript, aligned, one.quotes),
    )


def confidence(transcript: Transcript, reading: Reading, *, fits: bool) -> float:
    """How far the score can be relied on, 0-1: heard words x enough words x 0.5 unless it `fits`.

    Heard is the mean word probability (1 without words), enough is 0.5 + 0.5 x fullness. An answer
    fits when it was compared with its question and that comparison isn't in doubt.
    """
    heard = [word.probability for word in transcript.words]
    sure = sum(heard) / len(heard) if heard else 1.0
    return round(sure * (0.5 + 0.5 * reading.fullness) * (1.0 if fits else DOUBTED), 3)


def _notes(reading: Reading, compared: Finding | None) -> str | None:
    notes = [INJECTION_NOTE] if any(map(speaks_to_the_judge, reading.sentences)) else []
    doubt = UNKNOWN_QUESTION_NOTE if compared is None else compared.doubt
    return " ".join([*notes, *([doubt] if doubt else [])]) or None
