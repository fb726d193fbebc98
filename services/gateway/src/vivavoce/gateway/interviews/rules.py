"""How an answer and an interview change with what is learned; pure, and the same in any order.

What is said of an answer that is whole needs its interview no more: it may be None then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vivavoce.contracts import (
    AnswerOutcome,
    CompetencyTotal,
    InterviewCompleted,
    InterviewStatus,
    NullReason,
    ProctoringFeatures,
    RejectionReason,
    RiskBand,
    ScoreGenerated,
    Stage,
)
from vivavoce.gateway.interviews.entries import Entry, Standing, score_key, time_key
from vivavoce.gateway.interviews.repository import Answer, Interview, Override, Source

STAGES = tuple(Stage)
NEVER_CAME = frozenset({NullReason.DEADLINE_PASSED, NullReason.NEVER_ACKNOWLEDGED})
UNTRUSTED_TEXT = frozenset({NullReason.LOW_ASR_CONFIDENCE, NullReason.UNSUPPORTED_LANGUAGE})
PROCESSING = "processing"


@dataclass(frozen=True)
class Waits:
    """How long after its interview's end a result that isn't whole is waited for.

    `settle` when nothing more is expected, `longest` while something must still be on its way.
    """

    settle: timedelta
    longest: timedelta


class AnswerStatus(StrEnum):
    """What is to be said of an answer: still worked on, there with whatever could be had, or lost."""

    PROCESSING = "processing"
    SUCCESS = "success"
    FAILED = "failed"


def later_score(known: ScoreGenerated | None, learned: ScoreGenerated) -> ScoreGenerated:
    """Which of two scores stands: the later one, whichever came first."""
    return learned if known is None or learned.scored_at > known.scored_at else known


def better_integrity(known: ProctoringFeatures | None, learned: ProctoringFeatures) -> ProctoringFeatures:
    """Which of two reports stands: one that could be made beats one that could not."""
    if known is None or (known.band is RiskBand.UNAVAILABLE and learned.band is not RiskBand.UNAVAILABLE):
        return learned
    return known


def told_by(known: Source | None, learned: Source) -> bool:
    """Whether a part is what this fact told: then it may be told again, and mends what was damaged."""
    return known is not None and known.event_id == learned.event_id


def is_news(part: object, known: Source | None, learned: Source) -> bool:
    """Whether a fact may tell a part: not when a later one has told what is there."""
    return part is None or known is None or told_by(known, learned) or learned.at > known.at


def stage_of(answer: Answer, interview: Interview) -> Stage:
    """The furthest stage that stored facts prove."""
    if answer.score is not None or interview.completion is not None:
        return Stage.ENDED
    if answer.features is not None or answer.rejection is not None:
        return Stage.SCORING
    return Stage.ACCEPTED


def is_whole(answer: Answer) -> bool:
    """Whether nothing more will come for the answer: score, integrity and media have all spoken."""
    media = answer.features is not None or answer.rejection is not None
    return answer.score is not None and answer.integrity is not None and media


def is_settled(answer: Answer, interview: Interview) -> bool:
    """Whether nothing more is to be expected for the answer: it is whole, or its interview ended without.

    An interview ends by its facts, or by its deadline without some of them; its end says which.
    """
    outcome = outcome_of(answer, interview)
    if is_whole(answer) or (outcome is not None and outcome.reason in NEVER_CAME):
        return True
    media = answer.features is not None or answer.rejection is not None
    end = interview.completion
    watched = answer.integrity is not None or (end is not None and end.integrity_band is RiskBand.UNAVAILABLE)
    return answer.score is not None and media and watched


def is_ready(answer: Answer, interview: Interview | None, now: datetime, waits: Waits) -> bool:
    """Whether a caller may take the result as it is.

    Facts of one interview come over several topics in any order. So the end of the interview makes
    an answer ready only when the rest has come too, or has had its time to come.
    """
    if is_whole(answer):
        return True
    if interview is None:
        return False
    wait = waits.settle if is_settled(answer, interview) else waits.longest
    return interview.ended_at is not None and now - interview.ended_at >= wait


def outcome_of(answer: Answer, interview: Interview | None) -> AnswerOutcome | None:
    """How the interview's end says this answer ended."""
    outcomes = interview.completion.answers if interview and interview.completion else ()
    return next((outcome for outcome in outcomes if outcome.answer_id == answer.id), None)


def overall_of(answer: Answer, interview: Interview | None) -> float | None:
    """The answer's overall score, by its own fact or by the interview's end."""
    if answer.score is not None:
        return answer.score.overall
    outcome = outcome_of(answer, interview)
    return outcome.overall if outcome else None


