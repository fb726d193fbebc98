"""Settles messages that have come together in one commit, for a commit costs more than what is in it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from vivavoce.chassis.consumer import Consumer, Item, conclude_item, consume, item_of
from vivavoce.chassis.correlation import bound
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import HANDLED, HANDLER_SECONDS
from vivavoce.chassis.reading import Undecodable, redrive_of
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


async def _are_settled(items: Sequence[Item], consumer: Consumer) -> bool:
    """Settle all in one commit, or none."""
    started = time.monotonic()
    try:
        async with asyncio.timeout(max(item.row.within.total_seconds() for item in items)):
            async with asyncio.TaskGroup() as preparing:  # when one fails, the others are not left running
                prepared = [preparing.create_task(_prepared(item)) for item in items]
            shares = [
                _share(item, ready.result(), consumer) for item, ready in zip(items, prepared, strict=True)
            ]
            await consumer.database.transact_together([_reading_ahead(items), *shares])
    except Exception as error:  # it is met again, classed and told of where each is settled alone
        log.info("not_settled_together", group=consumer.name, count=len(items), exc_info=error)
        return False
    each = (time.monotonic() - started) / len(items)
    for item in items:
        HANDLED.labels(consumer.name, item.record.topic, "handled").inc()
        HANDLER_SECONDS.labels(consumer.name, item.record.topic).observe(each)
    return True


async def _prepared(item: Item) -> Any:
    if item.row.prepare is None:
        return None
    with bound(item.context):
        return await item.row.prepare(item.received)


def _reading_ahead(items: Sequence[Item]) -> Share[None]:
    async def read(uow: UnitOfWork) -> None:
        for row in {item.row.fact: item.row for item in items}.values():
            if row.ahead is not None:
                await row.ahead([item.received for item in items if item.row is row], uow)

    return Share(items[0].context, read)


def _share(item: Item, prepared: Any, consumer: Consumer) -> Share[None]:
    async def conclude(uow: UnitOfWork) -> None:
        with bound(item.context):
            await conclude_item(item, prepared, consumer, uow)

    return Share(item.context, conclude)
