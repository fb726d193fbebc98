"""Settles messages that have come together in one commit, for a commit costs more than what is in it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vivavoce.chassis import tracing
from vivavoce.chassis.consumer import Consumer, Item, conclude_item, consume, item_of
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.message_spans import begin_processing
from vivavoce.chassis.metrics import HANDLED, HANDLER_SECONDS
from vivavoce.chassis.reading import Undecodable, redrive_of
from vivavoce.chassis.tracing import Span
from vivavoce.chassis.uow import Share, UnitOfWork
from vivavoce.chassis.wire import Record

MOST_TOGETHER = 32
BEGIN_WITHIN_SECONDS = 30.0
"""For how long further ones of a batch are begun."""

log = get_logger(__name__)


async def consume_all(records: Sequence[Record], consumer: Consumer) -> int:
    """Settle messages in their order; how many of them, which are fewer than all when that takes long.

    Neighbours whose rows share a commit get one. When it fails, for whatever reason, each of them is
    settled alone, as by `consume`: one that fails takes nobody with it. Raises HandBack, whereupon all
    may be delivered again, since those that were settled are known.
    """
    until = time.monotonic() + BEGIN_WITHIN_SECONDS
    settled = alone = 0
    while settled < len(records) and (settled == 0 or time.monotonic() < until):
        neighbours = [] if settled < alone else _neighbours(records[settled:], consumer)
        if len(neighbours) > 1 and await _are_settled(neighbours, consumer):
            settled += len(neighbours)
        else:
            alone = max(alone, settled + len(neighbours))
            await consume(records[settled], consumer)
            settled += 1
    return settled


def _neighbours(records: Sequence[Record], consumer: Consumer) -> list[Item]:
    """The messages at the front that may share a commit."""
    items: list[Item] = []
    for record in records[:MOST_TOGETHER]:
        item = _sharing(record, consumer)
        if item is None:
            break
        items.append(item)
    return items


def _sharing(record: Record, consumer: Consumer) -> Item | None:
    try:
        item = None if redrive_of(record) is not None else item_of(record, consumer)
    except Undecodable:  # it is told of, and put aside, where it is settled alone
        return None
    return item if item is not None and item.row.shares else None


@dataclass(frozen=True)
class _AtWork:
    """A message that is being settled with others, and the span of that."""

    item: Item
    span: Span

    @property
    def context(self) -> Context:
        """What is done for this message is caused by it, and belongs to its span."""
        return tracing.inside(self.span, self.item.context)


async def _are_settled(items: Sequence[Item], consumer: Consumer) -> bool:
    """Settle all in one commit, or none."""
    started = time.monotonic()
    at_work = [
        _AtWork(item, begin_processing(item.record, item.received.envelope, consumer.name)) for item in items
    ]
    failed: BaseException | None = None
    try:
        await _settle_all(at_work, consumer)
    except Exception as error:  # it is met again, classed and told of where each is settled alone
        failed = error
        log.info("not_settled_together", group=consumer.name, count=len(items), exc_info=error)
    finally:
        for each in at_work:
            tracing.end(each.span, failed)
    if failed is None:
        _count(at_work, consumer, (time.monotonic() - started) / len(items))
    return failed is None


async def _settle_all(at_work: Sequence[_AtWork], consumer: Consumer) -> None:
    async with asyncio.timeout(max(each.item.row.within.total_seconds() for each in at_work)):
        async with asyncio.TaskGroup() as preparing:  # when one fails, the others are not left running
            prepared = [preparing.create_task(_prepared(each)) for each in at_work]
        shares = [
            _share(each, ready.result(), consumer) for each, ready in zip(at_work, prepared, strict=True)
        ]
        await consumer.database.transact_together([_reading_ahead(at_work), *shares])


def _count(at_work: Sequence[_AtWork], consumer: Consumer, seconds_each: float) -> None:
    for each in at_work:
        topic = each.item.record.topic
        HANDLED.labels(consumer.name, topic, "handled").inc()
        HANDLER_SECONDS.labels(consumer.name, topic).observe(seconds_each, tracing.exemplar(each.span))


async def _prepared(at_work: _AtWork) -> Any:
    item = at_work.item
    if item.row.prepare is None:
        return None
    with tracing.amid(at_work.span), bound(at_work.context):
        return await item.row.prepare(item.received)


def _reading_ahead(at_work: Sequence[_AtWork]) -> Share[None]:
    items = [each.item for each in at_work]

    async def read(uow: UnitOfWork) -> None:
        for row in {item.row.fact: item.row for item in items}.values():
            if row.ahead is not None:
                await row.ahead([item.received for item in items if item.row is row], uow)

    return Share(items[0].context, read)


def _share(at_work: _AtWork, prepared: Any, consumer: Consumer) -> Share[None]:
    context = at_work.context

    async def conclude(uow: UnitOfWork) -> None:
        with tracing.amid(at_work.span), bound(context), tracing.step("handle"):
            await conclude_item(at_work.item, prepared, consumer, uow)

    return Share(context, conclude)
