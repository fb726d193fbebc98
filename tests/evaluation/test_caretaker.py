"""What no event ends, the caretaker ends."""

from datetime import timedelta

import pytest

from tests.support.evaluating import DEADLINE, FIRST, INTERVIEW, SECOND, Desk, integrity, submission
from vivavoce.chassis.errors import DeadlineExceeded
from vivavoce.contracts import (
    InterviewCompleted,
    InterviewStatus,
    NullReason,
    ProctoringFeatures,
    RiskBand,
    ScoreGenerated,
)
from vivavoce.evaluation.handlers import JUDGED_AT_ONCE


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def past_deadline(desk: Desk) -> None:
    """Move the clock and let the caretaker look."""
    await desk.clock.manual.advance(DEADLINE + timedelta(seconds=1))
    await desk.caretaker.look()


async def test_an_overdue_interview_ends_with_what_is_there(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST, SECOND))
    await desk.hand.bring(await desk.features(FIRST))
    await past_deadline(desk)
    completed = await desk.hand.one(InterviewCompleted)
    assert completed.status is InterviewStatus.PARTIAL
    assert completed.integrity_band is RiskBand.UNAVAILABLE
    assert [one.reason for one in completed.answers] == [None, NullReason.DEADLINE_PASSED]
    scores = {score.answer_id: score for _, score in await desk.hand.told(ScoreGenerated)}
    assert scores[SECOND].reason is NullReason.DEADLINE_PASSED


async def test_before_its_deadline_an_interview_stays_open(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.clock.manual.advance(DEADLINE - timedelta(seconds=1))
    await desk.caretaker.look()
    assert await desk.hand.told(InterviewCompleted) == []


async def test_an_interview_is_closed_once(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await past_deadline(desk)
    await desk.caretaker.look()
    await desk.hand.bring(integrity(FIRST))
    await desk.hand.bring(await desk.features(FIRST))
    ends = await desk.hand.told(InterviewCompleted)
    scores = await desk.hand.told(ScoreGenerated)
    assert len(ends) == 1
    assert {score.reason for _, score in scores} == {NullReason.DEADLINE_PASSED}


async def test_an_interview_that_was_never_submitted_is_left_alone(desk: Desk) -> None:
    await desk.hand.bring(await desk.features(FIRST))
    await past_deadline(desk)
    assert await desk.hand.told(InterviewCompleted) == []


@pytest.mark.parametrize(
    ("band", "expected"),
    [(RiskBand.HIGH, RiskBand.HIGH), (RiskBand.LOW, RiskBand.UNAVAILABLE)],
)
async def test_without_a_report_only_a_finding_is_kept(
    desk: Desk, band: RiskBand, expected: RiskBand
) -> None:
    await desk.hand.bring(submission(FIRST, SECOND))
    await desk.hand.bring(
        ProctoringFeatures(interview_id=INTERVIEW, answer_id=FIRST, band=band, rules_version="1")
    )
    await past_deadline(desk)
    assert (await desk.hand.one(InterviewCompleted)).integrity_band is expected


async def test_many_early_answers_are_all_judged_in_the_end(desk: Desk) -> None:
    answers = [f"answer-{number}" for number in range(JUDGED_AT_ONCE + 5)]
    for answer_id in answers:
        await desk.hand.bring(await desk.features(answer_id))
    await desk.hand.bring(submission(*answers))
    assert len(await desk.hand.told(ScoreGenerated)) == JUDGED_AT_ONCE
    await desk.caretaker.look()
    await desk.hand.bring(integrity(*answers))
    assert (await desk.hand.one(InterviewCompleted)).status is InterviewStatus.COMPLETED
    assert len(desk.judge.judged) == len(answers)


async def test_a_judge_that_is_slow_for_once_is_asked_again(desk: Desk) -> None:
    await desk.hand.bring(await desk.features(FIRST))
    desk.judge.failure = DeadlineExceeded("slow")
    await desk.hand.bring(submission(FIRST))
    await desk.caretaker.look()
    assert await desk.hand.told(ScoreGenerated) == []
    desk.judge.failure = None
    await desk.caretaker.look()
    assert (await desk.hand.one(ScoreGenerated)).overall is not None


async def test_features_that_came_between_looking_and_opening_are_judged(desk: Desk) -> None:
    """The handler of the features looked before the submission was there, and stored after it."""
    features = await desk.features(FIRST)
    await desk.hand.bring(submission(FIRST))
    await desk.store_without_judging(features)
    await desk.caretaker.look()
    assert (await desk.hand.one(ScoreGenerated)).overall is not None


async def test_one_broken_interview_does_not_hold_up_the_others(desk: Desk) -> None:
    for name in ("interview-a", "interview-b"):
        features = await desk.features(f"{name}-1")
        await desk.hand.bring(features.model_copy(update={"interview_id": name}))
    desk.judge.failure = DeadlineExceeded("slow")
    for name in ("interview-a", "interview-b"):
        opened = submission(f"{name}-1").model_copy(update={"interview_id": name})
        await desk.hand.bring(opened)
    desk.judge.failure = None
    desk.judge.broken_once = True
    await desk.caretaker.look()
    assert len(await desk.hand.told(ScoreGenerated)) == 1
