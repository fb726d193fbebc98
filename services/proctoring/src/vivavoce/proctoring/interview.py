"""An interview as proctoring knows it: one document, whatever order its parts arrive in."""

from pydantic import Field

from vivavoce.chassis.documents import Document
from vivavoce.contracts import (
    AnswerIntegrity,
    IntegrityReported,
    InterviewSubmitted,
    ProctoringFeatures,
    RiskBand,
)
from vivavoce.proctoring.risk import band_of, findings
from vivavoce.proctoring.thresholds import RULES_VERSION


class Interview(Document):
    """`listed` are the answers that belong to it, null until the submission has come.

    `answers` holds each answer's output as it was emitted, `report` the interview's.
    """

    listed: tuple[str, ...] | None = None
    answers: dict[str, ProctoringFeatures] = Field(default_factory=dict)
    report: IntegrityReported | None = None


def opened(interview: Interview, submitted: InterviewSubmitted) -> Interview:
    """The interview with the list of its answers; a list that is there already stands."""
    if interview.listed is not None:
        return interview
    listed = tuple(answer.answer_id for answer in submitted.answers)
    return interview.model_copy(update={"listed": listed})


def with_answer(interview: Interview, features: ProctoringFeatures) -> Interview:
    """The interview with one more answer ended."""
    return interview.model_copy(update={"answers": interview.answers | {features.answer_id: features}})


def reported(interview: Interview) -> Interview:
    """The interview with its report, as soon as every listed answer has ended; only once."""
    if interview.report is not None or interview.listed is None:
        return interview
    if not set(interview.listed) <= interview.answers.keys():
        return interview
    ended = [interview.answers[answer_id] for answer_id in interview.listed]
    report = IntegrityReported(
        interview_id=interview.id,
        band=_band(ended),
        answers=tuple(_line(features) for features in ended),
        rules_version=RULES_VERSION,
    )
    return interview.model_copy(update={"report": report})


def _band(ended: list[ProctoringFeatures]) -> RiskBand:
    """The band of all answers' findings together; answers without a track don't lower or raise it."""
    seen = [features for features in ended if features.band is not RiskBand.UNAVAILABLE]
    if not seen:
        return RiskBand.UNAVAILABLE
    kinds = [findings(features.events) for features in seen]
    return band_of(frozenset().union(*kinds))


def _line(features: ProctoringFeatures) -> AnswerIntegrity:
    return AnswerIntegrity(
        answer_id=features.answer_id,
        band=features.band,
        event_count=len(features.events),
        reason=features.reason,
    )
