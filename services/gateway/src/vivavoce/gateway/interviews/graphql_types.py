"""The GraphQL types of answers, scores, transcripts and findings."""

from collections.abc import Mapping, Sequence

import strawberry

from vivavoce.contracts import (
    DerivedScore,
    Evidence,
    IntegrityKind,
    Observable,
    ProctoringFeatures,
    RiskBand,
    ScoreGenerated,
    Severity,
    Stage,
)
from vivavoce.gateway.interviews.repository import Answer, Interview
from vivavoce.gateway.interviews.rules import (
    AnswerStatus,
    reason_of,
    shown_text,
    stage_of,
    status_of,
    text_reason_of,
)

for kind in (AnswerStatus, IntegrityKind, RiskBand, Severity, Stage):
    strawberry.enum(kind)


@strawberry.type(name="Position")
class PositionType:
    """The job."""

    id: strawberry.ID
    title: str


@strawberry.type(name="Competency", description="Weights sum to 1; scores are 0 to 100 or null.")
class CompetencyType:
    """A competency and how it was met."""

    name: str
    weight: float
    score: float | None
    reason: str | None


@strawberry.type(name="Observable", description="Something measured, with its unit and its span in seconds.")
class ObservableType:
    """A measured value, or null with a reason."""

    name: str
    value: float | None
    unit: str
    start: float | None
    end: float | None
    reason: str | None


@strawberry.type(name="Evidence", description="A quote from the transcript with its times, or an observable.")
class EvidenceType:
    """The ground of a score."""

    quote: str | None
    start: float | None
    end: float | None
    observable: ObservableType | None


@strawberry.type(name="CriterionScore", description="One criterion of the rubric and the points it gave.")
class CriterionType:
    """A criterion's score with its grounds."""

    name: str
    score: float
    weight: float
    contribution: float
    explanation: str
    evidence: list[EvidenceType]


@strawberry.type(name="CompetencyScore")
class CompetencyScoreType:
    """How far an answer speaks to a competency."""

    name: str
    weight: float
    score: float | None
    evidence: list[EvidenceType]
    reason: str | None


@strawberry.type(name="DerivedScore", description="Computed from observables by a published formula.")
class DerivedScoreType:
    """A derived number, or null with a reason."""

    name: str
    value: float | None
    unit: str
    formula: str
    inputs: list[str]
    reason: str | None


@strawberry.type(name="ModelVersion")
class ModelVersionType:
    """A model or measure and its version."""

    name: str
    version: str


@strawberry.type(name="Versions", description="What produced a score, so that it can be repeated.")
class VersionsType:
    """The versions behind a score."""

    judge: str
    rubric: str
    formulas: str
    models: list[ModelVersionType]


@strawberry.type(name="Score", description="A judgement from 0 to 100 with its grounds, or null.")
class ScoreType:
    """An answer's score."""

    overall: float | None
    reason: str | None
    detail: str | None
    confidence: float | None
    feedback: str
    criteria: list[CriterionType]
    competencies: list[CompetencyScoreType]
    voice: list[DerivedScoreType]
    face: list[DerivedScoreType]
    versions: VersionsType


@strawberry.type(name="Transcript")
class TranscriptType:
    """What was said; null when it can't be trusted, with the reason."""

    text: str | None
    duration: float | None = strawberry.field(description="Seconds of the recording.")
    language: str | None
    reason: str | None


@strawberry.type(name="NamedValue")
class NamedValueType:
    """A number behind a finding."""

    name: str
    value: float


@strawberry.type(name="IntegrityEvent")
class IntegrityEventType:
    """Something noticed, from start to end in seconds."""

    kind: IntegrityKind
    start: float
    end: float
    severity: Severity
    values: list[NamedValueType]


@strawberry.type(name="Integrity", description="A finding for a human, never a verdict.")
class IntegrityType:
    """An answer's integrity report."""

    band: RiskBand
    reason: str | None
    events: list[IntegrityEventType]


@strawberry.type(name="Answer", description="A candidate's recorded answer to one question.")
class AnswerType:
    """An answer with what is known of it so far."""

    id: strawberry.ID = strawberry.field(description="The pipelineId.")
    question_id: str
    question_text: str
    video_response_id: str
    status: AnswerStatus
    stage: Stage
    reason: str | None
    transcript: TranscriptType
    observables: list[ObservableType]
    score: ScoreType | None
    integrity: IntegrityType | None


def answer_type(answer: Answer, interview: Interview) -> AnswerType:
    """A stored answer as GraphQL shows it."""
    features = answer.features
    return AnswerType(
        id=strawberry.ID(answer.id),
        question_id=answer.question_id,
        question_text=answer.question_text,
        video_response_id=answer.video_response_id,
        status=status_of(answer, interview),
        stage=stage_of(answer, interview),
        reason=reason_of(answer, interview),
        transcript=TranscriptType(
            text=shown_text(answer),
            duration=features.duration if features else None,
            language=features.language if features else None,
            reason=text_reason_of(answer, interview),
        ),
        observables=[_observable(each) for each in (features.observables if features else ())],
        score=_score(answer.score) if answer.score else None,
        integrity=_integrity(answer.integrity) if answer.integrity else None,
    )


def _score(score: ScoreGenerated) -> ScoreType:
    return ScoreType(
        overall=score.overall,
        reason=score.reason,
        detail=score.detail,
        confidence=score.confidence,
        feedback=score.feedback,
        criteria=[
            CriterionType(
                name=each.name,
                score=each.score,
                weight=each.weight,
                contribution=each.contribution,
                explanation=each.explanation,
                evidence=_evidence(each.evidence),
            )
            for each in score.criteria
        ],
        competencies=[
            CompetencyScoreType(
                name=each.name,
                weight=each.weight,
                score=each.score,
                evidence=_evidence(each.evidence),
                reason=each.reason,
            )
            for each in score.competencies
        ],
        voice=_derived(score.voice),
        face=_derived(score.face),
        versions=VersionsType(
            judge=score.versions.judge,
            rubric=score.versions.rubric,
            formulas=score.versions.formulas,
            models=_models(score.versions.models),
        ),
    )


def _models(models: Mapping[str, str]) -> list[ModelVersionType]:
    return [ModelVersionType(name=name, version=version) for name, version in sorted(models.items())]


def _integrity(report: ProctoringFeatures) -> IntegrityType:
    events = [
        IntegrityEventType(
            kind=event.kind,
            start=event.start,
            end=event.end,
            severity=event.severity,
            values=[NamedValueType(name=name, value=value) for name, value in sorted(event.values.items())],
        )
        for event in report.events
    ]
    return IntegrityType(band=report.band, reason=report.reason, events=events)


def _evidence(evidence: Sequence[Evidence]) -> list[EvidenceType]:
    return [
        EvidenceType(
            quote=each.quote,
            start=each.start,
            end=each.end,
            observable=_observable(each.observable) if each.observable else None,
        )
        for each in evidence
    ]


def _derived(scores: Sequence[DerivedScore]) -> list[DerivedScoreType]:
    return [DerivedScoreType(**{**dict(each), "inputs": list(each.inputs)}) for each in scores]


def _observable(observable: Observable) -> ObservableType:
    return ObservableType(**dict(observable))
