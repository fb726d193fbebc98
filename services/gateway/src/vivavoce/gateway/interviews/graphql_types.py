"""The GraphQL types of answers, scores, transcripts and findings.

Most describe values of the contracts, whose attributes they name: `SHOWN` says which.
"""

from collections.abc import Mapping
from datetime import datetime

import strawberry

from vivavoce.contracts import (
    CompetencyScore,
    CriterionScore,
    DerivedScore,
    Evidence,
    IntegrityEvent,
    IntegrityKind,
    Observable,
    ProctoringFeatures,
    RiskBand,
    ScoreGenerated,
    Severity,
    Stage,
    Value,
    Versions,
)
from vivavoce.gateway.interviews.rules import AnswerStatus

strawberry.enum(AnswerStatus, description="Still worked on, there with whatever could be had, or lost.")
strawberry.enum(IntegrityKind, description="What can be noticed.")
strawberry.enum(
    RiskBand, description="How much a human should look at it; unavailable says that nobody could."
)
strawberry.enum(Severity, description="How much a finding weighs.")
strawberry.enum(Stage, description="How far the work on an answer has come.")


@strawberry.type(name="Position", description="The job.")
class PositionType:
    """The job."""

    id: strawberry.ID = strawberry.field(description="The caller's own id.")
    title: str = strawberry.field(description="As people call it.")


@strawberry.type(name="Competency", description="Weights sum to 1; scores are 0 to 100 or null.")
class CompetencyType:
    """A competency and how it was met."""

    name: str = strawberry.field(description="As the position calls it.")
    weight: float = strawberry.field(description="Its share of the interview's score.")
    score: float | None = strawberry.field(description="0 to 100.")
    reason: str | None = strawberry.field(description="Why there is no score.")


@strawberry.type(name="Observable", description="Something measured, with its unit and its span in seconds.")
class ObservableType:
    """A measured value, or null with a reason."""

    name: str = strawberry.field(description="What was measured.")
    value: float | None = strawberry.field(description="In its unit.")
    unit: str = strawberry.field(description="Of the value.")
    start: float | None = strawberry.field(description="Seconds from the beginning of the recording.")
    end: float | None = strawberry.field(description="Seconds from the beginning of the recording.")
    reason: str | None = strawberry.field(description="Why there is no value.")


@strawberry.type(name="Evidence", description="A quote from the transcript with its times, or an observable.")
class EvidenceType:
    """The ground of a score."""

    quote: str | None = strawberry.field(description="Words of the transcript.")
    start: float | None = strawberry.field(description="Seconds from the beginning of the recording.")
    end: float | None = strawberry.field(description="Seconds from the beginning of the recording.")
    observable: ObservableType | None = strawberry.field(description="What was measured.")


@strawberry.type(name="CriterionScore", description="One criterion of the rubric and the points it gave.")
class CriterionType:
    """A criterion's score with its grounds."""

    name: str = strawberry.field(description="The criterion's name in the rubric.")
    score: float = strawberry.field(description="0 to 100.")
    weight: float = strawberry.field(description="Its share of the answer's score.")
    contribution: float = strawberry.field(description="The points that it adds to the answer's score.")
    explanation: str = strawberry.field(description="Why, for people.")
    evidence: list[EvidenceType] = strawberry.field(description="What the score rests on.")


@strawberry.type(
    name="CompetencyScore", description="How far an answer speaks to a competency; 0 to 100 or null."
)
class CompetencyScoreType:
    """How far an answer speaks to a competency."""

    name: str = strawberry.field(description="As the position calls it.")
    weight: float = strawberry.field(description="Its share of the interview's score.")
    score: float | None = strawberry.field(description="0 to 100.")
    evidence: list[EvidenceType] = strawberry.field(description="What the score rests on.")
    reason: str | None = strawberry.field(description="Why there is no score.")


@strawberry.type(name="DerivedScore", description="Computed from observables by a published formula.")
class DerivedScoreType:
    """A derived number, or null with a reason."""

    name: str = strawberry.field(description="The number's name.")
    value: float | None = strawberry.field(description="In its unit.")
    unit: str = strawberry.field(description="Of the value.")
    formula: str = strawberry.field(description="How it follows from its inputs.")
    inputs: list[str] = strawberry.field(description="The observables that it is computed from.")
    reason: str | None = strawberry.field(description="Why there is no value.")


@strawberry.type(name="ModelVersion", description="A model or measure and its version.")
class ModelVersionType:
    """A model or measure and its version."""

    name: str = strawberry.field(description="What it does.")
    version: str = strawberry.field(description="Which one was used.")


def resolve_models(root: Versions) -> list[ModelVersionType]:
    """The models behind a score, by name."""
    return [ModelVersionType(name=name, version=version) for name, version in sorted(root.models.items())]


@strawberry.type(name="Versions", description="What produced a score, so that it can be repeated.")
class VersionsType:
    """The versions behind a score."""

    judge: str = strawberry.field(description="What scored.")
    rubric: str = strawberry.field(description="What it scored by.")
    formulas: str = strawberry.field(description="What numbers were derived by.")
    models: list[ModelVersionType] = strawberry.field(
        resolver=resolve_models, description="What heard and saw."
    )


