"""Listening without a group: what is published from now on, even by a broker that lost its log."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError, UnknownTopicOrPartitionError

from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.wire import OnRecord, Place, Record

START_SECONDS = 15.0
READ_MS = 500
CHECK_SECONDS = 2.0
PAUSE_SECONDS = 1.0

log = get_logger(__name__)

Forgotten = Callable[[Mapping[Place, int]], Awaitable[set[Place]]]


class KafkaListener:
    """Passes records from a consumer without a group to `on_record`, until the consumer is stopped.

    With `awaited`, it reads only while that is set. A broker that forgot its log counts offsets from
    0 again and says nothing about it, so a listener would wait at its old place until the new log has
    grown that far; `forgotten` is asked now and then, and before reading after a rest.
    """

    def __init__(
        self, consumer: Any, on_record: OnRecord, forgotten: Forgotten, awaited: asyncio.Event | None
    ) -> None:
        self._consumer = consumer
        self._on_record = on_record
        self._forgotten = forgotten
        self._awaited = awaited
        self._check_due = monotonic()

    async def start(self, topic: str, partition: int | None) -> None:
        """Take the place after the last record of one partition, or of all; raises KafkaError."""
        consumer = self._consumer
        async with asyncio.timeout(START_SECONDS):
            await consumer.start()
            await consumer.topics()
            existing = consumer.partitions_for_topic(topic) or set()
            wanted = existing if partition is None else {partition}
            if not wanted or not wanted <= existing:
                raise UnknownTopicOrPartitionError(topic)
            consumer.assign([TopicPartition(topic, number) for number in wanted])
            await consumer.seek_to_end()
            for assigned in consumer.assignment():
                await consumer.position(assigned)

    async def run_forever(self) -> None:
        """Read until the consumer is stopped; a broker that is away is waited for."""
        while True:
            try:
                await self._rest_until_awaited()
                await self._follow_log()
                await self._read()
            except ConsumerStoppedError:
                return
            except (KafkaError, OSError, InfrastructureAway) as error:
                log.warning("listening_interrupted", error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _rest_until_awaited(self) -> None:
        if self._awaited is None or self._awaited.is_set():
            return
        self._consumer.pause(*self._consumer.assignment())
        await self._awaited.wait()
        self._consumer.resume(*self._consumer.assignment())

    async def _follow_log(self) -> None:
        if monotonic() < self._check_due:
            return
        places = {tp: await self._consumer.position(tp) for tp in self._consumer.assignment()}
        read = {(tp.topic, tp.partition): place - 1 for tp, place in places.items() if place > 0}
        anew = [TopicPartition(*place) for place in await self._forgotten(read)]
        if anew:
            await self._consumer.seek_to_beginning(*anew)
            log.warning("listening_anew", partitions=sorted(anew))
        self._check_due = monotonic() + CHECK_SECONDS

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
