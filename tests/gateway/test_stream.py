"""Following an interview: stored happenings with numbers, progress in between, and an end."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.gateway import ACME, GatewayBench, token
from tests.support.interview_facts import AnswerFacts
from tests.support.people import second_instance
from tests.support.sse import Stream, open_stream
from vivavoce.chassis.broadcasts import hear
from vivavoce.contracts import Fact, NullReason, Stage

ANSWER = AnswerFacts()
FACTS = (ANSWER.features(), ANSWER.proctored(), ANSWER.scored(), ANSWER.reported(), ANSWER.completed())
FIRST_PAUSE, FOR_EVER = "vivavoce.gateway.records.stream.FIRST_PAUSE", 60.0
"""How soon a stream looks again by itself: where that is never, it looks because it was told to."""
PATH = f"/api/interview-record/{ANSWER.interview_id}/events"


def reading(gateway: GatewayBench, after: str | None = None) -> AbstractAsyncContextManager[Stream]:
    headers = {"Authorization": f"Bearer {token()}"}
    return open_stream(gateway.app, PATH, headers if after is None else {**headers, "Last-Event-ID": after})


async def names_and_ids(stream: Stream) -> list[tuple[str, str | None]]:
    return [(event["event"], event.get("id")) for event in await stream.until_ended()]


async def test_a_stream_tells_what_is_stored_and_ends_with_the_interview(gateway: GatewayBench) -> None:
    await gateway.submit()
    async with reading(gateway) as stream:
        await stream.until("interview.submitted")
        await gateway.tell(ANSWER.features(), ANSWER.scored(), ANSWER.completed())
        told = await names_and_ids(stream)
    assert told == [
        ("interview.submitted", "1"),
        ("media.features", "2"),
        ("score.generated", "3"),
        ("interview.completed", "4"),
    ]


async def test_what_this_instance_stores_is_told_without_waiting_for_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FIRST_PAUSE, FOR_EVER)
    gateway = GatewayBench(tmp_path, stream_poll_seconds=60, result_settle_seconds=0)
    await gateway.submit()
    async with reading(gateway) as stream:
        await stream.until("interview.submitted")
        for fact in FACTS:
            await gateway.tell(fact)
            await stream.until(fact.type)
        await stream.until_ended()


@pytest.mark.parametrize("fact", [*FACTS, ANSWER.rejected()], ids=lambda fact: fact.type)
async def test_what_another_instance_stores_after_its_fact_was_heard_here_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fact: Fact
) -> None:
    monkeypatch.setattr(FIRST_PAUSE, FOR_EVER)
    gateway = GatewayBench(tmp_path, stream_poll_seconds=60)
    other = second_instance(gateway)
    rows = {row.fact.type: row for row in gateway.broadcasts(other.state.parts)}
    await gateway.submit()
    async with open_stream(other, PATH, {"Authorization": f"Bearer {token()}"}) as stream:
        await stream.until("interview.submitted")
        await asyncio.sleep(0.1)
        monkeypatch.setattr(FIRST_PAUSE, 0.05)
        await hear(rows[fact.type], gateway.record(fact, ACME))
        await asyncio.sleep(0.2)
        assert fact.type not in stream.text
        await gateway.tell(fact)
        await stream.until(fact.type)


async def test_events_carry_the_callers_own_ids(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.scored(), ANSWER.completed())
    async with reading(gateway) as stream:
        scored = next(e for e in await stream.until_ended() if e["event"] == "score.generated")
    assert json.loads(scored["data"]) == {
        "interviewRecordId": ANSWER.interview_id,
        "sequence": 2,
        "type": "score.generated",
        "at": "2026-03-02T12:00:00Z",
        "pipelineId": ANSWER.answer_id,
        "questionId": "q1",
        "videoResponseId": "video-1",
        "overallScore": 78.5,
    }


async def test_a_reader_that_comes_back_goes_on_where_it_was(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.features(), ANSWER.scored(), ANSWER.completed())
    async with reading(gateway, after="2") as stream:
        assert await names_and_ids(stream) == [("score.generated", "3"), ("interview.completed", "4")]


async def test_a_reader_that_has_everything_is_told_to_stay_away(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed())
    await gateway.clock.advance(timedelta(seconds=5))
    async with reading(gateway, after="2") as stream:
        await stream.until_ended()
    assert stream.status == 204


async def test_a_reader_that_has_everything_up_to_the_end_still_hears_what_comes_late(
    gateway: GatewayBench,
) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed())
    async with reading(gateway, after="2") as stream:
        await gateway.tell(ANSWER.features())
        assert await names_and_ids(stream) == [("media.features", "3")]


async def test_a_reader_is_kept_while_the_store_is_away(gateway: GatewayBench) -> None:
    await gateway.submit()
    async with reading(gateway) as stream:
        await stream.until("interview.submitted")
        gateway.database.away = True
        await stream.until(": still here")
        gateway.database.away = False
        await gateway.tell(ANSWER.completed())
        assert [name for name, _ in await names_and_ids(stream)][-1] == "interview.completed"


async def test_a_number_that_is_no_place_in_the_stream_starts_it_over(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed())
    for after in ("99", "-1", "x", "", "9" * 40):
        async with reading(gateway, after=after) as stream:
            assert len(await stream.until_ended()) == 2


async def test_progress_comes_live_without_an_id(gateway: GatewayBench) -> None:
    await gateway.submit()
    async with reading(gateway) as stream:
        await stream.until("interview.submitted")
        gateway.parts.board.note(ANSWER.progress(Stage.ANALYSING, 0.25))
        await stream.until("pipeline.progress")
        await gateway.tell(ANSWER.completed())
        progress = (await stream.until_ended())[1]
    assert progress["event"] == "pipeline.progress"
    assert "id" not in progress
    assert json.loads(progress["data"])["share"] == 0.25
    assert json.loads(progress["data"])["questionId"] == "q1"


async def test_progress_of_another_interview_is_not_told(gateway: GatewayBench) -> None:
    await gateway.submit()
    async with reading(gateway) as stream:
        await stream.until("interview.submitted")
        gateway.parts.board.note(AnswerFacts(request_id="other").progress(Stage.ANALYSING, 0.25))
        await gateway.tell(ANSWER.completed())
        assert [name for name, _ in await names_and_ids(stream)] == [
            "interview.submitted",
            "interview.completed",
        ]


async def test_late_happenings_after_the_end_are_replayed_too(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed(overall=None, reason=NullReason.DEADLINE_PASSED), ANSWER.reported())
    async with reading(gateway) as stream:
        assert [name for name, _ in await names_and_ids(stream)][-1] == "integrity.reported"


async def test_a_quiet_stream_sends_comments(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, stream_ping_seconds=0.01)
    await gateway.submit()
    async with reading(gateway) as stream:
        await stream.until(": still here")
        await gateway.tell(ANSWER.completed())
        await stream.until_ended()


async def test_a_reader_that_leaves_is_forgotten(gateway: GatewayBench) -> None:
    await gateway.submit()
    async with reading(gateway) as stream:
        await stream.until("interview.submitted")
    assert gateway.parts.board.listeners(ANSWER.interview_id) == 0
