"""The wire over aiokafka: one producer per process, and consumers that belong to no group."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)

from vivavoce.chassis.broker_topics import ensure_topics
from vivavoce.chassis.doorbell import Doorbell
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.kafka_listener import KafkaListener
from vivavoce.chassis.kafka_pace import fetch_wait_ms, pace
from vivavoce.chassis.kafka_positions import keep_within_log
from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.wire import OnRecord, Parcel, ParcelRefused, Place, Placed

REQUEST_TIMEOUT_MS = 10_000
METADATA_MAX_AGE_MS = 5_000
RETRY_BACKOFF_MS = 200
AWAITED_FETCH_WAIT_MS = 10
LISTENING_FETCH_WAIT_MS = 100
SEND_SECONDS = 15.0
STOP_SECONDS = 3.0
GLANCE_BYTES = 16_384
GLANCE_FETCH_WAIT_MS = 500
"""The embedded broker has no more time than this for finding a record in a long log."""
GLANCE_SECONDS = 2.0
REFUSALS = (
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    InvalidTopicError,
    TopicAuthorizationFailedError,
)

SEQUENCE_GAPS = (*REFUSALS, OutOfOrderSequenceNumber)
"""After these a broker waits for a number that an idempotent producer has used up, and takes no later one."""


def connection_options(settings: ServiceSettings) -> dict[str, Any]:
    """What every client of a process is configured with."""
    return {
        "bootstrap_servers": settings.kafka_bootstrap_servers.split(","),
        "client_id": f"{settings.service_name}.{settings.instance_name}",
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        "metadata_max_age_ms": METADATA_MAX_AGE_MS,
        "retry_backoff_ms": RETRY_BACKOFF_MS,
    }


def away(error: BaseException) -> InfrastructureAway:
    """The broker's silence in terms of the error tree."""
    return InfrastructureAway(f"The broker doesn't answer: {type(error).__name__}.")


