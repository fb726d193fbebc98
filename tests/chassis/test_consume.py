"""What the consume helper promises about every message: once in effect, or put aside, never lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support import facts
from tests.support.databases import ACME, CONTEXT, NOON, Note, note
from tests.support.delivery import SOON, Heard, consumer_of, headers_of, memory_database, pending, record
from vivavoce.chassis.clock import ManualClock, SystemClock
from vivavoce.chassis.consumer import consume
from vivavoce.chassis.errors import InfrastructureAway, InvalidInput, ProviderFault
from vivavoce.chassis.groups import DuplicateRow
from vivavoce.chassis.retry import HandBack
from vivavoce.chassis.subscriptions import Failure, Received, on, work
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.chassis.wire import Record
from vivavoce.contracts import RecordingRejected, RecordingRequested

REQUESTED = record(facts.requested())
NO_VALUE: Any = None  # Kafka lets a header be null.


async def fail_with_rejection(_: Received[RecordingRequested], failure: Failure, uow: UnitOfWork) -> None:
    uow.emit(facts.rejected().model_copy(update={"detail": f"{failure.error.code} x{failure.attempts}"}))


async def test_what_a_handler_emits_is_committed_with_the_mark_that_it_ran() -> None:
    database = memory_database()
    consumer = consumer_of(
        on(RecordingRequested, Heard(emits=facts.rejected()), within=SOON), database=database
    )

    await consume(REQUESTED, consumer)

    [row] = await pending(database)
    sent = headers_of(row)
    assert row.topic == "recording.rejected"
    assert (sent["ce_causationid"], sent["ce_correlationid"]) == ("event-1", "corr-9")
    assert await database.inbox.seen("tested.work", "event-1")


async def test_an_event_that_comes_again_has_no_second_effect() -> None:
    handler = Heard(emits=facts.rejected())
    database = memory_database()
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)

    for offset in range(3):
        await consume(replace(REQUESTED, offset=offset), consumer)

    assert handler.ids == ["event-1"]
    assert len(await pending(database)) == 1


async def test_two_groups_of_one_service_each_handle_an_event() -> None:
    database = memory_database()
    first, second = Heard(), Heard()
    consumer = consumer_of(on(RecordingRequested, first, within=SOON), database=database)
    other = replace(
        consumer_of(on(RecordingRequested, second, within=SOON), database=database), name="tested.other"
    )

    await consume(REQUESTED, consumer)
    await consume(REQUESTED, other)

    assert first.ids == second.ids == ["event-1"]


async def test_a_passing_failure_is_tried_again() -> None:
    handler = Heard(ProviderFault("busy"), ConnectionError("reset"))
    database = memory_database()

    await consume(
        REQUESTED, consumer_of(on(RecordingRequested, handler, within=SOON, tries=3), database=database)
    )

    assert handler.tries == 3
    assert handler.ids == ["event-1"]
    assert await pending(database) == []


async def test_an_exhausted_message_becomes_a_dead_letter_and_a_fact_in_one_commit() -> None:
    handler = Heard(*[ProviderFault("busy")] * 9)
    database = memory_database()
    row = on(RecordingRequested, handler, within=SOON, tries=2, failed=fail_with_rejection)
    original = replace(REQUESTED, headers=(*REQUESTED.headers, ("trace", b"\xff\x00")), offset=41)

    await consume(original, consumer_of(row, database=database))

    told, dead = sorted(await pending(database), key=lambda row: row.topic)
    assert RecordingRejected.model_validate_json(told.value or b"").detail == "provider_fault x2"
    assert (dead.topic, dead.key, dead.value) == ("recording.requested.dlq", original.key, original.value)
    assert dead.headers[: len(original.headers)] == original.headers
    assert dict(dead.headers[len(original.headers) :]) == {
        "dlq_topic": b"recording.requested",
        "dlq_partition": b"2",
        "dlq_offset": b"41",
        "dlq_group": b"tested.work",
        "dlq_error": b"provider_fault: busy",
        "dlq_attempts": b"2",
        "dlq_first_failed_at": NOON.isoformat().encode(),
    }


async def test_a_given_up_message_that_comes_again_is_not_given_up_twice() -> None:
    handler = Heard(*[InvalidInput("never")] * 9)
    database = memory_database()
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)

    await consume(REQUESTED, consumer)
    await consume(REQUESTED, consumer)

    assert [row.topic for row in await pending(database)] == ["recording.requested.dlq"]


async def test_what_trying_again_cannot_help_is_given_up_at_once() -> None:
    handler = Heard(*[InvalidInput("no such codec")] * 9)
    database = memory_database()
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON, tries=5), database=database)

    await consume(REQUESTED, consumer)

    assert handler.tries == 1
    assert headers_of((await pending(database))[0])["dlq_attempts"] == "1"


async def test_a_failure_fact_that_cannot_be_told_does_not_lose_the_dead_letter() -> None:
    async def fail_to_tell(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    database = memory_database()
    row = on(RecordingRequested, Heard(*[InvalidInput("never")] * 9), within=SOON, failed=fail_to_tell)

    await consume(REQUESTED, consumer_of(row, database=database))

    assert [row.topic for row in await pending(database)] == ["recording.requested.dlq"]


def without(name: str) -> Record:
    return replace(REQUESTED, headers=tuple(pair for pair in REQUESTED.headers if pair[0] != name))


def with_header(name: str, value: bytes) -> Record:
    return replace(without(name), headers=(*without(name).headers, (name, value)))


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param(replace(REQUESTED, value=b"{not json"), id="not JSON"),
        pytest.param(replace(REQUESTED, value=b"{}"), id="fields missing"),
        pytest.param(replace(REQUESTED, value=None), id="no value"),
        pytest.param(with_header("ce_type", b"recording.eaten"), id="unknown type"),
        pytest.param(with_header("ce_type", b"score.generated"), id="type of another topic"),
        pytest.param(with_header("ce_dataversion", b"99"), id="unknown version"),
        pytest.param(with_header("ce_dataversion", b"one"), id="version not a number"),
        pytest.param(without("ce_id"), id="no id"),
        pytest.param(replace(REQUESTED, headers=()), id="no envelope"),
        pytest.param(with_header("ce_subject", b"\xff\xfe"), id="attribute not text"),
        pytest.param(replace(REQUESTED, headers=(), key=None, value=None), id="nothing at all"),
    ],
)
async def test_poison_is_put_aside_and_the_next_message_is_handled(poison: Record) -> None:
    handler = Heard()
    database = memory_database()
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)

    await consume(poison, consumer)
    await consume(record(facts.requested(), "event-2"), consumer)

    [dead] = await pending(database)
    assert (dead.topic, dead.key, dead.value) == ("recording.requested.dlq", poison.key, poison.value)
    assert headers_of(replace(dead, headers=dead.headers[len(poison.headers) :]))["dlq_error"].startswith(
        "undecodable: "
    )
    assert handler.ids == ["event-2"]


async def test_a_handler_that_outlasts_its_deadline_is_stopped_and_tried_again() -> None:
    stopped: list[str] = []

    async def prepare(_: Received[RecordingRequested]) -> str:
        if stopped:
            return "at last"
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("stopped")
        return "never"

    heard: list[str] = []

    async def conclude(_: Received[RecordingRequested], prepared: str, __: UnitOfWork) -> None:
        heard.append(prepared)

    row = work(RecordingRequested, prepare, conclude, within=timedelta(milliseconds=30), tries=2)
    await consume(REQUESTED, consumer_of(row))

    assert (stopped, heard) == (["stopped"], ["at last"])


async def test_a_deadline_that_passes_while_the_database_is_away_is_not_held_against_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = memory_database()
    handler = Heard()
    ping = database.ping

    async def come_back_once_asked() -> None:
        try:
            await ping()
        finally:
            database.away = False

    async def prepare(_: Received[RecordingRequested]) -> None:
        if not handler.tries:
            handler.tries += 1
            database.away = True
            await asyncio.Event().wait()

    async def conclude(received: Received[RecordingRequested], _: None, uow: UnitOfWork) -> None:
        await handler(received, uow)

    monkeypatch.setattr(database, "ping", come_back_once_asked)
    row = work(RecordingRequested, prepare, conclude, within=timedelta(milliseconds=30), tries=1)
    await consume(REQUESTED, consumer_of(row, database=database, clock=SystemClock()))

    assert handler.ids == ["event-1"]
    assert await pending(database) == []


async def test_tries_without_the_infrastructure_are_not_counted() -> None:
    handler = Heard(*[InfrastructureAway("store away")] * 20)
    database = memory_database()

    await consume(
        REQUESTED, consumer_of(on(RecordingRequested, handler, within=SOON, tries=1), database=database)
    )

    assert handler.tries == 21
    assert await pending(database) == []


async def test_a_message_is_handed_back_when_the_infrastructure_stays_away() -> None:
    database = memory_database()
    database.away = True
    handler = Heard()
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database, limit=0)

    with pytest.raises(HandBack):
        await consume(REQUESTED, consumer)
    with pytest.raises(HandBack):
        await consume(replace(REQUESTED, value=b"poison"), consumer)

    database.away = False
    await consume(REQUESTED, consumer)
    assert handler.ids == ["event-1"]


async def test_a_stopping_process_hands_back_what_waits_for_its_next_try() -> None:
    clock = ManualClock(NOON)
    database = memory_database(clock)
    database.away = True
    consumer = consumer_of(on(RecordingRequested, Heard(), within=SOON), database=database, clock=clock)
    waiting = asyncio.create_task(consume(REQUESTED, consumer))

    await asyncio.sleep(0)
    consumer.patience.stopping.set()

    with pytest.raises(HandBack):
        await waiting


async def test_a_failed_commit_leaves_neither_state_nor_facts() -> None:
    database = memory_database()
    notes = database.collection("notes", Note)

    async def write_then_fail(_: Received[RecordingRequested], uow: UnitOfWork) -> None:
        await notes.save(note("n1"), uow)
        uow.emit(facts.rejected())
        raise InvalidInput("no")

    await consume(
        REQUESTED, consumer_of(on(RecordingRequested, write_then_fail, within=SOON), database=database)
    )

    assert await notes.get(ACME, "n1") is None
    assert [row.topic for row in await pending(database)] == ["recording.requested.dlq"]


async def test_a_redriven_dead_letter_is_handled_again_by_the_group_that_failed_and_no_other() -> None:
    database = memory_database()
    failing, other = Heard(InvalidInput("not yet")), Heard()
    consumer = consumer_of(on(RecordingRequested, failing, within=SOON), database=database)
    bystander = replace(
        consumer_of(on(RecordingRequested, other, within=SOON), database=database), name="tested.other"
    )
    await consume(REQUESTED, consumer)
    await consume(REQUESTED, bystander)
    [dead] = await pending(database)
    redriven = replace(REQUESTED, headers=(*dead.headers, ("dlq_redrive_id", b"r1")), offset=7)

    for _ in range(2):
        await consume(redriven, consumer)
        await consume(redriven, bystander)

    assert failing.ids == ["event-1"]
    assert other.ids == ["event-1"]


@pytest.mark.parametrize("name", ["dlq_partition", "dlq_offset", "dlq_redrive_id", "dlq_first_failed_at"])
async def test_a_redriven_dead_letter_may_lack_the_value_of_a_header(name: str) -> None:
    database = memory_database()
    handler = Heard(InvalidInput("not yet"))
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)
    await consume(REQUESTED, consumer)
    [dead] = await pending(database)
    kept = tuple(header for header in dead.headers if header[0] != name)

    await consume(replace(REQUESTED, headers=(*kept, (name, NO_VALUE))), consumer)

    assert handler.ids == ["event-1"]


async def test_a_dead_letters_group_without_a_value_is_no_group() -> None:
    handler = Heard()
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=memory_database())

    await consume(replace(REQUESTED, headers=(*REQUESTED.headers, ("dlq_group", NO_VALUE))), consumer)

    assert handler.ids == ["event-1"]


async def test_a_second_failure_keeps_when_the_first_one_was() -> None:
    clock = ManualClock(NOON)
    database = memory_database(clock)
    handler = Heard(*[InvalidInput("never")] * 9)
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database, clock=clock)
    await consume(REQUESTED, consumer)
    [first] = await pending(database)
    await clock.advance(timedelta(hours=1))

    await consume(replace(REQUESTED, headers=first.headers), consumer)

    second = (await pending(database))[-1]
    assert second.headers[-1] == first.headers[-1] == ("dlq_first_failed_at", NOON.isoformat().encode())
    assert [name for name, _ in second.headers].count("dlq_group") == 1


def test_a_group_with_two_rows_for_one_fact_is_refused() -> None:
    with pytest.raises(DuplicateRow):
        consumer_of(
            on(RecordingRequested, Heard(), within=SOON), on(RecordingRequested, Heard(), within=SOON)
        )


async def test_the_commit_of_a_handler_carries_the_context_of_its_cause() -> None:
    database = memory_database()
    seen: list[object] = []

    async def look(_: Received[RecordingRequested], uow: UnitOfWork) -> None:
        seen.append(uow.context)

    await consume(REQUESTED, consumer_of(on(RecordingRequested, look, within=SOON), database=database))

    assert seen == [replace(CONTEXT, correlation_id="corr-9")]
