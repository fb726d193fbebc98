"""From a judgement, or the lack of one, to the fact that ends an answer."""

from dataclasses import dataclass
from datetime import datetime

from vivavoce.contracts import (
    InterviewSubmitted,
    MediaFeatures,
    NullReason,
    ScoreGenerated,
    SubmittedAnswer,
    Transcript,
    Versions,
)
from vivavoce.contracts.recordings import RejectionReason
from vivavoce.evaluation.face_scores import face_scores
from vivavoce.evaluation.feedback import feedback, feedback_without_score
from vivavoce.evaluation.judgement import Judgement
from vivavoce.evaluation.voice_scores import voice_scores

Reason = NullReason | RejectionReason


@dataclass(frozen=True)
class Stamp:
    """What produced a score, and when; the time in whole milliseconds, as it is stored."""

    versions: Versions
    at: datetime


def find_answer(submission: InterviewSubmitted, answer_id: str) -> SubmittedAnswer | None:
    """The answer of an interview with this id, or None."""
    return next((answer for answer in submission.answers if answer.answer_id == answer_id), None)


def judged(
    interview_id: str,
    answer: SubmittedAnswer,
    features: MediaFeatures,
    transcript: Transcript | None,
    judgement: Judgement,
    stamp: Stamp,
) -> ScoreGenerated:
    """The score of an answer, with what was measured in voice and picture beside it."""
    versions = stamp.versions.model_copy(update={"models": {**features.models, **stamp.versions.models}})
    return ScoreGenerated(
        interview_id=interview_id,
        answer_id=answer.answer_id,
        question_id=answer.question_id,
        video_response_id=answer.video_response_id,
        overall=judgement.overall,
        reason=judgement.reason,
        detail=judgement.detail,
        confidence=judgement.confidence,
        criteria=judgement.criteria,
        competencies=judgement.competencies,
        voice=voice_scores(
            features.observables, transcript, features.transcript_reason or NullReason.UNAVAILABLE
        ),
        face=face_scores(features.observables, features.face_reason or NullReason.UNAVAILABLE),
        feedback=_feedback(judgement),
        versions=versions,
        scored_at=stamp.at,
    )


def unscored(
    interview_id: str, answer: SubmittedAnswer, reason: Reason, stamp: Stamp, detail: str | None = None
) -> ScoreGenerated:
    """The null score of an answer of which nothing was measured."""
    missing = reason if isinstance(reason, NullReason) else NullReason.UNAVAILABLE
    return ScoreGenerated(
        interview_id=interview_id,
        answer_id=answer.answer_id,
        question_id=answer.question_id,
        video_response_id=answer.video_response_id,
        overall=None,
        reason=reason,
        detail=detail,
        voice=voice_scores((), None, missing),
        face=face_scores((), missing),
        feedback=feedback_without_score(reason),
        versions=stamp.versions,
        scored_at=stamp.at,
    )


def _feedback(judgement: Judgement) -> str:
    if judgement.overall is None:
        return feedback_without_score(judgement.reason or NullReason.UNAVAILABLE)
    return feedback(judgement.overall, judgement.criteria)
