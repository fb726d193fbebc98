"""Consumers of ours under all that the libraries do: no message is lost, and none has a second effect."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import structlog

from tests.support import facts
from tests.support.databases import turns, until
from tests.support.delivery import (
    SOON,
    Heard,
    consumer_of,
    joined,
    memory_database,
    pending,
    service,
    settings,
)
from tests.support.delivery import record as fact_record
from tests.support.scripted_consumer import ScriptedCluster, ScriptedConsumer
from vivavoce.chassis import turn
from vivavoce.chassis.broker import make_broker
from vivavoce.chassis.consumer import Consumer
from vivavoce.chassis.groups import Take, subscribe, subscribe_topics, subscribe_turn
from vivavoce.chassis.memory_wire import MemoryWire
from vivavoce.chassis.retry import HandBack
from vivavoce.chassis.subscriptions import Group, on
from vivavoce.chassis.turn import Turn
from vivavoce.chassis.wire import Record
from vivavoce.contracts import FACTS, RecordingRequested

TOPIC = "recording.requested"
PLACES = [(TOPIC, number) for number in range(3)]
QUICKLY = settings(shutdown_grace=0.01)


@pytest.fixture(autouse=True)
def unwritten_logs() -> Iterator[None]:
    """A pretty traceback takes longer than a test."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> ScriptedCluster:
    return ScriptedCluster(monkeypatch)


@asynccontextmanager
async def consuming(
    cluster: ScriptedCluster, take: Take | Turn | Consumer
) -> AsyncIterator[ScriptedConsumer]:
    """A consumer of ours, stopped at the end of the block."""
    stream = make_broker(QUICKLY).stream
    if isinstance(take, Consumer):
        subscribe(stream, take, QUICKLY)
    elif isinstance(take, Turn):
        subscribe_turn(stream, take, [TOPIC], QUICKLY, 60.0)
    else:
        subscribe_topics(stream, "tested.work", [TOPIC], take, QUICKLY, 60.0)
    await stream.start()
    try:
        yield cluster.consumers[-1]
    finally:
        await stream.stop()


