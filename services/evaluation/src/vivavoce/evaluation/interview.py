"""An interview as evaluation knows it: one document, whatever order its parts arrive in."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from vivavoce.chassis.documents import Document, Index
from vivavoce.contracts import (
    IntegrityReported,
    InterviewCompleted,
    InterviewSubmitted,
    MediaFeatures,
    RecordingRejected,
    RiskBand,
    ScoreGenerated,
)
from vivavoce.evaluation.scoring import Stamp, find_answer, unscored


class AnswerState(BaseModel):
    """What is known of one answer. `features` and `rejection` wait here until there is a score."""

    model_config = ConfigDict(frozen=True)

    features: MediaFeatures | None = None
    rejection: RecordingRejected | None = None
    band: RiskBand | None = None
    score: ScoreGenerated | None = None


class Interview(Document):
    """`submission` is null until it has come; `completed` until the interview has ended.

    `deadline` is set while the interview is open. `unjudged` says that features wait although the
    submission is there.
    """

    submission: InterviewSubmitted | None = None
    answers: dict[str, AnswerState] = Field(default_factory=dict)
    integrity: IntegrityReported | None = None
    completed: InterviewCompleted | None = None
    deadline: datetime | None = None
    unjudged: bool = False
    correlation_id: str = ""

    def answer(self, answer_id: str) -> AnswerState:
        """What is known of an answer, be it nothing."""
        return self.answers.get(answer_id, AnswerState())

    @property
    def scores(self) -> tuple[ScoreGenerated, ...]:
        """The scores so far, in the order of the answers' first mention."""
        return tuple(state.score for state in self.answers.values() if state.score is not None)


INDEXES = (Index((("deadline", 1),)), Index((("unjudged", 1),)))


def opened(
    interview: Interview,
    submission: InterviewSubmitted,
    deadline: datetime,
    correlation_id: str,
    stamp: Stamp,
) -> Interview:
    """The interview with its submission; answers rejected before it came get their null scores."""
    if interview.submission is not None:
        return interview
    changes = {"submission": submission, "deadline": deadline, "correlation_id": correlation_id}
    with_submission = interview.model_copy(update=changes)
    rejected = [state.rejection for state in interview.answers.values() if state.rejection is not None]
    for rejection in rejected:
        with_submission = with_rejection(with_submission, rejection, stamp)
    return refreshed(with_submission)


def with_features(interview: Interview, features: MediaFeatures) -> Interview:
    """The interview with features that wait to be judged; they outdo an earlier rejection."""
    return _updated(interview, features.answer_id, features=features, rejection=None)


def with_score(interview: Interview, score: ScoreGenerated) -> Interview:
    """The interview with an answer's score; the first one stands."""
    if interview.answer(score.answer_id).score is not None:
        return interview
    return _updated(interview, score.answer_id, score=score, features=None, rejection=None)


def with_rejection(interview: Interview, rejection: RecordingRejected, stamp: Stamp) -> Interview:
    """The interview with an answer ended by its rejection; kept until the submission has come.

    An answer whose features wait to be judged is not rejected any more.
    """
    if interview.answer(rejection.answer_id).features is not None:
        return interview
    if interview.submission is None:
        return _updated(interview, rejection.answer_id, rejection=rejection)
    answer = find_answer(interview.submission, rejection.answer_id)
    if answer is None:
        return interview
    return with_score(interview, unscored(interview.id, answer, rejection.reason, stamp, rejection.detail))


def with_band(interview: Interview, answer_id: str, band: RiskBand) -> Interview:
    """The interview with one answer's risk band."""
    return _updated(interview, answer_id, band=band)


def with_integrity(interview: Interview, report: IntegrityReported) -> Interview:
    """The interview with its integrity report; the first one stands."""
    return (
        interview if interview.integrity is not None else interview.model_copy(update={"integrity": report})
    )


def waiting(interview: Interview) -> tuple[MediaFeatures, ...]:
    """The features that can be judged now: their answer is listed and has no score."""
    if interview.submission is None or interview.completed is not None:
        return ()
    states = (interview.answer(answer.answer_id) for answer in interview.submission.answers)
    return tuple(state.features for state in states if state.features is not None and state.score is None)


def unscored_answers(interview: Interview) -> tuple[str, ...]:
    """The listed answers that have no score yet."""
    listed = interview.submission.answers if interview.submission is not None else ()
    return tuple(a.answer_id for a in listed if interview.answer(a.answer_id).score is None)


def refreshed(interview: Interview) -> Interview:
    """The interview with `unjudged` saying what is so."""
    return interview.model_copy(update={"unjudged": bool(waiting(interview))})


def with_scores(interview: Interview, scores: Iterable[ScoreGenerated]) -> Interview:
    """The interview with several answers' scores."""
    for score in scores:
        interview = with_score(interview, score)
    return interview


def _updated(interview: Interview, answer_id: str, **changes: object) -> Interview:
    state = interview.answer(answer_id).model_copy(update=changes)
    return refreshed(interview.model_copy(update={"answers": interview.answers | {answer_id: state}}))
