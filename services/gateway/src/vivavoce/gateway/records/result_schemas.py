"""What the records family shows: the reference's fields with what stands beside them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from vivavoce.contracts import (
    CompetencyScore,
    CriterionScore,
    IntegrityEvent,
    InterviewStatus,
    Observable,
    RiskBand,
    Stage,
    Versions,
)
from vivavoce.gateway.interviews.rules import AnswerStatus
from vivavoce.gateway.records.schemas import Body


class Transcription(Body):
    """What was said, or null, and the recording's length in seconds."""

    text: str | None
    duration: float | None
    language: str | None = None


class FaceScores(Body):
    """Computed from camera observables by published formulas; none uses expressions."""

    model_config = ConfigDict(alias_generator=None)

    confidence: float | None
    engagement: float | None
    eye_contact: float | None


class VoiceScores(Body):
    """Computed from voice observables by published formulas; speech rate is words per minute."""

    model_config = ConfigDict(alias_generator=None)

    clarity: float | None
    confidence: float | None
    speech_rate: float | None


class EvaluationResult(Body):
    """The judgement of what was said, 0 to 100, with its grounds."""

    overall_score: float | None
    feedback: str | None
    confidence: float | None = None
    detail: str | None = None
    criteria: tuple[CriterionScore, ...] = ()
    competencies: tuple[CompetencyScore, ...] = ()


class Result(Body):
    """Everything about one answer. What is null has its reason in `reasons`, by its path here."""

    transcription: Transcription
    face_scores: FaceScores
    voice_scores: VoiceScores
    evaluation_result: EvaluationResult
    observables: tuple[Observable, ...] = ()
    integrity_band: RiskBand | None = None
    integrity_events: tuple[IntegrityEvent, ...] = ()
    reasons: dict[str, str] = Field(default_factory=dict)
    messages: dict[str, str] = Field(
        default_factory=dict, description="What each reason code in this result means, by its code."
    )
    versions: Versions | None = None


class JobIds(Body):
    """The ids that lead back to the submission."""

    interview_record_id: str
    pipeline_id: str
    question_id: str
    video_response_id: str


class JobSucceeded(JobIds):
    """The answer's result, with nulls and reasons for what could not be had."""

    status: Literal["success"] = "success"
    result: Result


class JobFailed(JobIds):
    """The answer ended without anything: why, and what can be done about it."""

    status: Literal["failed"] = "failed"
    reason: str
    message: str
    advice: str
    detail: str | None = None
    integrity_band: RiskBand | None = None
    versions: Versions | None = None


class JobNotFound(BaseModel):
    """No such answer, or not ready yet; with `Retry-After` when it is worked on."""

    status: Literal["not_found"] = "not_found"
    message: Literal["Sonuç bulunamadı."] = "Sonuç bulunamadı."


class AnswerState(JobIds):
    """How far one answer has come: its stage, and the share of that stage that is done."""

    status: AnswerStatus
    stage: Stage
    share: float
    overall_score: float | None = None
    reason: str | None = None


class CompetencyState(Body):
    """One competency over the whole interview."""

    name: str
    weight: float
    score: float | None
    reason: str | None = None


class InterviewState(Body):
    """How far an interview has come, and its totals once it has ended."""

    ok: Literal[True] = True
    interview_record_id: str
    application_id: str
    interview_id: str
    status: Literal["processing"] | InterviewStatus
    share: float
    submitted_at: datetime
    completed_at: datetime | None = None
    overall_score: float | None = None
    competencies: tuple[CompetencyState, ...] = ()
    integrity_band: RiskBand | None = None
    warnings: tuple[str, ...] = ()
    answers: tuple[AnswerState, ...]
    messages: dict[str, str] = Field(
        default_factory=dict, description="What each reason code in this state means, by its code."
    )
