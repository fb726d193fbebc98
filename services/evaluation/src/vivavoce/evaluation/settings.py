"""The settings of the evaluation service."""

from enum import StrEnum

from pydantic import Field

from vivavoce.chassis.settings import OptionalPath, ServiceSettings
from vivavoce.evaluation.gate import Limits


class JudgeKind(StrEnum):
    """Who judges."""

    LOCAL = "local"
    SCRIPTED = "scripted"


class EvaluationSettings(ServiceSettings):
    """Who judges, what an answer needs to be judged, and how long an interview may stay open."""

    service_name: str = Field(default="evaluation", description="Name in logs, events and consumer groups.")
    mongodb_database: str = Field(
        default="viva_evaluation", description="Name of the service's own database."
    )
    evaluation_judge: JudgeKind = Field(
        default=JudgeKind.LOCAL,
        description="local: rules and a packaged model, offline; scripted: fixed numbers, for trials.",
    )
    embedding_model: OptionalPath = Field(
        default=None, description="ONNX file of the sentence model; empty takes the installed package's."
    )
    embedding_tokenizer: OptionalPath = Field(
        default=None, description="tokenizer.json of the sentence model; empty takes the installed package's."
    )
    min_answer_words: int = Field(
        default=12, ge=1, description="Fewer words end an answer as insufficient_speech."
    )
    min_answer_seconds: float = Field(
        default=4.0, ge=0, description="Less time from first to last word ends it as insufficient_speech."
    )
    min_answer_confidence: float = Field(
        default=0.4, ge=0, le=1, description="A lower mean word probability ends it as low_asr_confidence."
    )
    judged_languages: tuple[str, ...] = Field(
        default=("en",),
        description="Languages that the judge is given; others end as unsupported_language.",
    )
    interview_deadline: float = Field(
        default=7200.0,
        gt=0,
        description="Seconds after which an open interview ends without the results that are missing.",
    )
    caretaker_interval: float = Field(
        default=5.0, gt=0, description="Seconds between looks for unjudged answers and overdue interviews."
    )

    def limits(self) -> Limits:
        """What an answer needs to be judged, as the gate takes it."""
        return Limits(
            min_words=self.min_answer_words,
            min_seconds=self.min_answer_seconds,
            min_word_confidence=self.min_answer_confidence,
            languages=self.judged_languages,
        )
