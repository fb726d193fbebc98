"""Reads what stands on topics, without a group: from an offset or a time up to the ends of now."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.kafka_wire import away

FETCH_MS = 500
"""The embedded broker has no more time than a fetch's wait for finding a record in a long log."""
MILLISECONDS = 1000
LOOKS = 3
"""Under load there is always something after the end that was told."""


@asynccontextmanager
async def history_reader(options: Mapping[str, Any]) -> AsyncIterator[Any]:
    """A consumer without a group for the length of a block; raises InfrastructureAway.

    `options` are those of the connection.
    """
    consumer: Any = AIOKafkaConsumer(
        **options,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_MS,
    )
    try:
        await consumer.start()
        yield consumer
    except (KafkaError, TimeoutError, OSError) as error:
        raise away(error) from error
    finally:
        await consumer.stop()


async def ends_of(consumer: Any, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """The next offset of each partition, as the broker tells it.

    The embedded broker names the second record of a last batch; who reads until there gets all of it.
    """
    wanted = list(partitions)
    return dict(await consumer.end_offsets(wanted)) if wanted else {}


async def true_ends(consumer: Any, told: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    """The next offset of each partition, by looking for records at and after the end that was told."""
    ends = {partition: end for partition, end in told.items() if end > 0}
    found = dict(told)
    if not ends:
        return found
    consumer.assign(list(ends))
    for partition, end in ends.items():
        consumer.seek(partition, end)
    for _ in range(LOOKS):
        fetched = await consumer.getmany(timeout_ms=FETCH_MS)
        if not fetched:
            break
        found.update((partition, records[-1].offset + 1) for partition, records in fetched.items())
    return found


async def starts_of(
    consumer: Any, partitions: Iterable[TopicPartition], since: datetime | None
) -> dict[TopicPartition, int]:
    """The offset of each partition's first record, or of its first one at or after a time.

    A partition without such a record is left out.
    """
    wanted = list(partitions)
    if not wanted:
        return {}
    if since is None:
        return dict(await consumer.beginning_offsets(wanted))
    moment = int(since.timestamp() * MILLISECONDS)
    found = await consumer.offsets_for_times(dict.fromkeys(wanted, moment))
    # Kafka answers with nothing, the embedded broker with the time -1.
    return {place: at.offset for place, at in found.items() if at is not None and at.timestamp >= 0}


async def read_between(
    consumer: Any, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> AsyncIterator[Any]:
    """The ConsumerRecords from the starts up to the ends, in order within each partition."""
    left = {partition for partition, start in starts.items() if ends.get(partition, 0) > start}
    if not left:  # a consumer that was assigned nothing would be in no hurry to stop
        return
    consumer.assign(list(left))
    for partition in left:
        consumer.seek(partition, starts[partition])
    while left:
        for records in (await consumer.getmany(*left, timeout_ms=FETCH_MS)).values():
            for record in records:
                yield record
        left = {partition for partition in left if await consumer.position(partition) < ends[partition]}


async def record_at(consumer: Any, partition: TopicPartition, offset: int) -> Any | None:
    """The ConsumerRecord at an offset, or None when the broker has none there."""
    if partition not in await existing_partitions(consumer, [partition.topic]):
        return None
    consumer.assign([partition])
    consumer.seek(partition, offset)
    for _ in range(LOOKS):
        for records in (await consumer.getmany(partition, timeout_ms=FETCH_MS)).values():
            return records[0] if records[0].offset == offset else None
    return None


def time_of(record: Any) -> datetime:
    """When a ConsumerRecord was put on its topic."""
    return datetime.fromtimestamp(record.timestamp / MILLISECONDS, UTC)
