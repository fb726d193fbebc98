"""What a judge is given, and what it gives back."""

from pydantic import BaseModel, ConfigDict

from vivavoce.contracts import Competency, CompetencyScore, CriterionScore, NullReason, Transcript


class Task(BaseModel):
    """One answer to judge: what was asked, what was said, and words that the judge must not weigh."""

    model_config = ConfigDict(frozen=True)

    question: str
    competencies: tuple[Competency, ...]
    transcript: Transcript
    masked_terms: tuple[str, ...] = ()


class Judgement(BaseModel):
    """A judge's finding: the total 0-100 is the sum of the criteria's contributions.

    Without a total, `reason` says why there is none. `confidence` is 0-1. `detail` is a note for
    people, such as that the transcript speaks to the judge.
    """

    model_config = ConfigDict(frozen=True)

    overall: float | None
    reason: NullReason | None = None
    confidence: float | None = None
    criteria: tuple[CriterionScore, ...] = ()
    competencies: tuple[CompetencyScore, ...] = ()
    detail: str | None = None
