"""How consumers are registered with FastStream, and what becomes of a message however its handling ends."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from faststream import AckPolicy
from faststream.exceptions import NackMessage
from faststream.kafka.subscriber.usecase import DefaultSubscriber

from tests.support import facts
from tests.support.delivery import SOON, Heard, consumer_of, record, settings
from vivavoce.chassis import turn
from vivavoce.chassis.broker import make_broker
from vivavoce.chassis.doorbell import Doorbell
from vivavoce.chassis.groups import GROUP_FETCH_MAX_WAIT_MS, longest_take, subscribe
from vivavoce.chassis.joining import BEGIN_WITHIN_SECONDS
from vivavoce.chassis.kafka_pace import PACED_FETCH_WAIT_MS
from vivavoce.chassis.retry import Backoff, HandBack, Patience
from vivavoce.chassis.subscriptions import on
from vivavoce.chassis.turn import Turn
from vivavoce.chassis.wire import Record
from vivavoce.contracts import MediaFeatures, RecordingRequested

REQUESTED = record(facts.requested())


class Gate:
    """A handler that waits until it is let through."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.open = asyncio.Event()
        self.ended = ""

    async def __call__(self, records: Sequence[Record]) -> int:
        self.entered.set()
        try:
            await self.open.wait()
            self.ended = "completed"
            return len(records)
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise


async def begun(working: Turn, gate: Gate) -> "asyncio.Task[None]":
    taking = asyncio.create_task(working.take(REQUESTED))
    await gate.entered.wait()
    return taking


async def test_a_message_whose_handler_returns_is_acknowledged() -> None:
    taken: list[Record] = []

    async def take(found: Sequence[Record]) -> int:
        taken.extend(found)
        return len(found)

    await Turn("g", take).take(REQUESTED)

    assert taken == [REQUESTED]


@pytest.mark.parametrize("error", [HandBack("stopping"), RuntimeError("a fault of ours")])
async def test_whatever_goes_wrong_the_message_is_delivered_again(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "FAULT_PAUSE_SECONDS", 0)

    async def take(_: Sequence[Record]) -> int:
        raise error

    with pytest.raises(NackMessage):
        await Turn("g", take).take(REQUESTED)


async def test_a_revoked_partition_waits_for_its_message_to_complete() -> None:
    gate = Gate()
    working = Turn("g", gate)
    taking = await begun(working, gate)

    revoking = asyncio.create_task(working.on_partitions_revoked(set()))
    await asyncio.sleep(0)
    assert not revoking.done()
    gate.open.set()
    await revoking
    await taking

    assert gate.ended == "completed"


async def test_a_revoked_partition_cancels_what_does_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "REVOKE_GRACE_SECONDS", 0)
    gate = Gate()
    working = Turn("g", gate)
    taking = await begun(working, gate)

    await working.on_partitions_revoked(set())

    assert gate.ended == "cancelled"
    with pytest.raises(NackMessage):
        await taking


async def test_a_consumer_without_a_message_gives_its_partitions_up_at_once() -> None:
    await Turn("g", Gate()).on_partitions_revoked(set())


async def test_a_cancelled_consumer_neither_acknowledges_nor_goes_on() -> None:
    gate = Gate()
    taking = await begun(Turn("g", gate), gate)

    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking

    assert gate.ended == "cancelled"


def test_a_group_is_one_consumer_that_acknowledges_only_what_was_handled() -> None:
    stream = make_broker(settings()).stream
    consumer = consumer_of(
        on(RecordingRequested, Heard(), within=SOON), on(MediaFeatures, Heard(), within=SOON)
    )

    subscribe(stream, consumer, settings(instance_name="2", kafka_static_membership=True))

    [subscriber] = stream.subscribers
    assert isinstance(subscriber, DefaultSubscriber)
    options = subscriber._connection_args
    assert subscriber.ack_policy is AckPolicy.NACK_ON_ERROR
    assert subscriber.topic_names == ["media.features", "recording.requested"]
    assert subscriber.topics_to_create == []
    assert (subscriber.group_id, options["group_instance_id"]) == ("tested.work", "tested.work.2")
    assert options["enable_auto_commit"] is False
    assert options["auto_offset_reset"] == "earliest"


@pytest.mark.parametrize("told", [False, True])
def test_the_broker_keeps_a_fetch_waiting_unless_a_bell_says_when_to_look(told: bool, tmp_path: Path) -> None:
    stream = make_broker(settings()).stream
    bell = Doorbell(tmp_path, service_name="tested", instance_name="1") if told else None

    subscribe(stream, consumer_of(on(MediaFeatures, Heard(), within=SOON)), settings(), bell)

    [subscriber] = stream.subscribers
    assert isinstance(subscriber, DefaultSubscriber)
    wait_ms = PACED_FETCH_WAIT_MS if told else GROUP_FETCH_MAX_WAIT_MS
    assert subscriber._connection_args["fetch_max_wait_ms"] == wait_ms


def test_a_consumer_may_be_silent_for_as_long_as_its_slowest_row_can_take() -> None:
    patience = Patience(consumer_of().patience.clock, Backoff(longest=10), limit=30)
    rows = (
        on(RecordingRequested, Heard(), within=timedelta(seconds=5), tries=5),
        on(MediaFeatures, Heard(), within=timedelta(minutes=10), tries=2),
    )

    assert longest_take(rows, patience) == 600 + BEGIN_WITHIN_SECONDS + 2 * 600 + 10 + 30 + 60
