"""The wire in memory: a log per partition, and whoever listens, in one process."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from zlib import crc32

from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.wire import OnRecord, Parcel, Place, Placed, Record

PARTITIONS = 4


@dataclass(frozen=True)
class Listener:
    """Who hears what is sent to a partition of a topic, or to all of them."""

    topic: str
    partition: int | None
    on_record: OnRecord

    def hears(self, record: Record) -> bool:
        """Whether the record is for this listener."""
        return self.topic == record.topic and self.partition in {None, record.partition}


class MemoryWire:
    """Implements `Wire`. Set `away` to play a broker that doesn't answer."""

    def __init__(self) -> None:
        self.away = False
        self._log: dict[Place, list[Record]] = {}
        self._listeners: list[Listener] = []

    async def start(self) -> None:
        """There is nothing to connect to."""

    async def stop(self) -> None:
        """There is nothing to disconnect from."""

    async def ping(self) -> None:
        """Raises InfrastructureAway while `away` is set."""
        if self.away:
            raise InfrastructureAway("The broker in memory is away.")

    async def send(self, parcel: Parcel) -> Placed:
        """Append to the log, and pass on to listeners."""
        await self.ping()
        partition = parcel.partition
        if partition is None:
            partition = crc32(parcel.key or b"") % PARTITIONS
        records = self._log.setdefault((parcel.topic, partition), [])
        offset = len(records)
        record = Record(parcel.topic, partition, offset, parcel.key, parcel.value, tuple(parcel.headers))
        records.append(record)
        for listener in tuple(self._listeners):
            if listener.hears(record):
                await listener.on_record(record)
        return Placed(partition, offset)

    async def ensure_topics(self) -> None:
        """Topics exist as soon as they are named."""
        await self.ping()

    async def forgotten(self, high_waters: Mapping[Place, int]) -> set[Place]:
        """The partitions that have no record at their offset."""
        await self.ping()
        return {place for place, offset in high_waters.items() if len(self._log.get(place, ())) <= offset}

    @asynccontextmanager
    async def listen(
        self,
        topic: str,
        on_record: OnRecord,
        *,
        partition: int | None = None,
        awaited: asyncio.Event | None = None,
    ) -> AsyncIterator[None]:
        """Pass on what is sent from now on, awaited or not."""
        listener = Listener(topic, partition, on_record)
        self.add(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def add(self, listener: Listener) -> None:
        """Pass on what is sent from now on, for good."""
        self._listeners.append(listener)

    def partitions(self, topics: Iterable[str]) -> Iterator[tuple[str, int, list[Record]]]:
        """The partitions of some topics that have records, by topic and number, with those records."""
        wanted = set(topics)
        for topic, partition in sorted(place for place in self._log if place[0] in wanted):
            yield topic, partition, self._log[topic, partition]

    def forget(self) -> None:
        """Lose everything, as the embedded broker does when it restarts."""
        self._log.clear()
