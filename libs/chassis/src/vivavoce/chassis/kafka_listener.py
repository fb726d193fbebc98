"""Listening without a group: what is published from now on, and only while somebody waits for it."""

import asyncio
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError, UnknownTopicOrPartitionError

from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.wire import OnRecord, Record

START_SECONDS = 15.0
READ_MS = 500
PAUSE_SECONDS = 1.0

log = get_logger(__name__)


class KafkaListener:
    """Passes records from a consumer without a group to `on_record`, until the consumer is stopped.

    With `awaited`, it reads only while that is set.
    """

    def __init__(self, consumer: Any, on_record: OnRecord, awaited: asyncio.Event | None) -> None:
        self._consumer = consumer
        self._on_record = on_record
        self._awaited = awaited

    async def start(self, topic: str, partition: int | None) -> None:
        """Take the place after the last record of one partition, or of all; raises KafkaError."""
        consumer = self._consumer
        async with asyncio.timeout(START_SECONDS):
            await consumer.start()
            existing = await existing_partitions(consumer, [topic])
            wanted = existing if partition is None else [TopicPartition(topic, partition)]
            if not wanted or not set(wanted) <= set(existing):
                raise UnknownTopicOrPartitionError(topic)
            consumer.assign(wanted)
            await consumer.seek_to_end()
            for assigned in consumer.assignment():
                await consumer.position(assigned)

    async def run_forever(self) -> None:
        """Read until the consumer is stopped; a broker that is away is waited for."""
        while True:
            try:
                await self._rest_until_awaited()
                await self._read()
            except ConsumerStoppedError:
                return
            except (KafkaError, OSError) as error:
                log.warning("listening_interrupted", error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _rest_until_awaited(self) -> None:
        if self._awaited is None or self._awaited.is_set():
            return
        self._consumer.pause(*self._consumer.assignment())
        await self._awaited.wait()
        self._consumer.resume(*self._consumer.assignment())

    async def _read(self) -> None:
        found = await self._consumer.getmany(timeout_ms=READ_MS)
        for records in found.values():
            for record in records:
                await self._on_record(to_record(record))


def to_record(found: Any) -> Record:
    """An aiokafka ConsumerRecord as a `Record`."""
    return Record(
        topic=found.topic,
        partition=found.partition,
        offset=found.offset,
        key=found.key,
        value=found.value,
        headers=tuple(found.headers),
    )
