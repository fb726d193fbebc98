"""How far a consumer is behind, as it knows itself: no question to the broker, and none about others."""

import asyncio
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from vivavoce.chassis.edge_metrics import CONSUMER_LAG

REPORT_SECONDS = 5.0


async def report_lag(consumer: Any) -> None:
    """Report every partition's lag every few seconds, until cancelled; those given up are left out."""
    # aiokafka has no public name for it
    group, reported = str(vars(consumer)["_group_id"]), set[TopicPartition]()
    try:
        while True:
            reported = await _reported(group, consumer, reported)
            await asyncio.sleep(REPORT_SECONDS)
    finally:
        _leave_out(group, reported)


async def _reported(group: str, consumer: Any, before: set[TopicPartition]) -> set[TopicPartition]:
    assigned: set[TopicPartition] = set(consumer.assignment())
    _leave_out(group, before - assigned)
    found: set[TopicPartition] = set()
    for partition in assigned:
        lag = await lag_of(consumer, partition)
        if lag is not None:
            CONSUMER_LAG.labels(group, partition.topic, partition.partition).set(lag)
            found.add(partition)
    return found | (before & assigned)


async def lag_of(consumer: Any, partition: TopicPartition) -> int | None:
    """How much lies between what was taken and the end that the last fetch told of; None before any."""
    try:
        end = consumer.highwater(partition)
        return None if end is None else max(0, end - await consumer.position(partition))
    except (IllegalStateError, KafkaError, AssertionError):  # it has been given up meanwhile
        return None


def _leave_out(group: str, partitions: set[TopicPartition]) -> None:
    for partition in partitions:
        CONSUMER_LAG.remove(group, partition.topic, str(partition.partition))