@strawberry.type(name="Score", description="A judgement from 0 to 100 with its grounds, or null.")
class ScoreType:
    """An answer's score."""

    overall: float | None = strawberry.field(description="0 to 100, the machine's.")
    reason: str | None = strawberry.field(description="Why there is no score.")
    detail: str | None = strawberry.field(description="More about the reason.")
    confidence: float | None = strawberry.field(description="How sure the judge is, 0 to 1.")
    feedback: str = strawberry.field(description="What to say to the candidate.")
    criteria: list[CriterionType] = strawberry.field(description="The rubric, point by point.")
    competencies: list[CompetencyScoreType] = strawberry.field(
        description="What it says about what the position asks for."
    )
    voice: list[DerivedScoreType] = strawberry.field(description="Derived from how the answer sounds.")
    face: list[DerivedScoreType] = strawberry.field(description="Derived from how the camera saw it.")
    versions: VersionsType = strawberry.field(description="What produced it.")


@strawberry.type(
    name="Transcript", description="What was said; null when it can't be trusted, with the reason."
)
class TranscriptType:
    """What was said; null when it can't be trusted, with the reason."""

    text: str | None = strawberry.field(description="What was said.")
    duration: float | None = strawberry.field(description="Seconds of the recording.")
    language: str | None = strawberry.field(description="As a two-letter code.")
    reason: str | None = strawberry.field(description="Why there is no text.")


@strawberry.type(name="NamedValue", description="A number behind a finding.")
class NamedValueType:
    """A number behind a finding."""

    name: str = strawberry.field(description="What the number is.")
    value: float = strawberry.field(description="The number.")


def resolve_values(root: IntegrityEvent) -> list[NamedValueType]:
    """The numbers behind a finding, by name."""
    return [NamedValueType(name=name, value=value) for name, value in sorted(root.values.items())]


@strawberry.type(name="IntegrityEvent", description="Something noticed, from start to end in seconds.")
class IntegrityEventType:
    """Something noticed, from start to end in seconds."""

    kind: IntegrityKind = strawberry.field(description="What was noticed.")
    start: float = strawberry.field(description="Seconds from the beginning of the recording.")
    end: float = strawberry.field(description="Seconds from the beginning of the recording.")
    severity: Severity = strawberry.field(description="How much it weighs.")
    values: list[NamedValueType] = strawberry.field(
        resolver=resolve_values, description="The numbers behind it."
    )


@strawberry.type(name="Integrity", description="A finding for a human, never a verdict.")
class IntegrityType:
    """An answer's integrity report."""

    band: RiskBand = strawberry.field(description="The risk band.")
    reason: str | None = strawberry.field(description="Why it is unavailable.")
    events: list[IntegrityEventType] = strawberry.field(description="What was noticed, in time.")


@strawberry.type(name="ScoreOverride", description="A human's score beside the machine's.")
class OverrideType:
    """An override with its author, time and reason."""

    overall: float = strawberry.field(description="0 to 100.")
    reason: str = strawberry.field(description="Why.")
    by: str = strawberry.field(description="The id of the principal who gave it.")
    at: datetime = strawberry.field(description="When.")
    pipeline_id: strawberry.ID | None = strawberry.field(
        description="The answer that it is about; null for the interview."
    )


@strawberry.type(name="Answer", description="A candidate's recorded answer to one question.")
class AnswerType:
    """An answer with what is known of it so far."""

    id: strawberry.ID = strawberry.field(description="The pipelineId.")
    question_id: str = strawberry.field(description="The caller's own id of the question.")
    question_text: str = strawberry.field(description="As it was asked.")
    video_response_id: str = strawberry.field(description="The caller's own id of the answer.")
    status: AnswerStatus = strawberry.field(description="Worked on, there, or lost.")
    stage: Stage = strawberry.field(description="How far the work on it has come.")
    reason: str | None = strawberry.field(description="Why there is no score.")
    transcript: TranscriptType = strawberry.field(description="What was said.")
    observables: list[ObservableType] = strawberry.field(description="What was measured.")
    overall_score: float | None = strawberry.field(
        description="0 to 100: a human's where there is one, else the machine's."
    )
    overrides: list[OverrideType] = strawberry.field(description="What humans have said, oldest first.")
    score: ScoreType | None = strawberry.field(description="The machine's judgement, once there is one.")
    integrity: IntegrityType | None = strawberry.field(description="The findings, once there are any.")


SHOWN: Mapping[type, type[Value]] = {
    ObservableType: Observable,
    EvidenceType: Evidence,
    CriterionType: CriterionScore,
    CompetencyScoreType: CompetencyScore,
    DerivedScoreType: DerivedScore,
    VersionsType: Versions,
    ScoreType: ScoreGenerated,
    IntegrityEventType: IntegrityEvent,
    IntegrityType: ProctoringFeatures,
}
"""The types whose fields are read from a contract's values as they are, and from which."""
