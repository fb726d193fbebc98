"""What stands on the broker: the ends of topics, and the dead letters with why they lie there."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import BaseModel, ConfigDict

from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.cli.errors import CommandFailed
from vivavoce.contracts import Topic, all_topics
from vivavoce.contracts.topics import DEAD_LETTER_SUFFIX

CLIENT_ID = "viva"
REQUEST_TIMEOUT_MS = 10_000
FETCH_MS = 500


class DeadLetter(BaseModel):
    """One message that could not be handled. `time` is when it was put aside."""

    model_config = ConfigDict(frozen=True)

    topic: str
    partition: int
    offset: int
    key: str | None
    error: str | None
    attempts: int | None
    time: datetime
    group: str | None
    first_failed_at: str | None
    original_topic: str | None
    original_partition: int | None
    original_offset: int | None


def dead_letter_topics() -> tuple[Topic, ...]:
    """The topics that keep what could not be handled."""
    return tuple(topic for topic in all_topics() if topic.name.endswith(DEAD_LETTER_SUFFIX))


async def end_offsets(servers: str, topics: Iterable[Topic]) -> dict[str, list[int]]:
    """For each existing topic the next offset of each of its partitions."""
    async with _Reader(servers) as consumer:
        partitions = await existing_partitions(consumer, [topic.name for topic in topics])
        ends = await consumer.end_offsets(partitions) if partitions else {}
    found: dict[str, list[int]] = {}
    for partition in sorted(ends):
        found.setdefault(partition.topic, []).append(ends[partition])
    return found


async def dead_letters(servers: str) -> list[DeadLetter]:
    """Every dead letter that the broker still keeps, oldest first."""
    async with _Reader(servers) as consumer:
        partitions = await existing_partitions(consumer, [topic.name for topic in dead_letter_topics()])
        if not partitions:
            return []
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
        wanted = [partition for partition in partitions if ends[partition] > begins[partition]]
        consumer.assign(wanted)
        records = await _read(consumer, wanted, ends)
    return sorted((to_dead_letter(record) for record in records), key=lambda letter: letter.time)


async def _read(consumer: Any, wanted: list[TopicPartition], ends: dict[TopicPartition, int]) -> list[Any]:
    records: list[Any] = []
    if wanted:
        await consumer.seek_to_beginning()
    left = set(wanted)
    while left:
        for fetched in (await consumer.getmany(*left, timeout_ms=FETCH_MS)).values():
            records += fetched
        left = {partition for partition in left if await consumer.position(partition) < ends[partition]}
    return records


def to_dead_letter(record: Any) -> DeadLetter:
    """An aiokafka ConsumerRecord of a dead-letter topic."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key.decode(errors="replace") if record.key is not None else None,
        error=headers.get("dlq_error"),
        attempts=_whole(headers.get("dlq_attempts")),
        time=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        group=headers.get("dlq_group"),
        first_failed_at=headers.get("dlq_first_failed_at"),
        original_topic=headers.get("dlq_topic"),
        original_partition=_whole(headers.get("dlq_partition")),
        original_offset=_whole(headers.get("dlq_offset")),
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


class _Reader:
    """A consumer without a group, for the length of a block; raises CommandFailed when it can't read."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self._consumer: Any = None

    async def __aenter__(self) -> Any:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers.split(","),
            client_id=CLIENT_ID,
            group_id=None,
            enable_auto_commit=False,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        try:
            await self._consumer.start()
        except (KafkaError, OSError) as error:
            await self._consumer.stop()
            raise _away(error) from error
        return self._consumer

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        await self._consumer.stop()
        if isinstance(error, KafkaError):
            raise _away(error) from error


def _away(error: BaseException) -> CommandFailed:
    return CommandFailed(f"The broker doesn't answer ({type(error).__name__}).")
