"""A fetch that would find nothing is held until something has happened; everything else flows."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v11

from tests.support.databases import turns
from vivavoce.chassis import kafka_pace
from vivavoce.chassis.doorbell import Doorbell
from vivavoce.chassis.kafka_pace import Pace, pace

TOPIC, OTHER = "media.features", "score.generated"

Offsets = dict[tuple[str, int], int]
HERE: Offsets = {(TOPIC, 0): 5, (TOPIC, 1): 7}


@pytest.fixture(autouse=True)
def holds_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_pace, "HOLD_SECONDS", 1e6)


class Client:
    """Answers every request as it is told: with some partitions' records and ends, late, or with an error."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.records: dict[tuple[str, int], bytes] = {}
        self.ends: Offsets = {}
        self.silent: set[tuple[str, int]] = set()
        self.open = asyncio.Event()
        self.open.set()
        self.error: Exception | None = None

    async def send(self, _: object, request: Any, *, group: int = 0) -> Any:
        self.sent.append((request, group))
        await self.open.wait()
        if self.error is not None:
            raise self.error
        if not isinstance(request, FetchRequest):
            return "answered"
        return SimpleNamespace(
            topics=[
                (topic, [self._partition(topic, asked[0]) for asked in partitions])
                for topic, partitions in request.topics
                if (topic, partitions[0][0]) not in self.silent
            ]
        )

    def _partition(self, topic: str, number: int) -> tuple[Any, ...]:
        return number, 0, self.ends.get((topic, number), 0), [], self.records.get((topic, number), b"")


class Rig:
    """A paced client and its bell."""

    def __init__(self) -> None:
        self.client = Client()
        self.bell = Doorbell(Path("/nowhere"), service_name="media", instance_name="1")
        self.paced = Pace(self.client.send, self.bell)

    def begin(self, offsets: Offsets, node: int = 1) -> "asyncio.Task[Any]":
        """A fetch that is on its way, or held."""
        return asyncio.create_task(self.paced.send(node, fetch(offsets)))

    async def passes(self, offsets: Offsets, node: int = 1) -> bool:
        """Whether a fetch goes out without anything having to happen; it is given up if not."""
        before = len(self.client.sent)
        task = self.begin(offsets, node)
        await turns()
        task.cancel()
        await asyncio.wait({task})
        return len(self.client.sent) > before

    def waits(self) -> list[int]:
        """How long the broker might keep each fetch waiting, in milliseconds."""
        return [request.build(FetchRequest_v11).max_wait_time for request, _ in self.client.sent]

    async def look_in_vain(self, offsets: Offsets, node: int = 1) -> None:
        """A fetch that finds nothing."""
        await self.paced.send(node, fetch(offsets))


def fetch(offsets: Offsets) -> FetchRequest:
    topics: dict[str, list[tuple[int, int, int]]] = {}
    for (topic, partition), offset in offsets.items():
        topics.setdefault(topic, []).append((partition, offset, 100))
    return FetchRequest(1, 1, 1000, 0, list(topics.items()))


async def test_a_fetch_that_repeats_a_look_in_vain_waits_for_the_bell() -> None:
    rig = Rig()
    await rig.look_in_vain(HERE)

    held = rig.begin(dict(reversed(HERE.items())))
    await turns()
    assert len(rig.client.sent) == 1
    rig.bell.ring(OTHER)
    await turns()
    assert len(rig.client.sent) == 1
    rig.bell.ring(TOPIC)
    await held

    assert len(rig.client.sent) == 2
    assert not await rig.passes(HERE)


async def test_a_fetch_is_held_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_pace, "HOLD_SECONDS", 0.001)
    rig = Rig()
    await rig.look_in_vain(HERE)

    await rig.begin(HERE)

    assert len(rig.client.sent) == 2


async def test_a_ring_between_a_fetch_and_its_answer_lets_the_next_fetch_go() -> None:
    rig = Rig()
    rig.client.open.clear()
    looking = rig.begin(HERE)
    await turns()

    rig.bell.ring(TOPIC)
    rig.client.open.set()
    await looking

    assert await rig.passes(HERE)


