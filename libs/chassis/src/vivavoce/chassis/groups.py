"""Registers a service's consumers with FastStream, so that nothing is skipped however they end.

The acknowledgement policy is NACK_ON_ERROR: only a handler that returned commits its offset, and
whatever else happens to it, a fault of this code included, the message is read again. MANUAL would
leave it to this code to rewind, and ACK or REJECT_ON_ERROR commit what a stopping process had begun.
"""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.exceptions import NackMessage
from faststream.kafka import Topic

from vivavoce.chassis.consumer import Consumer, consume
from vivavoce.chassis.doorbell import Doorbell
from vivavoce.chassis.kafka_listener import to_record
from vivavoce.chassis.kafka_membership import keep_membership
from vivavoce.chassis.kafka_pace import fetch_wait_ms, pace
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import HANDED_BACK
from vivavoce.chassis.retry import HandBack, Patience
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.subscriptions import Group, Subscription
from vivavoce.chassis.uow import Database
from vivavoce.chassis.wire import Record

if TYPE_CHECKING:
    from faststream.kafka import KafkaBroker

GROUP_FETCH_MAX_WAIT_MS = 200
REVOKE_GRACE_SECONDS = 10.0
REJOIN_SECONDS = REVOKE_GRACE_SECONDS + 5.0
"""How long a rebalance waits for a member; by default a session's time, which the grace outlasts."""
FAULT_PAUSE_SECONDS = 1.0
POLL_MARGIN_SECONDS = 60.0
HEARTBEATS_PER_SESSION = 4

log = get_logger(__name__)

Take = Callable[[Record], Awaitable[None]]


class DuplicateRow(Exception):
    """A group has two rows for one fact."""


def make_consumer(group: Group, *, service_name: str, database: Database, patience: Patience) -> Consumer:
    """The consumer of a group of rows; raises DuplicateRow."""
    rows: dict[str, Subscription] = {}
    for row in group.rows:
        if rows.setdefault(row.fact.type, row) is not row:
            raise DuplicateRow(f"{service_name}.{group.name} handles {row.fact.type} twice.")
    return Consumer(f"{service_name}.{group.name}", rows, database, patience)


def longest_take(rows: Iterable[Subscription], patience: Patience) -> float:
    """The most seconds that one message may keep a consumer: its tries, its waits, its dead letter."""
    worked = max(row.within.total_seconds() * row.tries + patience.backoff.total(row.tries) for row in rows)
    return worked + patience.limit + POLL_MARGIN_SECONDS


def subscribe(
    stream: "KafkaBroker", consumer: Consumer, settings: ServiceSettings, bell: Doorbell | None = None
) -> "Turn":
    """Register the one Kafka consumer of a group, for all topics of its rows."""

    async def take(record: Record) -> None:
        await consume(record, consumer)

    seconds = longest_take(consumer.rows.values(), consumer.patience)
    return subscribe_topics(stream, consumer.name, sorted(consumer.rows), take, settings, seconds, bell)


def subscribe_topics(
    stream: "KafkaBroker",
    name: str,
    topics: Sequence[str],
    take: Take,
    settings: ServiceSettings,
    longest_take_seconds: float,
    bell: Doorbell | None = None,
) -> "Turn":
    """Register a Kafka consumer that passes each message of some topics to `take`, one at a time.

    With a bell, its fetches hardly wait at the broker: it has to be started with the same bell.
    """
    turn = Turn(name, take)
    session_ms = int(settings.kafka_session_timeout * 1000)
    subscriber = stream.subscriber(
        *(Topic(topic, declare=False) for topic in topics),
        group_id=name,
        group_instance_id=f"{name}.{settings.instance_name}" if settings.kafka_static_membership else None,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=fetch_wait_ms(bell, GROUP_FETCH_MAX_WAIT_MS),
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=session_ms // HEARTBEATS_PER_SESSION,
        rebalance_timeout_ms=max(session_ms, int(REJOIN_SECONDS * 1000)),
        max_poll_interval_ms=int(longest_take_seconds * 1000),
        listener=turn,
        parser=_leave_raw,
        decoder=_leave_undecoded,
        no_reply=True,
        title=name,
    )
    subscriber(turn.take)
    return turn


async def start_subscriber(subscriber: Any, bell: Doorbell | None = None) -> Any:
    """Join the group; tries again until the broker lets it. Returns the Kafka consumer, paced by the bell."""
    while True:
        try:
            await subscriber.start()
        except (KafkaError, OSError) as error:
            log.warning("waiting", waits_for="broker", group=subscriber.group_id, error=type(error).__name__)
        else:
            if bell is not None:
                keep_membership(subscriber.consumer)
                pace(subscriber.consumer, bell)
            return subscriber.consumer
        await subscriber.stop()
        await asyncio.sleep(FAULT_PAUSE_SECONDS)


async def _leave_raw(found: Any, parse: Callable[[Any], Awaitable[Any]]) -> Any:
    """FastStream's parser fails on a header that isn't text, and its failure loses the message."""
    message = await parse(dataclasses.replace(found, headers=()))
    message.raw_message = found
    return message


async def _leave_undecoded(message: Any) -> Record:
    return to_record(message.raw_message)


class Turn:
    """The one message at a time that a Kafka consumer works on, and what becomes of it in a rebalance.

    A partition is given up only after its message has been completed, or its handling cancelled.
    """

    def __init__(self, name: str, take: Take) -> None:
        self._name = name
        self._take = take
        self._current: asyncio.Future[None] | None = None
        self._revoked = False

    async def take(self, record: Record) -> None:
        """Handle one message; raises NackMessage when it has to be delivered again."""
        self._revoked = False
        self._current = asyncio.ensure_future(self._take(record))
        try:
            await self._current
        except asyncio.CancelledError:
            if not self._revoked:
                raise
            self._hand_back(record, "revoked")
        except HandBack as error:
            self._hand_back(record, "away", error.message)
        except Exception as error:
            log.exception("consumer_fault", group=self._name, topic=record.topic, error=type(error).__name__)
            await asyncio.sleep(FAULT_PAUSE_SECONDS)
            self._hand_back(record, "fault")
        finally:
            self._current = None

    def _hand_back(self, record: Record, reason: str, detail: str = "") -> None:
        HANDED_BACK.labels(self._name, reason).inc()
        log.info("message_handed_back", group=self._name, topic=record.topic, reason=reason, detail=detail)
        raise NackMessage

    async def on_partitions_revoked(self, _: object) -> None:
        """Let the current message finish for a while, then cancel it."""
        current = self._current
        if current is None:
            return
        _, unfinished = await asyncio.wait({current}, timeout=REVOKE_GRACE_SECONDS)
        if unfinished:
            self._revoked = True
            current.cancel()
            await asyncio.wait({current})

    async def on_partitions_assigned(self, assigned: object) -> None:
        """Nothing is to be done: positions come from the broker."""
