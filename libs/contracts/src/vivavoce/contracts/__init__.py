"""The published language: every fact that crosses a service boundary, its topic and its ids."""

from vivavoce.contracts.asking import AskFailed, Question
from vivavoce.contracts.envelope import Envelope
from vivavoce.contracts.fact import Fact, Value
from vivavoce.contracts.features import (
    FaceSample,
    FaceTrack,
    FacingCamera,
    MediaFeatures,
    NullReason,
    Observable,
    Transcript,
    Word,
)
from vivavoce.contracts.interviews import (
    AnswerOutcome,
    Competency,
    CompetencyTotal,
    InterviewCompleted,
    InterviewStatus,
    InterviewSubmitted,
    Position,
    SubmittedAnswer,
)
from vivavoce.contracts.proctoring import (
    AnswerIntegrity,
    IntegrityEvent,
    IntegrityKind,
    IntegrityReported,
    ProctoringFeatures,
    RiskBand,
    Severity,
)
from vivavoce.contracts.progress import PipelineProgress, Stage
from vivavoce.contracts.recordings import (
    ClaimCheck,
    Probe,
    RecordingIngested,
    RecordingRejected,
    RecordingRequested,
    RejectionReason,
)
from vivavoce.contracts.registry import FACTS, PUBLIC_FACTS, REQUESTS, fact_class
from vivavoce.contracts.scores import (
    CompetencyScore,
    CriterionScore,
    DerivedScore,
    Evidence,
    ScoreGenerated,
    Versions,
)
from vivavoce.contracts.topics import Topic, all_topics, dead_letter_topic
from vivavoce.contracts.webhooks import (
    ListWebhooks,
    RegisterWebhook,
    WebhookEndpoint,
    WebhookRegistered,
    WebhooksListed,
)

__all__ = [
    "FACTS",
    "PUBLIC_FACTS",
    "REQUESTS",
    "AnswerIntegrity",
    "AnswerOutcome",
    "AskFailed",
    "ClaimCheck",
    "Competency",
    "CompetencyScore",
    "CompetencyTotal",
    "CriterionScore",
    "DerivedScore",
    "Envelope",
    "Evidence",
    "FaceSample",
    "FaceTrack",
    "FacingCamera",
    "Fact",
    "IntegrityEvent",
    "IntegrityKind",
    "IntegrityReported",
    "InterviewCompleted",
    "InterviewStatus",
    "InterviewSubmitted",
    "ListWebhooks",
    "MediaFeatures",
    "NullReason",
    "Observable",
    "PipelineProgress",
    "Position",
    "Probe",
    "ProctoringFeatures",
    "Question",
    "RecordingIngested",
    "RecordingRejected",
    "RecordingRequested",
    "RegisterWebhook",
    "RejectionReason",
    "RiskBand",
    "ScoreGenerated",
    "Severity",
    "Stage",
    "SubmittedAnswer",
    "Topic",
    "Transcript",
    "Value",
    "Versions",
    "WebhookEndpoint",
    "WebhookRegistered",
    "WebhooksListed",
    "Word",
    "all_topics",
    "dead_letter_topic",
    "fact_class",
]
