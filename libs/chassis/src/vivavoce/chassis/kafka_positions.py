"""Keeps consumers within their logs, when a broker has forgotten one and begun it anew.

Kafka answers a fetch beyond the end of a log with an error, on which the client resets its position.
The embedded broker answers that nothing is there yet, so a consumer would wait without a word until
the new log has grown as long as the old one was, and miss all of it until then. A group comes to such
a position too: between leaving and joining it, the embedded broker takes commits of the old log.
"""

import asyncio
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from vivavoce.chassis.log import get_logger

LOOK_SECONDS = 0.5

log = get_logger(__name__)


async def keep_within_log(consumer: Any) -> None:
    """Read a log that was begun anew from its beginning, until cancelled.

    Only what two looks in a row find counts, and only if the log's end says the same. After an election, a
    leader may for seconds not know how much of its log is committed, and tells readers too low an end; to
    those who ask for the end, Kafka says so only when it knows.
    """
    suspected: set[TopicPartition] = set()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        beyond = {partition for partition in consumer.assignment() if await _is_beyond(consumer, partition)}
        for partition in beyond & suspected & consumer.assignment():
            if not await _ends_before_position(consumer, partition):
                continue
            log.warning("log_begun_anew", topic=partition.topic, partition=partition.partition)
            consumer.seek(partition, 0)
        suspected = beyond - suspected


async def _is_beyond(consumer: Any, partition: TopicPartition) -> bool:
    """Whether the consumer waits for a record beyond the next one that the log will have."""
    try:
        position = await consumer.position(partition)
    except (IllegalStateError, KafkaError):  # it has been given up meanwhile
        return False
    end = consumer.highwater(partition) if partition in consumer.assignment() else None
    return end is not None and end < position


async def _ends_before_position(consumer: Any, partition: TopicPartition) -> bool:
    try:
        ends = await consumer.end_offsets([partition])
        return bool(ends[partition] < await consumer.position(partition))
    except (IllegalStateError, KafkaError):
        return False
