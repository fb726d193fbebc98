"""What the relay promises: everything committed is published, in order per key, whatever fails."""

import asyncio
from collections import defaultdict
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from tests.support import facts
from tests.support.databases import CONTEXT, NOON, turns, until
from tests.support.delivery import headers_of, memory_database, settings
from vivavoce.chassis.broker import Broker, make_broker
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.memory_wire import MemoryWire
from vivavoce.chassis.relay import Relay
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.chassis.wire import Parcel, ParcelRefused, Placed
from vivavoce.contracts import RecordingRejected

TOPIC = "recording.rejected"


class FlakyWire(MemoryWire):
    """A wire that fails some sends, and yields so that others may overtake."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[str] = []
        self.refused: set[str] = set()
        self.sent: list[Parcel] = []
        self.most_bytes = 1_000_000

    async def send(self, parcel: Parcel) -> Placed:
        await asyncio.sleep(0)
        detail = detail_of(parcel)
        if detail in self.refused or len(parcel.value or b"") > self.most_bytes:
            raise ParcelRefused("too large")
        if detail in self.failures:
            self.failures.remove(detail)
            raise InfrastructureAway("no answer")
        placed = await super().send(parcel)
        self.sent.append(parcel)
        return placed


def detail_of(parcel: Parcel) -> str:
    if parcel.topic != TOPIC:
        return ""
    return RecordingRejected.model_validate_json(parcel.value or b"").detail


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


class House:
    """A database with an outbox, a wire, and relays over them."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.database: MemoryDatabase = memory_database(self.clock)
        self.wire = FlakyWire()
        self.broker: Broker = make_broker(settings())
        self.broker.wire = self.wire

    def relay(self, owner: str = "1") -> Relay:
        return Relay(self.database, self.broker, owner=owner, clock=self.clock)

    async def commit(self, interview: str, *details: str) -> None:
        async def emit(uow: UnitOfWork) -> None:
            for detail in details:
                uow.emit(
                    facts.rejected().model_copy(update={"interview_id": interview, "detail": detail}),
                    event_id=f"{interview}/{detail}",
                )

        await self.database.transact(CONTEXT, emit)

    async def depth(self) -> int:
        return (await self.database.outbox.backlog()).depth

    def sent(self) -> dict[str, list[str]]:
        by_key: dict[str, list[str]] = defaultdict(list)
        for parcel in self.wire.sent:
            by_key[(parcel.key or b"").decode()].append(detail_of(parcel))
        return dict(by_key)


async def test_what_is_committed_is_published_once_in_order_per_key() -> None:
    house = House()
    for number in range(5):
        await house.commit("a", f"a{number}")
        await house.commit("b", f"b{number}")

    relay = house.relay()
    assert await relay.publish_once() == 10
    assert await relay.publish_once() == 0

    assert house.sent() == {"a": ["a0", "a1", "a2", "a3", "a4"], "b": ["b0", "b1", "b2", "b3", "b4"]}
    assert await house.depth() == 0


async def test_a_failed_send_holds_back_its_own_key_and_no_other() -> None:
    house = House()
    await house.commit("a", "a1", "a2", "a3")
    await house.commit("b", "b1", "b2")
    house.wire.failures = ["a2"]
    relay = house.relay()

    with pytest.raises(InfrastructureAway):
        await relay.publish_once()
    assert house.sent() == {"a": ["a1"], "b": ["b1", "b2"]}

    await relay.publish_once()
    assert house.sent()["a"] == ["a1", "a2", "a3"]


async def test_a_message_that_the_broker_refuses_is_set_aside_and_those_behind_it_go_on() -> None:
    house = House()
    await house.commit("a", "a1", "a2")
    await house.commit("b", "b1")
    house.wire.refused = {"a1"}

    await house.relay().publish_once()

    assert house.sent() == {"a": ["a2"], "b": ["b1"]}
    assert await house.depth() == 0
    [refused] = await house.database.outbox.refused(10)
    assert (refused.row.event_id, refused.reason, refused.refused_at) == ("a/a1", "too large", NOON)


async def test_a_refused_message_leaves_once_the_broker_takes_it_and_it_is_sent_again() -> None:
    house = House()
    relay = house.relay()
    await house.commit("a", "a1")
    house.wire.refused = {"a1"}
    await relay.publish_once()
    [refused] = await house.database.outbox.refused(10)

    house.wire.refused = set()
    await house.database.outbox.send_again([refused.row.id])
    await relay.publish_once()

    assert house.sent() == {"a": ["a1"]}
    assert await house.database.outbox.refused(10) == []


async def test_a_refused_message_and_how_many_there_are_can_be_seen_from_outside() -> None:
    house = House()
    relay = house.relay()
    before = metric("viva_relay_refused_total", topic=TOPIC)
    await house.commit("a", "a1")
    house.wire.refused = {"a1"}
    with structlog.testing.capture_logs() as logs:
        await relay.publish_once()
    await house.clock.advance(timedelta(seconds=10))
    await relay.publish_once()

    assert metric("viva_relay_refused_total", topic=TOPIC) == before + 1
    assert metric("viva_outbox_refused") == 1
    assert [(line["event"], line["log_level"]) for line in logs if "row" in line] == [
        ("row_refused", "error")
    ]


async def test_rows_are_set_aside_although_another_send_of_the_batch_found_no_answer() -> None:
    house = House()
    relay = house.relay()
    await house.commit("a", "a1", "a2")
    await house.commit("b", "b1")
    house.wire.refused, house.wire.failures = {"a1"}, ["b1"]
    with pytest.raises(InfrastructureAway):
        await relay.publish_once()

    await relay.publish_once()

    assert house.sent() == {"a": ["a2"], "b": ["b1"]}
    assert len(await house.database.outbox.refused(10)) == 1


