"""Groups over a real connection: whoever joins, leaves, is slow or fails, every message has one effect."""

from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaClient
from aiokafka.protocol.group import HeartbeatRequest

from tests.support import facts, offloaded
from tests.support.databases import until
from tests.support.delivery import SOON, joined, memory_database, of, parcel, running, service, unique
from tests.support.kafka import Kafka, apache_only, running_kafka
from vivavoce.chassis import groups
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.offload import Offload
from vivavoce.chassis.retry import HandBack
from vivavoce.chassis.service import Service
from vivavoce.chassis.subscriptions import Group, Received, work
from vivavoce.chassis.turn import Turn
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import RecordingRequested

pytestmark = pytest.mark.connected
MESSAGES = 12
HEARTBEATS = 2
Requested = Received[RecordingRequested]
Work = Callable[[str, str], Awaitable[None]]


async def nothing(_: str, __: str) -> None:
    """Work that is done at once."""


class Crew:
    """Members of one group over one database, and what becomes of the messages of one test.

    `work` is the slow part of handling, which is told the member's instance and the event's id.
    """

    def __init__(self, kafka: Kafka) -> None:
        self.name, self.about = unique("crew"), unique("interview")
        self.begun: list[tuple[str, str]] = []
        self.concluded: list[str] = []
        self.work: Work = nothing
        self._servers = kafka.bootstrap_servers
        self._database: MemoryDatabase = memory_database(SystemClock())

    @property
    def ids(self) -> list[str]:
        """The ids of all messages, in the order in which they are sent."""
        return [f"{self.about}/{number}" for number in range(MESSAGES)]

    def member(self, instance: str, *, static: bool = False) -> Service:
        """A replica."""

        async def prepare(received: Requested) -> None:
            if received.envelope.id.startswith(self.about):
                self.begun.append((instance, received.envelope.id))
                await self.work(instance, received.envelope.id)

        async def conclude(received: Requested, _: None, uow: UnitOfWork) -> None:
            if received.envelope.id.startswith(self.about):
                uow.after_commit(lambda: self.concluded.append(received.envelope.id))

        return service(
            self.name,
            groups=[Group("work", (work(RecordingRequested, prepare, conclude, within=SOON),))],
            database=self._database,
            bootstrap_servers=self._servers,
            options={"instance_name": instance, "kafka_static_membership": static},
        )

    async def send(self, by: Service, ids: list[str] | None = None) -> None:
        """Messages of many keys, so that every partition has some."""
        for event_id in ids or self.ids:
            await by.broker.wire.send(parcel(of(event_id, facts.requested()), event_id))

    def all_concluded(self) -> bool:
        return set(self.concluded) == set(self.ids)


@pytest.fixture
def crew(kafka: Kafka) -> Crew:
    return Crew(kafka)


@pytest.fixture
def revoked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every time that a member had to give up partitions."""
    found: list[Any] = []
    give_up = Turn.on_partitions_revoked

    async def noted(turn: Turn, partitions: Any) -> None:
        if partitions:
            found.append(partitions)
        await give_up(turn, partitions)

    monkeypatch.setattr(Turn, "on_partitions_revoked", noted)
    return found


async def test_messages_that_are_handed_back_in_every_partition_come_again_and_none_is_lost(
    crew: Crew,
) -> None:
    async def hand_back_once(_: str, event_id: str) -> None:
        if [found for _, found in crew.begun].count(event_id) == 1:
            raise HandBack("later")

    crew.work = hand_back_once
    async with running(only := crew.member("1")):
        await crew.send(only)
        await until(crew.all_concluded)

    assert Counter(event_id for _, event_id in crew.begun) == dict.fromkeys(crew.ids, 2)
    assert len(crew.concluded) == MESSAGES


async def test_a_message_under_work_ends_before_its_partition_goes_to_a_member_that_joins(
    crew: Crew, revoked: list[Any]
) -> None:
    ended: list[str] = []

    async def wait_for_the_revocation(instance: str, event_id: str) -> None:
        if instance == "1":
            await until(lambda: revoked != [])
        ended.append(event_id)

    crew.work = wait_for_the_revocation
    async with running(first := crew.member("1")):
        await crew.send(first)
        await until(lambda: crew.begun != [])
        async with running(crew.member("2")):
            await until(crew.all_concluded)

    assert {instance for instance, _ in crew.begun} == {"1", "2"}
    assert Counter(event_id for _, event_id in crew.begun) == dict.fromkeys(crew.ids, 1)
    assert len(ended) == len(crew.concluded) == MESSAGES


async def test_work_that_outlasts_its_consumers_patience_is_begun_by_another_and_has_one_effect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a broker of its own: one that has much to do may answer neither of them in time."""
    monkeypatch.setattr(groups, "longest_take", lambda *_: 1.5)
    with running_kafka() as kafka:
        await outlasting(Crew(kafka))


async def outlasting(crew: Crew) -> None:
    async def wait_for_the_other(_: str, event_id: str) -> None:
        await until(lambda: {("1", event_id), ("2", event_id)} <= set(crew.begun))

    crew.work = wait_for_the_other
    first, second = crew.member("1"), crew.member("2")
    async with first.lifespan(), running(second):
        await until(lambda: joined(first))
        await crew.send(first, crew.ids[:1])
        await until(lambda: crew.concluded != [])

    assert crew.concluded == crew.ids[:1]


async def test_a_consumer_whose_work_keeps_a_processor_busy_goes_on_saying_that_it_lives(
    crew: Crew, revoked: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[object] = []
    send = AIOKafkaClient.send

    async def noted(client: Any, node: object, request: Any, **options: Any) -> Any:
        if isinstance(request, HeartbeatRequest):
            beats.append(request)
        return await send(client, node, request, **options)

    offload, mark = Offload(1), tmp_path / "enough"

    async def burn(_: str, __: str) -> None:
        await offload.run(offloaded.burn_until, str(mark), within=SOON.total_seconds())

    crew.work = burn
    async with running(only := crew.member("1")):
        await crew.send(only, crew.ids[:1])
        await until(lambda: crew.begun != [])
        monkeypatch.setattr(AIOKafkaClient, "send", noted)
        await until(lambda: len(beats) >= HEARTBEATS)
        mark.touch()
        await until(lambda: crew.concluded != [])
    await offload.close()

    assert len(crew.begun) == 1
    assert revoked == []


@apache_only
async def test_a_static_member_that_comes_back_finds_its_partitions_and_disturbs_no_other(
    crew: Crew, revoked: list[Any]
) -> None:
    """The embedded broker rebalances for a static member too, and takes 18 s for it."""
    async with running(crew.member("1", static=True)):
        async with running(crew.member("2", static=True)):
            revoked.clear()
        async with running(back := crew.member("2", static=True)):
            await crew.send(back)
            await until(crew.all_concluded)

    assert {instance for instance, _ in crew.begun} == {"1", "2"}
    assert revoked == []