class Taken:
    """Remembers what it was given; a fault befalls the first message of each partition, once."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.begun: list[tuple[int, int]] = []
        self.taken: list[tuple[int, int]] = []
        self._fault = fault

    async def __call__(self, record: Record) -> None:
        place = (record.partition, record.offset)
        first = place not in self.begun and record.offset == 0
        self.begun.append(place)
        if first and self._fault is not None:
            raise self._fault
        self.taken.append(place)


async def never(_: Record) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("fault", [HandBack("away"), RuntimeError("a fault of ours")], ids=repr)
async def test_whatever_goes_wrong_in_whichever_partition_every_message_is_handled_once_and_in_order(
    cluster: ScriptedCluster, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "FAULT_PAUSE_SECONDS", 0)
    take = Taken(fault)
    for number in range(9):
        cluster.put(TOPIC, number % 3)

    async with consuming(cluster, take) as consumer:
        await until(lambda: len(take.taken) == 9 and len(consumer.commits) == 9)

    for _, partition in PLACES:
        assert [place for place in take.taken if place[0] == partition] == [(partition, n) for n in range(3)]
    assert consumer.committed == dict.fromkeys(PLACES, 3)


async def test_what_is_worked_on_when_a_process_stops_is_begun_anew_by_the_next(
    cluster: ScriptedCluster,
) -> None:
    take = Taken()
    for _ in range(2):
        cluster.put(TOPIC)

    async with consuming(cluster, never) as stopped:
        await until(lambda: stopped.given != [])
    async with consuming(cluster, take):
        await until(lambda: len(take.taken) == 2)

    assert stopped.commits == []
    assert take.taken == [(0, 0), (0, 1)]


async def test_a_header_that_is_no_text_takes_no_message_from_its_handler(cluster: ScriptedCluster) -> None:
    take = Taken()
    cluster.put(TOPIC, headers=[("name", b"\xff"), ("other", None)])
    cluster.put(TOPIC)

    async with consuming(cluster, take) as consumer:
        await until(lambda: len(consumer.commits) == 2)

    assert take.taken == [(0, 0), (0, 1)]


async def test_a_fault_of_ours_is_not_met_again_at_once(
    cluster: ScriptedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "FAULT_PAUSE_SECONDS", 1e6)
    take = Taken(RuntimeError("a fault of ours"))
    cluster.put(TOPIC)

    async with consuming(cluster, take) as consumer:
        await until(lambda: take.begun != [])
        await turns()
        assert take.begun == [(0, 0)]

    assert consumer.commits == []


async def test_one_message_is_begun_after_the_one_before_it_was_acknowledged(
    cluster: ScriptedCluster,
) -> None:
    commits_at_begin: list[int] = []

    async def take(_: Record) -> None:
        commits_at_begin.append(len(cluster.consumers[0].commits))
        await turns()

    for number in range(6):
        cluster.put(TOPIC, number % 3)

    async with consuming(cluster, take):
        await until(lambda: len(commits_at_begin) == 6)

    assert commits_at_begin == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("fault", [HandBack("away"), RuntimeError("a fault of ours")], ids=repr)
async def test_whatever_goes_wrong_with_one_of_several_none_is_acknowledged_before_it_is_settled(
    cluster: ScriptedCluster, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "FAULT_PAUSE_SECONDS", 0)
    taken: list[tuple[int, int]] = []
    faults = [fault]

    async def take(records: Sequence[Record]) -> int:
        """Settles two messages, then fails once, then settles one at a time."""
        if not faults:
            taken.append((records[0].partition, records[0].offset))
            return 1
        taken.extend((record.partition, record.offset) for record in records[:2])
        raise faults.pop()

    for number in range(9):
        cluster.put(TOPIC, number % 3)

    async with consuming(cluster, Turn("tested.work", take, at_once=6)) as consumer:
        await until(lambda: len(taken) == 11)
        await until(lambda: consumer.committed == dict.fromkeys(PLACES, 3))

    assert sorted(set(taken)) == sorted((partition, n) for _, partition in PLACES for n in range(3))
    for _, partition in PLACES:
        assert [n for where, n in taken[2:] if where == partition] == [0, 1, 2]


async def test_commits_that_fail_repeat_messages_and_no_effects(cluster: ScriptedCluster) -> None:
    database, handler = memory_database(), Heard(emits=facts.rejected())
    consumer = consumer_of(on(RecordingRequested, handler, within=SOON), database=database)
    for number in range(4):
        sent = fact_record(facts.requested(), f"event-{number}")
        cluster.put(TOPIC, number % 2, sent.value or b"", headers=sent.headers)

    async with consuming(cluster, consumer) as unheard:
        unheard.refuses_commits = True
        await until(lambda: len(handler.ids) == 4)
    async with consuming(cluster, consumer) as again:
        await until(lambda: sum(again.committed.values()) == 4)

    assert len(again.given) == 4
    assert sorted(handler.ids) == [f"event-{number}" for number in range(4)]
    assert len(await pending(database)) == 4


@pytest.mark.parametrize("grace", [0.0, 1e6], ids=["cancelled", "completed"])
async def test_a_message_of_a_revoked_partition_is_either_completed_or_taken_back_whole(
    cluster: ScriptedCluster, grace: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "REVOKE_GRACE_SECONDS", grace)
    let_go, ends = asyncio.Event(), []

    async def take(_: Record) -> None:
        try:
            await let_go.wait()
            ends.append("completed")
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    cluster.put(TOPIC)
    async with consuming(cluster, take) as consumer:
        await until(lambda: consumer.given != [])
        await turns()
        revoking = asyncio.create_task(consumer.listener.on_partitions_revoked(set()))
        await turns()
        if grace:
            let_go.set()
        await revoking
        ended_with_the_partition = list(ends)

    assert ended_with_the_partition == (["completed"] if grace else ["cancelled"])
    assert consumer.commits == ([{(TOPIC, 0): 1}] if grace else [])


async def test_all_groups_of_a_service_are_started_together_each_with_its_own_patience(
    cluster: ScriptedCluster,
) -> None:
    rows = {
        f"group-{number}": on(fact, Heard(), within=timedelta(minutes=number), tries=1)
        for number, fact in enumerate(FACTS.values(), 1)
    }
    worker = service("worker", groups=[Group(name, (row,)) for name, row in rows.items()])
    worker.broker.wire = MemoryWire()
    cluster.open.clear()

    async with worker.lifespan():
        await until(lambda: len(cluster.consumers) == len(rows))
        assert not await joined(worker)
        cluster.open.set()
        await until(lambda: joined(worker))

    allowed = {made.options["group_id"]: made.options["max_poll_interval_ms"] for made in cluster.consumers}
    assert len(set(allowed.values())) == len(rows)
    for name, row in rows.items():
        assert allowed[f"worker.{name}"] > row.within.total_seconds() * 1000
