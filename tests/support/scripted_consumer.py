"""A Kafka consumer of a group that isn't connected: it hands out a log, and notes what is asked of it."""

import asyncio
from typing import Any

import aiokafka
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, ConsumerStoppedError

Place = tuple[str, int]


class ScriptedConsumer:
    """Stands in for aiokafka's: reads like it, one record of each partition after the other.

    `committed` is what the broker would know at the end, `commits` each commit in turn.
    """

    def __init__(
        self, log: list[ConsumerRecord[Any, Any]], options: dict[str, Any], cluster_open: asyncio.Event
    ) -> None:
        self.options = options
        self.commits: list[dict[Place, int]] = []
        self.given: list[Place] = []
        self.refuses_commits = False
        self.listener: Any = None
        self.stopped = False
        self._log = log
        self._open = cluster_open
        self._positions: dict[Place, int] = {}

    @property
    def committed(self) -> dict[Place, int]:
        """The last commit of each partition: the offset of its next record."""
        return self.commits[-1] if self.commits else {}

    def subscribe(self, *, listener: Any = None, **_: object) -> None:
        """Belong to the group."""
        self.listener = listener

    async def start(self) -> None:
        """Join the group, as soon as the cluster lets it."""
        await self._open.wait()

    def assignment(self) -> set[TopicPartition]:
        """Nothing that would have to be looked after."""
        return set()

    async def stop(self) -> None:
        """Commit what was handed out, as aiokafka does when it commits by itself."""
        if self.options.get("enable_auto_commit", True) and not self.stopped:
            await self.commit()
        self.stopped = True

    async def getone(self, *_: TopicPartition) -> ConsumerRecord[Any, Any]:
        """The next record; waits beyond the end."""
        while True:
            await asyncio.sleep(0)
            if self.stopped:
                raise ConsumerStoppedError
            record = self._next()
            if record is not None:
                self._advance(record)
                return record

    async def getmany(
        self, *_: TopicPartition, max_records: int | None = None, **__: object
    ) -> dict[TopicPartition, list[Any]]:
        """All that is left, or so many of them."""
        await asyncio.sleep(0)
        found: dict[TopicPartition, list[Any]] = {}
        while max_records != 0 and (record := self._next()) is not None:
            max_records = None if max_records is None else max_records - 1
            self._advance(record)
            found.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        return found

    async def commit(self) -> None:
        """Keep the position of every partition; raises CommitFailedError when told to."""
        await asyncio.sleep(0)
        if self.refuses_commits:
            raise CommitFailedError
        self.commits.append(dict(self._positions))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on there."""
        self._positions[partition.topic, partition.partition] = offset

    def _next(self) -> "ConsumerRecord[Any, Any] | None":
        ahead = [found for found in self._log if found.offset >= self._positions.get(place_of(found), 0)]
        return min(ahead, key=lambda found: found.offset, default=None)

    def _advance(self, record: "ConsumerRecord[Any, Any]") -> None:
        self._positions[place_of(record)] = record.offset + 1
        self.given.append(place_of(record))


class ScriptedCluster:
    """Whoever makes an aiokafka consumer meanwhile gets a scripted one, over one log.

    Each begins where the one before it has committed; none starts while `open` is not set.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.consumers: list[ScriptedConsumer] = []
        self.log: list[ConsumerRecord[Any, Any]] = []
        self.open = asyncio.Event()
        self.open.set()
        monkeypatch.setattr(aiokafka, "AIOKafkaConsumer", self._make)

    def put(self, topic: str, partition: int = 0, value: bytes = b"{}", **parts: Any) -> None:
        """Append a record to a partition."""
        offset = sum(place_of(found) == (topic, partition) for found in self.log)
        self.log.append(record_at(topic, partition, offset, value, **parts))

    def _make(self, **options: Any) -> ScriptedConsumer:
        made = ScriptedConsumer(self.log, options, self.open)
        for place, offset in (self.consumers[-1].committed if self.consumers else {}).items():
            made.seek(TopicPartition(*place), offset)
        self.consumers.append(made)
        return made


def place_of(record: "ConsumerRecord[Any, Any]") -> Place:
    """Topic and partition."""
    return record.topic, record.partition


def record_at(
    topic: str, partition: int, offset: int, value: bytes, *, key: bytes = b"k", headers: Any = ()
) -> "ConsumerRecord[Any, Any]":
    """A record as aiokafka makes it."""
    return ConsumerRecord(
        topic, partition, offset, 0, 0, key, value, None, len(key), len(value), tuple(headers)
    )
