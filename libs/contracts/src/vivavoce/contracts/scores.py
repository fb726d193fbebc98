"""Scores: judgements from 0 to 100 with their grounds, or null with a reason."""

from datetime import datetime

from pydantic import Field

from vivavoce.contracts.fact import Fact, Value
from vivavoce.contracts.features import NullReason, Observable
from vivavoce.contracts.recordings import RejectionReason


class Evidence(Value):
    """Grounds: a `quote` that occurs in the transcript with its times, or a measured observable."""

    quote: str | None = None
    start: float | None = None
    end: float | None = None
    observable: Observable | None = None


class CriterionScore(Value):
    """One criterion of the rubric: its score 0-100, its share of the total, and its grounds.

    `contribution` is the number of points of the total 0-100 that this criterion gave.
    """

    name: str
    score: float
    weight: float
    contribution: float
    explanation: str
    evidence: tuple[Evidence, ...] = ()


class CompetencyScore(Value):
    """How far one answer speaks to one competency, 0-100; null with a reason when it doesn't touch it."""

    name: str
    weight: float
    score: float | None
    evidence: tuple[Evidence, ...] = ()
    reason: NullReason | None = None


class DerivedScore(Value):
    """A legacy number computed from observables by a published, versioned formula, or null."""

    name: str
    value: float | None
    unit: str
    formula: str
    inputs: tuple[str, ...] = ()
    reason: NullReason | None = None


class Versions(Value):
    """What produced a score, so that it can be repeated bit by bit."""

    judge: str
    rubric: str
    formulas: str
    models: dict[str, str] = Field(default_factory=dict)


class ScoreGenerated(Fact, type="score.generated"):
    """Emitted when one answer has been scored, or it is settled that it can't be."""

    public = True

    interview_id: str
    answer_id: str
    question_id: str
    video_response_id: str
    overall: float | None
    reason: NullReason | RejectionReason | None = None
    detail: str | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    criteria: tuple[CriterionScore, ...] = ()
    competencies: tuple[CompetencyScore, ...] = ()
    voice: tuple[DerivedScore, ...] = ()
    face: tuple[DerivedScore, ...] = ()
    feedback: str
    versions: Versions
    scored_at: datetime
