"""What the gateway's answers say, as far as the command line shows it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from vivavoce.contracts import (
    CompetencyScore,
    CriterionScore,
    IntegrityEvent,
    Observable,
    RiskBand,
    Stage,
    Versions,
)


class View(BaseModel):
    """Part of an answer with camel-case names; what isn't shown is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class PipelineView(View):
    """The id under which one answer is worked on."""

    question_id: str
    pipeline_id: str


class AcceptedView(View):
    """A submission that will end, whatever happens."""

    interview_record_id: str
    pipelines: tuple[PipelineView, ...]
    warnings: tuple[str, ...] = ()


class AnswerState(View):
    """How far one answer has come: its stage and the share of that stage, 0 to 1."""

    pipeline_id: str
    question_id: str
    status: str
    stage: Stage
    share: float
    overall_score: float | None = None
    reason: str | None = None


class CompetencyState(View):
    """One competency over the whole interview."""

    name: str
    weight: float
    score: float | None = None
    reason: str | None = None


class InterviewState(View):
    """How far an interview has come; `status` is `processing` until it ends."""

    interview_record_id: str
    status: str
    share: float
    overall_score: float | None = None
    integrity_band: RiskBand | None = None
    competencies: tuple[CompetencyState, ...] = ()
    answers: tuple[AnswerState, ...]
    messages: dict[str, str] = Field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing more is worked on."""
        return self.status != "processing"


class Transcription(View):
    """What was said, and the recording's length in seconds."""

    text: str | None = None
    duration: float | None = None
    language: str | None = None


class EvaluationView(View):
    """The judgement, 0 to 100, with its grounds."""

    overall_score: float | None = None
    feedback: str | None = None
    confidence: float | None = None
    detail: str | None = None
    criteria: tuple[CriterionScore, ...] = ()
    competencies: tuple[CompetencyScore, ...] = ()


class ResultView(View):
    """Everything about one answer; `reasons` says by path why something is null, `messages` by code."""

    transcription: Transcription
    voice_scores: dict[str, float | None] = Field(default_factory=dict)
    face_scores: dict[str, float | None] = Field(default_factory=dict)
    evaluation_result: EvaluationView
    observables: tuple[Observable, ...] = ()
    integrity_band: RiskBand | None = None
    integrity_events: tuple[IntegrityEvent, ...] = ()
    reasons: dict[str, str] = Field(default_factory=dict)
    messages: dict[str, str] = Field(default_factory=dict)
    versions: Versions | None = None


class JobView(View):
    """How one answer ended: with a result, or with why there is none and what can be done."""

    status: Literal["success", "failed"]
    pipeline_id: str
    question_id: str
    result: ResultView | None = None
    reason: str | None = None
    message: str | None = None
    advice: str | None = None
    detail: str | None = None
    integrity_band: RiskBand | None = None
    versions: Versions | None = None
