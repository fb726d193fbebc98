"""Delivery semantics, in one place: every message is handled once in effect, or put aside, never lost."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vivavoce.chassis import tracing
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.errors import DeadlineExceeded, VivaError
from vivavoce.chassis.inbox import AlreadyHandled
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.message_spans import processing
from vivavoce.chassis.metrics import DEAD_LETTERS, HANDLED, HANDLER_SECONDS, RETRIES
from vivavoce.chassis.reading import (
    Undecodable,
    context_of,
    dead_letter_headers,
    read_fact,
    redrive_of,
)
from vivavoce.chassis.retry import GaveUp, Patience
from vivavoce.chassis.subscriptions import Failure, Received, Subscription
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.chassis.wire import Record
from vivavoce.contracts import dead_letter_topic

GIVE_UP_TRIES = 3
GIVEN_UP = "failed"

Exemplar = dict[str, str] | None

log = get_logger(__name__)


@dataclass(frozen=True)
class Consumer:
    """One group of one service: `name` is the Kafka group, `rows` are its rows by fact type."""

    name: str
    rows: Mapping[str, Subscription]
    database: Database
    patience: Patience


@dataclass(frozen=True)
class Item:
    """One message on its way through a consumer. `mark` is what the inbox knows it by."""

    record: Record
    received: Received[Any]
    row: Subscription
    mark: str

    @property
    def context(self) -> Context:
        """What its handling is caused by."""
        return Context.caused_by(self.received.envelope)


async def consume(record: Record, consumer: Consumer) -> None:
    """Settle one message: handled, recognized as a repeat, or put aside as a dead letter.

    Returns when that is committed: the message may then be acknowledged. Waits while the
    infrastructure is away, and raises HandBack when that takes too long or the process stops: the
    message must then be delivered again. Raises nothing else.
    """
    started = time.monotonic()
    outcome, exemplar = await _settle(record, consumer)
    HANDLED.labels(consumer.name, record.topic, outcome).inc()
    HANDLER_SECONDS.labels(consumer.name, record.topic).observe(time.monotonic() - started, exemplar)


async def _settle(record: Record, consumer: Consumer) -> tuple[str, Exemplar]:
    try:
        item = item_of(record, consumer)
    except Undecodable as error:
        return await _put_aside(record, consumer, error), None
    if item is None:
        return "ignored", None
    with processing(record, item.received.envelope, consumer.name) as span, bound(item.context):
        outcome = await _handle(item, consumer)
        span.set_attribute("viva.outcome", outcome)
        if outcome == GIVEN_UP:
            tracing.fail(span, outcome)
        return outcome, tracing.exemplar()


def item_of(record: Record, consumer: Consumer) -> Item | None:
    """The message as the consumer handles it; None when it is for another one. Raises Undecodable."""
    redrive = redrive_of(record)
    if redrive is not None and redrive[0] != consumer.name:
        return None
    received = read_fact(record, consumer.rows)
    event_id = received.envelope.id
    mark = event_id if redrive is None else f"{event_id}#{redrive[1]}"
    return Item(record, received, consumer.rows[received.envelope.type], mark)


async def _handle(item: Item, consumer: Consumer) -> str:
    def note(error: VivaError, attempt: int) -> None:
        RETRIES.labels(consumer.name, item.record.topic, error.code).inc()
        log.warning(
            "try_failed",
            group=consumer.name,
            topic=item.record.topic,
            event_id=item.mark,
            attempt=attempt,
            error=error.code,
            reason=error.message,
            exc_info=error.__cause__,
        )

    try:
        return await consumer.patience.persist(
            lambda: _try(item, consumer), tries=item.row.tries, on_retry=note
        )
    except GaveUp as gave_up:
        return await _give_up(item, consumer, Failure(gave_up.error, gave_up.attempts))


async def _try(item: Item, consumer: Consumer) -> str:
    within = item.row.within.total_seconds()
    try:
        async with asyncio.timeout(within) as deadline:
            with tracing.step("handle"):
                return await _prepare_and_conclude(item, consumer)
    except TimeoutError as error:
        if not deadline.expired():
            raise
        # When the database is away, that is what took so long: it must not count as a failure.
        await consumer.database.ping()
        raise DeadlineExceeded(f"{item.record.topic} took longer than {within} s.") from error


async def _prepare_and_conclude(item: Item, consumer: Consumer) -> str:
    prepared = None
    if item.row.prepare is not None:
        if await consumer.database.inbox.seen(consumer.name, item.mark):
            return "repeated"
        prepared = await item.row.prepare(item.received)

    async def conclude(uow: UnitOfWork) -> None:
        await conclude_item(item, prepared, consumer, uow)

    try:
        await consumer.database.transact(item.context, conclude)
    except AlreadyHandled:
        return "repeated"
    return "handled"


async def conclude_item(item: Item, prepared: Any, consumer: Consumer, uow: UnitOfWork) -> None:
    """A message's whole effect; raises AlreadyHandled when it has had that."""
    await consumer.database.inbox.mark(consumer.name, item.mark, uow)
    await item.row.conclude(item.received, prepared, uow)


async def _give_up(item: Item, consumer: Consumer, failure: Failure) -> str:
    log.error(
        "message_given_up",
        group=consumer.name,
        topic=item.record.topic,
        event_id=item.mark,
        attempts=failure.attempts,
        error=failure.error.code,
        reason=failure.error.message,
    )
    try:
        return await consumer.patience.persist(
            lambda: _conclude_failure(item, consumer, failure, telling=True), tries=GIVE_UP_TRIES
        )
    except GaveUp as gave_up:
        log.exception("failure_not_told", group=consumer.name, error=gave_up.error.code)
    return await consumer.patience.outlast(lambda: _conclude_failure(item, consumer, failure, telling=False))


async def _conclude_failure(item: Item, consumer: Consumer, failure: Failure, *, telling: bool) -> str:
    async def conclude(uow: UnitOfWork) -> None:
        await consumer.database.inbox.mark(consumer.name, item.mark, uow)
        if telling and item.row.failed is not None:
            await item.row.failed(item.received, failure, uow)
        _forward(item.record, consumer, failure.error, failure.attempts, uow)

    try:
        await consumer.database.transact(item.context, conclude)
    except AlreadyHandled:
        return "repeated"
    DEAD_LETTERS.labels(consumer.name, item.record.topic).inc()
    return GIVEN_UP


async def _put_aside(record: Record, consumer: Consumer, error: Undecodable) -> str:
    context = context_of(record)

    async def conclude(uow: UnitOfWork) -> None:
        _forward(record, consumer, error, 1, uow)

    with bound(context):
        log.error(
            "message_undecodable",
            group=consumer.name,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=error.message,
        )
        await consumer.patience.outlast(lambda: consumer.database.transact(context, conclude))
    DEAD_LETTERS.labels(consumer.name, record.topic).inc()
    return "undecodable"


def _forward(record: Record, consumer: Consumer, error: VivaError, attempts: int, uow: UnitOfWork) -> None:
    headers = dead_letter_headers(
        record, group=consumer.name, error=error, attempts=attempts, now=consumer.patience.clock.now()
    )
    uow.forward(dead_letter_topic(record.topic), record.key, record.value, headers)
