"""One process's broker: FastStream consumes for its groups, the wire sends and listens."""

import asyncio
import logging
from functools import cache

from faststream.kafka import KafkaBroker
from faststream.kafka.prometheus import KafkaPrometheusMiddleware
from faststream.middlewares import AckPolicy
from prometheus_client import REGISTRY

from vivavoce.chassis import tracing
from vivavoce.chassis.broker_topics import ensure_topics
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.doorbell import make_doorbell
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.kafka_wire import KafkaWire, connection_options
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import PROGRESS_DROPPED
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.wire import Parcel, Wire
from vivavoce.contracts import Envelope, Fact
from vivavoce.contracts.ids import new_id

__all__ = ["Broker", "Publisher", "ensure_topics", "make_broker"]

IN_FLIGHT = 100
PUBLISH_SECONDS = 2.0

log = get_logger(__name__)


class Broker:
    """What a process speaks to the broker with.

    `stream` is FastStream's broker; it only consumes, so that nothing durable leaves past the
    outbox. `wire` sends; it is looked up at each use, so that a test may put its own there. `bell`,
    where there is one, tells consumers when to look.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.stream = _make_stream(settings)
        self.bell = make_doorbell(settings)
        self.wire: Wire = KafkaWire(settings, self.bell)


def make_broker(settings: ServiceSettings) -> Broker:
    """The broker of a process; connects to nothing yet."""
    return Broker(settings)


def _make_stream(settings: ServiceSettings) -> KafkaBroker:
    return KafkaBroker(
        **connection_options(settings),
        consumer_only=True,
        allow_auto_create_topics=False,
        acks="all",
        enable_idempotence=settings.kafka_idempotence,
        graceful_timeout=settings.shutdown_grace,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        middlewares=[_stream_metrics()],
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
        apply_types=False,
    )


@cache
def _stream_metrics() -> KafkaPrometheusMiddleware:
    return KafkaPrometheusMiddleware(registry=REGISTRY)


def source_of(service_name: str) -> str:
    """The CloudEvents source of what a service says."""
    return f"/vivavoce/{service_name}"


class Publisher:
    """Publishes facts that may be dropped: at once, outside the outbox, and never in the way."""

    def __init__(self, broker: Broker, *, service_name: str, clock: Clock) -> None:
        self._broker = broker
        self._source = source_of(service_name)
        self._clock = clock
        self._in_flight: set[asyncio.Task[None]] = set()

    async def publish_now(self, fact: Fact, context: Context) -> None:
        """Send the fact in the background; drops it when the broker is away or too much is under way.

        Returns at once. Raises TypeError for a durable fact, which belongs in a unit of work, and
        nothing else.
        """
        if fact.durable:
            raise TypeError(f"{fact.type} is durable: emit it in a unit of work.")
        if len(self._in_flight) >= IN_FLIGHT:
            PROGRESS_DROPPED.labels(fact.type).inc()
            return
        said_in = tracing.here(context)
        envelope = said_in.envelope(fact, event_id=new_id(), source=self._source, time=self._clock.now())
        task = asyncio.create_task(self._send(to_parcel(fact, envelope)))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)

    async def _send(self, parcel: Parcel) -> None:
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._broker.wire.send(parcel)
        except (VivaError, TimeoutError) as error:
            PROGRESS_DROPPED.labels(parcel.topic).inc()
            log.debug("best_effort_fact_dropped", topic=parcel.topic, error=type(error).__name__)


def to_parcel(fact: Fact, envelope: Envelope) -> Parcel:
    """A fact on its topic, keyed and wrapped."""
    return Parcel(
        topic=fact.type,
        key=fact.key.encode(),
        value=fact.model_dump_json().encode(),
        headers=tuple(envelope.to_headers()),
    )