async def test_a_ring_between_an_answer_and_the_next_fetch_lets_that_go() -> None:
    rig = Rig()
    await rig.look_in_vain(HERE)

    rig.bell.ring(TOPIC)

    assert await rig.passes(HERE)
    assert not await rig.passes(HERE)


@pytest.mark.parametrize(
    "there",
    [
        {**HERE, (TOPIC, 0): 6},
        {**HERE, (OTHER, 0): 0},
        {(TOPIC, 0): 5},
        {(TOPIC, 0): 7, (TOPIC, 1): 5},
    ],
)
async def test_a_fetch_from_elsewhere_goes_at_once(there: Offsets) -> None:
    rig = Rig()
    await rig.look_in_vain(HERE)
    assert await rig.passes(there)


async def test_after_a_fetch_that_found_something_the_same_one_goes_at_once() -> None:
    rig = Rig()
    rig.client.records = {(TOPIC, 1): b"records that were dropped, for the partition was paused"}
    await rig.begin(HERE)

    assert await rig.passes(HERE)


@pytest.mark.parametrize("lacking", ["records", "a partition"])
async def test_a_broker_that_had_no_time_to_look_is_given_more_and_more(lacking: str) -> None:
    rig = Rig()
    if lacking == "records":
        rig.client.ends = {**HERE, (TOPIC, 1): 8}
    else:
        rig.client.silent = {(TOPIC, 0)}
    for _ in range(6):
        await rig.look_in_vain(HERE)
    assert rig.waits() == [1, 8, 64, 512, 1000, 1000]

    rig.client.ends, rig.client.silent = HERE, set()
    await rig.look_in_vain(HERE)

    assert not await rig.passes(HERE)
    rig.bell.ring(TOPIC)
    await rig.look_in_vain(HERE)
    assert rig.waits()[6:] == [1000, 1]


async def test_a_fetch_that_failed_is_repeated_at_once() -> None:
    rig = Rig()
    await rig.look_in_vain(HERE)
    rig.bell.ring(TOPIC)
    rig.client.error = KafkaError("gone")
    with pytest.raises(KafkaError):
        await rig.begin(HERE)

    rig.client.error = None
    assert await rig.passes(HERE)


async def test_each_broker_has_its_own_last_look() -> None:
    rig = Rig()
    await rig.look_in_vain(HERE, node=1)
    assert await rig.passes({(TOPIC, 2): 0}, node=2)
    assert not await rig.passes(HERE, node=1)
    assert not await rig.passes({(TOPIC, 2): 0}, node=2)


async def test_other_requests_pass_a_held_fetch_with_what_they_are_sent_with() -> None:
    rig = Rig()
    await rig.look_in_vain(HERE)
    held = rig.begin(HERE)
    request = FindCoordinatorRequest("media.ingest", 0)

    assert await rig.paced.send(1, request, group=1) == "answered"

    assert rig.client.sent[-1] == (request, 1)
    assert not held.done()
    held.cancel()


async def test_a_held_fetch_that_is_given_up_ends_at_once_and_sends_nothing() -> None:
    rig = Rig()
    await rig.look_in_vain(HERE)
    held = rig.begin(HERE)
    await turns()

    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held

    assert len(rig.client.sent) == 1


@pytest.mark.parametrize("ask", ["getone", "getmany"])
@pytest.mark.parametrize("waits", [False, True])
async def test_whoever_waits_for_more_lets_a_held_fetch_go(ask: str, waits: bool) -> None:
    rig = Rig()

    async def answer(*partitions: object, **options: object) -> Any:
        if waits:
            await turns()
        return partitions, options

    consumer: Any = SimpleNamespace(_client=rig.client, getone=answer, getmany=answer)
    pace(consumer, rig.bell)
    await rig.client.send(1, fetch(HERE))
    held = asyncio.create_task(rig.client.send(1, fetch(HERE)))
    await turns()
    assert len(rig.client.sent) == 1

    assert await getattr(consumer, ask)("partition", timeout_ms=5) == (("partition",), {"timeout_ms": 5})
    await turns()

    assert held.done() == waits
    held.cancel()
