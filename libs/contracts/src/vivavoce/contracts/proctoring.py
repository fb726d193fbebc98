"""Integrity: findings for a human, with the values behind them; never a verdict."""

from enum import StrEnum

from vivavoce.contracts.fact import Fact, Value
from vivavoce.contracts.features import NullReason
from vivavoce.contracts.recordings import RejectionReason


class IntegrityKind(StrEnum):
    """What kind of thing was noticed."""

    NOBODY_VISIBLE = "nobody_visible"
    SEVERAL_PEOPLE = "several_people"
    LOOKING_AWAY = "looking_away"


class Severity(StrEnum):
    """How much attention an event deserves, the least first."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"


class RiskBand(StrEnum):
    """How much attention an answer or an interview deserves. `high` needs two independent signals."""

    LOW = "low"
    ELEVATED = "elevated"
    HIGH = "high"
    UNAVAILABLE = "unavailable"


class IntegrityEvent(Value):
    """Something noticed from `start` to `end` seconds; `values` are the numbers behind it."""

    kind: IntegrityKind
    start: float
    end: float
    severity: Severity
    values: dict[str, float]


class ProctoringFeatures(Fact, type="proctoring.features"):
    """Emitted when one answer has ended for proctoring: its events and band, or why unavailable."""

    interview_id: str
    answer_id: str
    band: RiskBand
    events: tuple[IntegrityEvent, ...] = ()
    reason: NullReason | RejectionReason | None = None
    rules_version: str


class AnswerIntegrity(Value):
    """One answer's part of the interview's report."""

    answer_id: str
    band: RiskBand
    event_count: int
    reason: NullReason | RejectionReason | None = None


class IntegrityReported(Fact, type="integrity.reported"):
    """Emitted when every answer of an interview has ended for proctoring."""

    interview_id: str
    band: RiskBand
    answers: tuple[AnswerIntegrity, ...]
    rules_version: str
