"""What is overdue is asked for again, a bounded number of times; and every interview ends."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.support.databases import turns
from tests.support.gateway import GatewayBench, question
from tests.support.interview_facts import AnswerFacts
from vivavoce.contracts import (
    InterviewCompleted,
    InterviewStatus,
    NullReason,
    RecordingRequested,
    RejectionReason,
)

ANSWER = AnswerFacts()
MINUTES = timedelta(minutes=1)


async def emitted_types(gateway: GatewayBench) -> list[str]:
    return [fact.type for _, fact in await gateway.emitted()]


async def test_an_interview_that_is_not_overdue_is_left_alone(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.clock.advance(timedelta(seconds=299))
    assert await gateway.sweeper.sweep() == 0


async def test_an_overdue_interview_is_asked_for_again_under_new_ids(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    emitted = await gateway.emitted()
    assert sorted(fact.type for _, fact in emitted) == [
        "interview.submitted",
        "interview.submitted",
        "recording.requested",
        "recording.requested",
    ]
    assert len({envelope.id for envelope, _ in emitted}) == 4
    assert len({fact.model_dump_json() for _, fact in emitted}) == 2


async def test_the_correlation_id_of_the_submission_is_kept(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    assert len({envelope.correlation_id for envelope, _ in await gateway.emitted()}) == 1


async def test_recordings_whose_answers_have_ended_are_not_asked_for_again(gateway: GatewayBench) -> None:
    await gateway.submit(questions=[question(1), question(2), question(3)])
    second = AnswerFacts(question_id="q2")
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.scored())
    await gateway.tell(second.rejected(reason=RejectionReason.TIMEOUT))
    await gateway.tell(second.proctored(), second.unscored(RejectionReason.TIMEOUT))
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    requests = [fact for _, fact in await gateway.emitted() if isinstance(fact, RecordingRequested)]
    third = AnswerFacts(question_id="q3").answer_id
    assert [request.answer_id for request in requests].count(third) == 2
    assert len(requests) == 4


async def test_what_media_said_of_an_answer_that_others_have_not_ended_is_asked_for_again(
    gateway: GatewayBench,
) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.features(), ANSWER.proctored())
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    assert (await emitted_types(gateway)).count("recording.requested") == 2


async def test_an_ended_interview_whose_answers_are_whole_is_never_asked_for_again(
    gateway: GatewayBench,
) -> None:
    await gateway.submit(questions=[question(1)])
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.scored(), ANSWER.completed())
    before = await emitted_types(gateway)
    await gateway.clock.advance(timedelta(days=2))
    await gateway.sweeper.sweep()
    assert await emitted_types(gateway) == before
    await gateway.clock.advance(timedelta(days=2))
    assert await gateway.sweeper.sweep() == 0


async def test_asking_begins_anew_with_the_end_and_stops_when_all_has_come(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, sweep_limit=2)
    await gateway.submit()
    for _ in range(2):
        await gateway.clock.advance(10 * MINUTES)
        await gateway.sweeper.sweep()
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.completed())
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    await gateway.tell(ANSWER.scored())
    await gateway.clock.advance(timedelta(days=2))
    await gateway.sweeper.sweep()
    types = await emitted_types(gateway)
    assert (types.count("interview.submitted"), types.count("recording.requested")) == (4, 4)


async def test_a_recording_that_an_end_says_never_came_is_not_asked_for(gateway: GatewayBench) -> None:
    await gateway.submit(questions=[question(1), question(2)])
    missing = AnswerFacts(question_id="q2").completed(overall=None, reason=NullReason.DEADLINE_PASSED)
    end = ANSWER.completed()
    await gateway.tell(end.model_copy(update={"answers": (*end.answers, *missing.answers)}))
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    requests = [fact for _, fact in await gateway.emitted() if isinstance(fact, RecordingRequested)]
    assert [one.answer_id for one in requests].count(ANSWER.answer_id) == 2
    assert len(requests) == 3


async def test_what_an_ended_interview_still_lacks_is_asked_for_again(gateway: GatewayBench) -> None:
    await gateway.submit(questions=[question(1)])
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.completed())
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    assert (await emitted_types(gateway)).count("interview.submitted") == 2
    assert "interview.completed" not in await emitted_types(gateway)


async def test_waits_grow_and_the_count_is_bounded(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.scored())
    waited = []
    for minutes in range(1, 24 * 60):
        await gateway.clock.advance(MINUTES)
        if await gateway.sweeper.sweep():
            waited.append(minutes)
    assert waited == [5, 15, 35, 75, 155, 315, 635]
    assert (await emitted_types(gateway)).count("interview.submitted") == 7


async def test_an_interview_that_nobody_ever_answered_for_ends_as_failed(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, sweep_limit=1, sweep_growth=1)
    await gateway.submit()
    for _ in range(2):
        await gateway.clock.advance(5 * MINUTES)
        await gateway.sweeper.sweep()
    (end,) = [fact for _, fact in await gateway.emitted() if isinstance(fact, InterviewCompleted)]
    assert end.status is InterviewStatus.FAILED
    assert [answer.reason for answer in end.answers] == [NullReason.NEVER_ACKNOWLEDGED]
    assert {one.reason for one in end.competencies} == {NullReason.NEVER_ACKNOWLEDGED}


async def test_the_caller_of_an_unacknowledged_interview_gets_its_end(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, sweep_limit=0)
    await gateway.submit()
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    await gateway.clock.advance(MINUTES)
    async with gateway.client() as client:
        body = (await client.get("/api/job-result/video-1")).json()
        state = (await client.get(f"/api/interview-record/{ANSWER.interview_id}")).json()
    assert (body["status"], body["reason"]) == ("failed", "never_acknowledged")
    assert state["status"] == "failed"


async def test_an_end_that_evaluation_told_first_and_the_sweepers_own_have_one_id(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, sweep_limit=0)
    await gateway.submit()
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    (envelope,) = [e for e, fact in await gateway.emitted() if isinstance(fact, InterviewCompleted)]
    await gateway.tell(ANSWER.completed(), event_id=envelope.id)
    async with gateway.client() as client:
        state = (await client.get(f"/api/interview-record/{ANSWER.interview_id}")).json()
    assert state["status"] == "failed"


async def test_an_acknowledged_interview_is_left_to_evaluations_deadline(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, sweep_limit=0)
    await gateway.submit()
    await gateway.tell(ANSWER.scored())
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    assert "interview.completed" not in await emitted_types(gateway)


async def test_two_sweepers_ask_once(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.clock.advance(5 * MINUTES)
    await gateway.sweeper.sweep()
    await gateway.sweeper.sweep()
    assert (await emitted_types(gateway)).count("interview.submitted") == 2


async def test_a_gateway_that_was_away_first_reads_what_came_meanwhile(gateway: GatewayBench) -> None:
    await gateway.submit(questions=[question(1)])
    await gateway.clock.advance(5 * MINUTES)
    sweeping = asyncio.create_task(gateway.sweeper.run_forever())
    await turns()
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.scored(), ANSWER.completed())
    await gateway.clock.advance(timedelta(seconds=15))
    await turns()
    assert not await gateway.sweeper.sweep(), "the sweeper has looked, and left the interview alone"
    assert sorted(await emitted_types(gateway)) == ["interview.submitted", "recording.requested"]
    sweeping.cancel()
