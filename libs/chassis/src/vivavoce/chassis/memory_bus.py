"""A broker in memory between whole services, over the same relay and consume helper as the real one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from vivavoce.chassis.answers import Answerer
from vivavoce.chassis.broadcasts import Broadcast, hear
from vivavoce.chassis.consumer import Consumer
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.groups import make_consumer
from vivavoce.chassis.joining import MOST_TOGETHER, consume_all
from vivavoce.chassis.memory_wire import Listener, MemoryWire
from vivavoce.chassis.relay import Relay
from vivavoce.chassis.retry import Backoff, HandBack, Patience
from vivavoce.chassis.service import Service
from vivavoce.chassis.turn import TakeAll
from vivavoce.chassis.wire import OnRecord, Record
from vivavoce.contracts.topics import REPLY_TOPIC

MOST_ROUNDS = 1000


class NeverSettles(Exception):
    """Services kept answering each other's facts without an end."""


@dataclass
class Reader:
    """A Kafka group in memory: what it takes, and how far it has come in each partition.

    Its name is that of the service and of the group, such as `media.ingest`.
    """

    name: str
    topics: frozenset[str]
    take: TakeAll
    positions: dict[tuple[str, int], int] = field(default_factory=dict)


class MemoryBus:
    """Connects the services of one test.

    Questions, answers and broadcasts arrive at once. Facts move in `settle`, which publishes what
    is in the outboxes and delivers it, until there is nothing left to do. Background tasks, such as
    pools, are not run.
    """

    def __init__(self) -> None:
        self.wire = MemoryWire()
        self._services: list[Service] = []
        self.readers: list[Reader] = []
        self._relays: list[Relay] = []
        self._slots = 0

    def connect(self, service: Service) -> None:
        """Let a service speak over this bus, in place of its own wire."""
        service.broker.wire = self.wire
        self._services.append(service)
        self._relays.append(_relay(service))
        patience = Patience(service.clock, Backoff(first=0, longest=0), limit=0)
        for group in service.groups:
            consumer = make_consumer(
                group,
                service_name=service.settings.service_name,
                database=service.database,
                patience=patience,
            )
            self.readers.append(Reader(consumer.name, frozenset(consumer.rows), _taking(consumer)))
        self._connect_what_arrives_at_once(service)

    async def settle(self) -> None:
        """Publish and deliver until nothing is pending.

        What a consumer hands back stays for the next time. Raises NeverSettles after a thousand rounds.
        """
        handed_back: set[tuple[str, str, int]] = set()
        for _ in range(MOST_ROUNDS):
            # What handlers started, such as best-effort progress, gets its turn first.
            await asyncio.sleep(0)
            moved = await self.publish()
            for reader in self.readers:
                moved += await self._deliver(reader, handed_back)
            if not moved:
                return
        raise NeverSettles(f"Still moving after {MOST_ROUNDS} rounds.")

    async def publish(self) -> int:
        """Put what is in the outboxes on the log; returns how much that was.

        A service that can't reach its database or the broker publishes nothing.
        """
        moved = 0
        for relay in self._relays:
            try:
                while published := await relay.publish_once():
                    moved += published
            except InfrastructureAway:
                continue
        return moved

    def records(self, topic: str) -> list[Record]:
        """Everything that was published to a topic, in order within each partition."""
        return [record for _, _, records in self.wire.partitions([topic]) for record in records]

    def redeliver(self) -> None:
        """Let every group read everything again, as after commits that were lost."""
        for reader in self.readers:
            reader.positions.clear()

    def forget(self) -> None:
        """Lose the log and all positions, as the embedded broker does when it restarts."""
        self.wire.forget()
        self.redeliver()
        self._relays = [_relay(service) for service in self._services]

    def _connect_what_arrives_at_once(self, service: Service) -> None:
        for row in service.broadcasts:
            self.wire.add(Listener(row.fact.type, None, _hearing(row)))
        answerer = Answerer(
            service.answers,
            service.broker,
            service_name=service.settings.service_name,
            clock=service.clock,
            at_once=service.answers_at_once,
        )
        for topic in answerer.topics:
            self.wire.add(Listener(topic, None, answerer.take))
        if service.asker is not None:
            self.wire.add(Listener(REPLY_TOPIC, self._slots, service.asker.receive))
            service.asker.occupy(self._slots)
            self._slots += 1

    async def _deliver(self, reader: Reader, handed_back: set[tuple[str, str, int]]) -> int:
        moved = 0
        for topic, partition, records in self.wire.partitions(reader.topics):
            if (reader.name, topic, partition) in handed_back:
                continue
            rest = records[reader.positions.get((topic, partition), 0) :]
            try:
                while rest:
                    settled = await reader.take(rest[:MOST_TOGETHER])
                    reader.positions[topic, partition] = rest[settled - 1].offset + 1
                    moved, rest = moved + settled, rest[settled:]
            except HandBack:
                handed_back.add((reader.name, topic, partition))
        return moved


def _relay(service: Service) -> Relay:
    owner = service.settings.instance_name
    return Relay(service.database, service.broker, owner=owner, clock=service.clock)


def _taking(consumer: Consumer) -> TakeAll:
    async def take(records: Sequence[Record]) -> int:
        return await consume_all(records, consumer)

    return take


def _hearing(row: Broadcast) -> OnRecord:
    async def on_record(record: Record) -> None:
        await hear(row, record)

    return on_record
