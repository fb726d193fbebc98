"""Interviews as a whole: how they begin and how they end."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from vivavoce.contracts.fact import Fact, Value
from vivavoce.contracts.features import NullReason
from vivavoce.contracts.proctoring import RiskBand
from vivavoce.contracts.recordings import RejectionReason


class InterviewStatus(StrEnum):
    """How an interview ended: every answer scored, some of them, or none."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"


class Competency(Value):
    """What the position asks for; the weights of one position sum to 1."""

    name: str
    weight: float = Field(ge=0, le=1)


class Position(Value):
    """The job that the candidate is interviewed for."""

    id: str
    title: str
    competencies: tuple[Competency, ...] = ()


class SubmittedAnswer(Value):
    """One recorded answer and the question that it answers."""

    answer_id: str
    question_id: str
    question_text: str
    video_response_id: str


class InterviewSubmitted(Fact, type="interview.submitted"):
    """Emitted when a recorded interview has been accepted.

    `masked_terms` are words that identify the candidate; a judge must not see them. Media
    addresses are not here: they travel in `recording.requested`, to media only.
    """

    interview_id: str
    application_id: str
    external_id: str
    position: Position
    answers: tuple[SubmittedAnswer, ...]
    masked_terms: tuple[str, ...] = ()
    submitted_at: datetime


class AnswerOutcome(Value):
    """How one answer ended: its score 0-100, or null with the reason."""

    answer_id: str
    question_id: str
    video_response_id: str
    overall: float | None
    reason: NullReason | RejectionReason | None = None


class CompetencyTotal(Value):
    """One competency over all scored answers, 0-100, or null with a reason when nothing spoke to it."""

    name: str
    weight: float
    score: float | None
    reason: NullReason | RejectionReason | None = None


class InterviewCompleted(Fact, type="interview.completed"):
    """Emitted when every answer of an interview has ended, or its final deadline has passed."""

    public = True

    interview_id: str
    application_id: str
    status: InterviewStatus
    overall: float | None
    competencies: tuple[CompetencyTotal, ...]
    answers: tuple[AnswerOutcome, ...]
    integrity_band: RiskBand
    completed_at: datetime
