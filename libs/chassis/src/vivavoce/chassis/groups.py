"""Registers a service's consumers with FastStream, so that nothing is skipped however they end.

The acknowledgement policy is NACK_ON_ERROR: only a handler that returned commits its offset, and
whatever else happens to it, a fault of this code included, the message is read again. MANUAL would
leave it to this code to rewind, and ACK or REJECT_ON_ERROR commit what a stopping process had begun.
"""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import Topic

from vivavoce.chassis.consumer import Consumer
from vivavoce.chassis.doorbell import Doorbell
from vivavoce.chassis.joining import BEGIN_WITHIN_SECONDS, MOST_TOGETHER, consume_all
from vivavoce.chassis.kafka_listener import to_record
from vivavoce.chassis.kafka_membership import keep_membership
from vivavoce.chassis.kafka_pace import fetch_wait_ms, pace
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.retry import Patience
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.subscriptions import Group, Subscription
from vivavoce.chassis.turn import REVOKE_GRACE_SECONDS, Turn
from vivavoce.chassis.uow import Database
from vivavoce.chassis.wire import Record

if TYPE_CHECKING:
    from faststream.kafka import KafkaBroker

GROUP_FETCH_MAX_WAIT_MS = 200
REJOIN_SECONDS = REVOKE_GRACE_SECONDS + 5.0
"""How long a rebalance waits for a member; by default a session's time, which the grace outlasts."""
RESTART_PAUSE_SECONDS = 1.0
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


def longest_take(rows: Collection[Subscription], patience: Patience) -> float:
    """The most seconds that a turn may keep a consumer.

    After what is done together comes one message at most, with its tries, its waits, its dead letter.
    """
    worked = max(row.within.total_seconds() * row.tries + patience.backoff.total(row.tries) for row in rows)
    together = BEGIN_WITHIN_SECONDS + max(
        (row.within.total_seconds() for row in rows if row.shares), default=0
    )
    return worked + together + patience.limit + POLL_MARGIN_SECONDS


def subscribe(
    stream: "KafkaBroker", consumer: Consumer, settings: ServiceSettings, bell: Doorbell | None = None
) -> Turn:
    """Register the one Kafka consumer of a group, for all topics of its rows."""

    async def take(records: Sequence[Record]) -> int:
        return await consume_all(records, consumer)

    seconds = longest_take(consumer.rows.values(), consumer.patience)
    turn = Turn(consumer.name, take, at_once=MOST_TOGETHER)
    return subscribe_turn(stream, turn, sorted(consumer.rows), settings, seconds, bell)


def subscribe_topics(
    stream: "KafkaBroker",
    name: str,
    topics: Sequence[str],
    take: Take,
    settings: ServiceSettings,
    longest_take_seconds: float,
    bell: Doorbell | None = None,
) -> Turn:
    """Register a Kafka consumer that passes each message of some topics to `take`, one at a time.

    With a bell, its fetches hardly wait at the broker: it has to be started with the same bell.
    """

    async def take_first(records: Sequence[Record]) -> int:
        await take(records[0])
        return 1

    turn = Turn(name, take_first)
    return subscribe_turn(stream, turn, topics, settings, longest_take_seconds, bell)


def subscribe_turn(
    stream: "KafkaBroker",
    turn: Turn,
    topics: Sequence[str],
    settings: ServiceSettings,
    longest_take_seconds: float,
    bell: Doorbell | None = None,
) -> Turn:
    """Register a Kafka consumer that works in such turns; with a bell, as `subscribe_topics` says."""
    name = turn.name
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
    turn.subscriber = subscriber
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
        await asyncio.sleep(RESTART_PAUSE_SECONDS)


async def _leave_raw(found: Any, parse: Callable[[Any], Awaitable[Any]]) -> Any:
    """FastStream's parser fails on a header that isn't text, and its failure loses the message."""
    message = await parse(dataclasses.replace(found, headers=()))
    message.raw_message = found
    return message


async def _leave_undecoded(message: Any) -> Record:
    return to_record(message.raw_message)