class KafkaWire:
    """See `Wire`. With a bell, what is sent rings it, and listeners look when it rings."""

    def __init__(self, settings: ServiceSettings, bell: Doorbell | None = None) -> None:
        self._settings = settings
        self._bell = bell
        self._producer: Any = None
        self._asking: Any = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Connect the producer; raises InfrastructureAway."""
        await self._started_producer()

    async def stop(self) -> None:
        """Flush and disconnect."""
        clients = [client for client in (self._producer, self._asking) if client is not None]
        self._producer = self._asking = None
        for client in clients:
            await _stopped(client)

    async def ping(self) -> None:
        """Ask the broker for its metadata; raises InfrastructureAway."""
        producer = await self._started_producer()
        if not await producer.client.force_metadata_update():
            raise InfrastructureAway("The broker doesn't answer.")

    async def send(self, parcel: Parcel) -> Placed:
        """See `Wire.send`."""
        producer = await self._started_producer()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                placed = await producer.send_and_wait(
                    parcel.topic,
                    value=parcel.value,
                    key=parcel.key,
                    partition=parcel.partition,
                    headers=list(parcel.headers),
                )
        except SEQUENCE_GAPS as error:
            await self._replace(producer)
            if not isinstance(error, REFUSALS):
                raise away(error) from error
            raise ParcelRefused(f"The broker refuses a message on {parcel.topic}: {error!r}.") from error
        except (KafkaError, TimeoutError, OSError) as error:
            raise away(error) from error
        if self._bell is not None:
            self._bell.ring(parcel.topic)
        return Placed(placed.partition, placed.offset)

    async def ensure_topics(self) -> None:
        """Create the topics of the contracts that don't exist."""
        await ensure_topics(
            self._settings.kafka_bootstrap_servers,
            replication_factor=self._settings.kafka_replication_factor,
        )

    async def forgotten(self, high_waters: Mapping[Place, int]) -> set[Place]:
        """See `Wire.forgotten`.

        The embedded broker understates the end of a partition whose last batch has several records,
        so where the end speaks for a loss the record itself is looked for.
        """
        wanted = {TopicPartition(*place): offset for place, offset in high_waters.items()}
        if not wanted:
            return set()
        try:
            consumer = await self._started_asking()
            known = await existing_partitions(consumer, {tp.topic for tp in wanted})
            existing = [tp for tp in known if tp in wanted]
            ends = await consumer.end_offsets(existing) if existing else {}
            suspect = {tp: wanted[tp] for tp, end in ends.items() if end <= wanted[tp]}
            found = await _found(consumer, suspect) if suspect else set()
        except (KafkaError, TimeoutError, OSError) as error:
            raise away(error) from error
        kept = found | (set(ends) - set(suspect))
        return {(tp.topic, tp.partition) for tp in set(wanted) - kept}

    @asynccontextmanager
    async def listen(
        self,
        topic: str,
        on_record: OnRecord,
        *,
        partition: int | None = None,
        awaited: asyncio.Event | None = None,
    ) -> AsyncIterator[None]:
        """See `Wire.listen`."""
        consumer = self._listening_consumer(AWAITED_FETCH_WAIT_MS if awaited else LISTENING_FETCH_WAIT_MS)
        listener = KafkaListener(consumer, on_record, awaited)
        try:
            await listener.start(topic, partition)
        except (KafkaError, TimeoutError, OSError) as error:
            await consumer.stop()
            raise away(error) from error
        tasks = {
            asyncio.create_task(listener.run_forever()),
            asyncio.create_task(keep_within_log(consumer)),
        }
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await consumer.stop()
            await asyncio.wait(tasks)

    def _listening_consumer(self, fetch_max_wait_ms: int) -> Any:
        consumer = AIOKafkaConsumer(
            **connection_options(self._settings),
            group_id=None,
            auto_offset_reset="latest",
            enable_auto_commit=False,
            fetch_max_wait_ms=fetch_wait_ms(self._bell, fetch_max_wait_ms),
        )
        if self._bell is not None:
            pace(consumer, self._bell)
        return consumer

    async def _started_producer(self) -> Any:
        async with self._starting:
            if self._producer is None:
                self._producer = await _started(
                    AIOKafkaProducer(
                        **connection_options(self._settings),
                        acks="all",
                        enable_idempotence=self._settings.kafka_idempotence,
                        max_request_size=self._settings.kafka_max_message_bytes,
                    )
                )
            return self._producer

    async def _replace(self, producer: Any) -> None:
        """Let the next message go out by a new producer, which counts from the beginning."""
        if self._settings.kafka_idempotence and producer is self._producer:
            self._producer = None
            await _stopped(producer)

    async def _started_asking(self) -> Any:
        async with self._starting:
            if self._asking is None:
                options = connection_options(self._settings)
                self._asking = await _started(_asking_consumer(options))
            return self._asking


async def _started(client: Any) -> Any:
    try:
        async with asyncio.timeout(SEND_SECONDS):  # for its number an idempotent producer would wait for ever
            await client.start()
    except (KafkaError, TimeoutError, OSError) as error:
        await _stopped(client)
        raise away(error) from error
    return client


async def _stopped(client: Any) -> None:
    """An idempotent producer would wait for ever until its last messages are taken; the outbox has them."""
    with suppress(KafkaError, TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            await client.stop()


def _asking_consumer(options: dict[str, Any]) -> Any:
    return AIOKafkaConsumer(
        **options,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=GLANCE_FETCH_WAIT_MS,
        max_partition_fetch_bytes=GLANCE_BYTES,
    )


async def _found(consumer: Any, wanted: dict[TopicPartition, int]) -> set[TopicPartition]:
    """Of the partitions, those that have a record at the given offset."""
    consumer.assign(list(wanted))
    for partition, offset in wanted.items():
        consumer.seek(partition, offset)
    answered: dict[TopicPartition, bool] = {}
    deadline = monotonic() + GLANCE_SECONDS
    while len(answered) < len(wanted) and monotonic() < deadline:
        for partition, records in (await consumer.getmany(timeout_ms=100)).items():
            answered.setdefault(partition, records[0].offset == wanted[partition])
    consumer.pause(*wanted)  # without a subscription, a fetcher that wakes up just then would end for good
    return {partition for partition, found in answered.items() if found}