def reason_of(answer: Answer, interview: Interview | None) -> NullReason | RejectionReason | None:
    """Why the answer has no score, as far as anything says so."""
    if answer.score is not None:
        return answer.score.reason
    if answer.rejection is not None:
        return answer.rejection.reason
    outcome = outcome_of(answer, interview)
    return outcome.reason if outcome else None


def status_of(answer: Answer, interview: Interview | None) -> AnswerStatus:
    """Failed when the recording gave nothing at all; a null score beside measures is a success."""
    if answer.score is None and (interview is None or interview.completion is None):
        return AnswerStatus.PROCESSING
    if answer.features is not None:
        return AnswerStatus.SUCCESS
    return AnswerStatus.FAILED if overall_of(answer, interview) is None else AnswerStatus.SUCCESS


def shown_text(answer: Answer) -> str | None:
    """The transcript's text, unless the recognizer can't be trusted to have heard it."""
    return None if answer.text_reason in UNTRUSTED_TEXT else answer.text


def text_reason_of(answer: Answer, interview: Interview | None) -> NullReason | RejectionReason | None:
    """Why there is no text to show."""
    if shown_text(answer) is not None:
        return None
    if answer.features is not None:
        return answer.text_reason or NullReason.UNAVAILABLE
    return reason_of(answer, interview) or NullReason.UNAVAILABLE


def interview_status(interview: Interview) -> str:
    """`processing`, or how the interview ended."""
    return interview.completion.status if interview.completion else PROCESSING


def override_of(interview: Interview, answer_id: str | None = None) -> Override | None:
    """The human's score that counts for an answer or, without one, for the interview."""
    own = (each for each in reversed(interview.overrides) if each.answer_id == answer_id)
    return next(own, None)


def standing_overall(interview: Interview) -> float | None:
    """The interview's overall score: a human's, where there is one, else the machine's."""
    override = override_of(interview)
    if override is not None:
        return override.overall
    return interview.completion.overall if interview.completion else None


def band_of(interview: Interview) -> RiskBand | None:
    """The interview's risk band, by its report or by its end."""
    end = interview.completion
    return interview.integrity_band or (end.integrity_band if end else None)


def entry_of(interview: Interview) -> Entry:
    """What lists show of an interview."""
    end, overall = interview.completion, standing_overall(interview)
    return Entry(
        id=interview.id,
        organization_id=interview.organization_id,
        submitted_by=interview.submitted_by,
        candidate_email=interview.candidate_email,
        application_id=interview.submitted.application_id,
        external_id=interview.submitted.external_id,
        position_id=interview.submitted.position.id,
        status=Standing(interview_status(interview)),
        integrity_band=band_of(interview),
        overall=overall,
        submitted_at=interview.submitted_at,
        by_submission=time_key(interview.submitted_at, interview.id),
        by_completion=time_key(end.completed_at if end else None, interview.id),
        by_score=score_key(overall, interview.id),
    )


def share_done(answers: Iterable[tuple[Stage, float]]) -> float:
    """How much of an interview is done, 0 to 1: the mean over its answers.

    The stages between `accepted`, which is nothing done, and `ended` weigh alike.
    """
    done = [_reach(stage, share) for stage, share in answers]
    return round(sum(done) / len(done), 3) if done else 0.0


def _reach(stage: Stage, share: float) -> float:
    if stage is Stage.ENDED:
        return 1.0
    return 0.0 if stage is Stage.ACCEPTED else (STAGES.index(stage) - 1 + share) / (len(STAGES) - 2)


def unacknowledged_end(interview: Interview, now: datetime) -> InterviewCompleted:
    """The end of an interview that nobody ever answered for."""
    return InterviewCompleted(
        interview_id=interview.id,
        application_id=interview.submitted.application_id,
        status=InterviewStatus.FAILED,
        overall=None,
        competencies=tuple(
            CompetencyTotal(
                name=competency.name,
                weight=competency.weight,
                score=None,
                reason=NullReason.NEVER_ACKNOWLEDGED,
            )
            for competency in interview.submitted.position.competencies
        ),
        answers=tuple(
            AnswerOutcome(
                answer_id=answer.answer_id,
                question_id=answer.question_id,
                video_response_id=answer.video_response_id,
                overall=None,
                reason=NullReason.NEVER_ACKNOWLEDGED,
            )
            for answer in interview.submitted.answers
        ),
        integrity_band=RiskBand.UNAVAILABLE,
        completed_at=now,
    )
