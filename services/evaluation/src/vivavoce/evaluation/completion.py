"""When an interview ends, and what is said of it then."""

from collections.abc import Sequence
from datetime import datetime
from statistics import fmean

from vivavoce.contracts import (
    AnswerOutcome,
    Competency,
    CompetencyTotal,
    InterviewCompleted,
    InterviewStatus,
    InterviewSubmitted,
    NullReason,
    RiskBand,
    ScoreGenerated,
)
from vivavoce.evaluation.interview import Interview, refreshed, unscored_answers, with_scores
from vivavoce.evaluation.scoring import Reason, Stamp, find_answer, unscored

FINDINGS = (RiskBand.HIGH, RiskBand.ELEVATED)


def closed(interview: Interview, at: datetime) -> Interview:
    """The interview ended, if every answer has its score and the integrity report has come."""
    if interview.integrity is None or unscored_answers(interview):
        return interview
    return _ended(interview, at)


def closed_at_deadline(interview: Interview, stamp: Stamp) -> Interview:
    """The interview ended with what is there; answers without a score get null, `deadline_passed`."""
    if interview.submission is None or interview.completed is not None:
        return interview
    missing = [find_answer(interview.submission, answer_id) for answer_id in unscored_answers(interview)]
    scores = [
        unscored(interview.id, answer, NullReason.DEADLINE_PASSED, stamp)
        for answer in missing
        if answer is not None
    ]
    return _ended(with_scores(interview, scores), stamp.at)


def _ended(interview: Interview, at: datetime) -> Interview:
    if interview.submission is None or interview.completed is not None:
        return interview
    completed = _completed(interview, interview.submission, at)
    return refreshed(interview.model_copy(update={"completed": completed, "deadline": None}))


def _completed(interview: Interview, submission: InterviewSubmitted, at: datetime) -> InterviewCompleted:
    found = {score.answer_id: score for score in interview.scores}
    scores = [found[answer.answer_id] for answer in submission.answers]
    totals = [score.overall for score in scores if score.overall is not None]
    return InterviewCompleted(
        interview_id=interview.id,
        application_id=submission.application_id,
        status=status_of(len(totals), len(scores)),
        overall=round(fmean(totals), 2) if totals else None,
        competencies=tuple(_total(one, scores) for one in submission.position.competencies),
        answers=tuple(_outcome(score) for score in scores),
        integrity_band=integrity_band(interview),
        completed_at=at,
    )


def status_of(scored: int, answers: int) -> InterviewStatus:
    """`completed` when every answer has a number, `partial` when some have, `failed` when none has."""
    if not scored:
        return InterviewStatus.FAILED
    return InterviewStatus.COMPLETED if scored == answers else InterviewStatus.PARTIAL


def integrity_band(interview: Interview) -> RiskBand:
    """The reported band; without a report, a finding of a single answer, so that none gets lost.

    Otherwise it is `unavailable`: the answers that are missing might have had a finding.
    """
    if interview.integrity is not None:
        return interview.integrity.band
    known = {state.band for state in interview.answers.values()}
    return next((band for band in FINDINGS if band in known), RiskBand.UNAVAILABLE)


def _total(competency: Competency, scores: Sequence[ScoreGenerated]) -> CompetencyTotal:
    """The mean over the answers that touch the competency; without any, why there is none."""
    found = [
        shown.score
        for score in scores
        for shown in score.competencies
        if shown.name == competency.name and shown.score is not None
    ]
    mean = round(fmean(found), 2) if found else None
    reason = None if found else _why_untouched(scores)
    return CompetencyTotal(name=competency.name, weight=competency.weight, score=mean, reason=reason)


def _why_untouched(scores: Sequence[ScoreGenerated]) -> Reason:
    """`not_touched` when an answer was judged, else why the first one was not."""
    missing = [score.reason or NullReason.UNAVAILABLE for score in scores if score.overall is None]
    return missing[0] if missing and len(missing) == len(scores) else NullReason.NOT_TOUCHED


def _outcome(score: ScoreGenerated) -> AnswerOutcome:
    return AnswerOutcome(
        answer_id=score.answer_id,
        question_id=score.question_id,
        video_response_id=score.video_response_id,
        overall=score.overall,
        reason=score.reason,
    )
