"""What lists show of an interview: a small document that is found and ordered by indexes alone."""

from datetime import UTC, datetime
from enum import StrEnum

from vivavoce.chassis.documents import Document, Index
from vivavoce.contracts import InterviewStatus, RiskBand

NOT_YET = "-"
"""Sorts before every time and score: what has not ended comes last, latest or highest first."""


class Standing(StrEnum):
    """Whether an interview is still worked on, or how it ended."""

    PROCESSING = "processing"
    COMPLETED = InterviewStatus.COMPLETED.value
    PARTIAL = InterviewStatus.PARTIAL.value
    FAILED = InterviewStatus.FAILED.value


class Order(StrEnum):
    """What a list of interviews is ordered by."""

    SUBMITTED_AT = "by_submission"
    COMPLETED_AT = "by_completion"
    OVERALL_SCORE = "by_score"


class Entry(Document):
    """One interview in lists, under the interview's own id.

    Each `by_…` is a text that orders by that value and then by the id, so that no two are equal and a
    range of it begins exactly after an entry.
    """

    submitted_by: str
    candidate_email: str
    application_id: str
    external_id: str
    position_id: str
    status: Standing
    integrity_band: RiskBand | None
    overall: float | None
    submitted_at: datetime
    by_submission: str
    by_completion: str
    by_score: str


INDEXES = (
    Index((("organization_id", 1), ("by_submission", 1))),
    Index((("organization_id", 1), ("by_completion", 1))),
    Index((("organization_id", 1), ("by_score", 1))),
    Index((("organization_id", 1), ("submitted_by", 1), ("by_submission", 1))),
    Index((("organization_id", 1), ("candidate_email", 1), ("by_submission", 1))),
    Index((("organization_id", 1), ("application_id", 1), ("by_submission", 1))),
    Index((("organization_id", 1), ("external_id", 1), ("by_submission", 1))),
)


def time_key(at: datetime | None, entry_id: str) -> str:
    """A text that orders by a time to the millisecond, then by the id."""
    shown = NOT_YET if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds")
    return f"{shown}/{entry_id}"


def score_key(score: float | None, entry_id: str) -> str:
    """A text that orders by a score from 0 to 100, to the thousandth, then by the id."""
    shown = NOT_YET if score is None else f"{score:07.3f}"
    return f"{shown}/{entry_id}"