async def test_a_dead_letter_that_is_too_large_lies_on_its_topic_without_its_value() -> None:
    house = House()
    relay = house.relay()
    value = b"x" * 2000

    async def put_aside(uow: UnitOfWork) -> None:
        uow.forward(f"{TOPIC}.dlq", b"a", value, [("dlq_group", b"g")])

    await house.database.transact(CONTEXT, put_aside)
    house.wire.most_bytes = 1000
    while await relay.publish_once():
        pass

    [(_, _, [letter])] = house.wire.partitions([f"{TOPIC}.dlq"])
    assert (letter.key, letter.value) == (b"a", None)
    assert headers_of(letter) == {
        "dlq_group": "g",
        "dlq_value_bytes": "2000",
        "dlq_value_sha256": sha256(value).hexdigest(),
    }
    [refused] = await house.database.outbox.refused(10)
    assert refused.row.value == value


async def test_nothing_is_lost_while_the_broker_is_away() -> None:
    house = House()
    house.wire.away = True
    await house.commit("a", "a1")
    relay = house.relay()
    with pytest.raises(InfrastructureAway):
        await relay.publish_once()

    house.wire.away = False
    await relay.publish_once()

    assert house.sent() == {"a": ["a1"]}


async def test_what_an_earlier_process_left_is_swept_up() -> None:
    house = House()
    await house.commit("a", "a1")
    await house.relay().publish_once()
    await house.commit("a", "a2")

    await house.relay().publish_once()

    assert house.sent() == {"a": ["a1", "a2"]}


async def test_of_two_replicas_one_publishes_and_the_other_takes_over() -> None:
    house = House()
    first, second = house.relay("1"), house.relay("2")
    await first.publish_once()
    await house.commit("a", "a1")

    assert await second.publish_once() == 0
    await house.clock.advance(timedelta(seconds=30))
    assert await second.publish_once() == 1
    assert await first.publish_once() == 0


async def test_a_replica_without_the_lease_rests_although_it_has_committed_something(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, asked = House(), []
    await house.relay("1").publish_once()
    leases = house.database.leases
    acquire = leases.acquire

    async def noted(*arguments: Any) -> bool:
        asked.append(arguments)
        await asyncio.sleep(0)
        return await acquire(*arguments)

    monkeypatch.setattr(leases, "acquire", noted)
    other = asyncio.create_task(house.relay("2").run_forever())
    await house.commit("i-1", "a")
    await turns()
    other.cancel()
    assert 1 <= len(asked) <= 2


async def test_a_flushed_relay_leaves_the_lease_to_the_next() -> None:
    house = House()
    first, second = house.relay("1"), house.relay("2")
    await house.commit("a", "a1")
    await first.flush(within=5)
    await house.commit("a", "a2")

    assert await second.publish_once() == 1
    assert house.sent() == {"a": ["a1", "a2"]}


async def test_a_relay_that_starts_sends_again_what_the_broker_forgot() -> None:
    house = House()
    await house.commit("a", "a1", "a2")
    await house.relay().publish_once()
    house.wire.forget()

    await house.relay().publish_once()

    assert house.sent() == {"a": ["a1", "a2", "a1", "a2"]}
    ids = [headers_of(record)["ce_id"] for _, _, found in house.wire.partitions([TOPIC]) for record in found]
    assert ids == ["a/a1", "a/a2"]


async def test_a_running_relay_looks_every_few_seconds_whether_the_broker_forgot() -> None:
    house = House()
    relay = house.relay()
    await house.commit("a", "a1")
    await relay.publish_once()
    house.wire.forget()

    assert await relay.publish_once() == 0
    await house.clock.advance(timedelta(seconds=3))
    assert await relay.publish_once() == 1
    assert await relay.publish_once() == 0


async def test_an_offset_that_was_given_away_before_betrays_a_broker_that_forgot() -> None:
    house = House()
    relay = house.relay()
    await house.commit("a", "a1", "a2")
    await relay.publish_once()
    house.wire.forget()
    await house.commit("a", "a3")

    while await relay.publish_once():
        pass

    ids = {headers_of(record)["ce_id"] for _, _, found in house.wire.partitions([TOPIC]) for record in found}
    assert ids == {"a/a1", "a/a2", "a/a3"}
    assert await house.depth() == 0


async def test_one_lost_partition_stands_for_the_whole_log() -> None:
    house = House()
    relay = house.relay()
    await house.commit("a", "a1")
    await house.commit("b", "b1")
    await relay.publish_once()
    [first, second] = house.wire.partitions([TOPIC])
    assert first[1] != second[1]
    house.wire.forget()
    overtaken = Parcel(TOPIC, b"a", facts.rejected().model_dump_json().encode(), partition=first[1])
    for _ in range(5):  # as another service, which wrote to one partition of the new log
        await house.wire.send(overtaken)
    await house.clock.advance(timedelta(seconds=3))

    assert await relay.publish_once() == 2


async def test_the_forever_loop_wakes_at_a_commit_and_outlives_failures() -> None:
    house = House()
    house.wire.failures = ["a1"]
    running = asyncio.create_task(house.relay().run_forever())
    await asyncio.sleep(0)

    await house.commit("a", "a1")
    await until(lambda: house.sent() == {"a": ["a1"]})
    running.cancel()
