"""Facts that every process hears, without a group: what is published from now on, or nothing."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from vivavoce.chassis.broker import Broker
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.reading import Undecodable, read_fact
from vivavoce.chassis.subscriptions import FACT, Received
from vivavoce.chassis.wire import Record
from vivavoce.contracts import Fact

log = get_logger(__name__)


@dataclass(frozen=True)
class Broadcast:
    """One row: which fact, and who hears it."""

    fact: type[Fact]
    handle: Callable[[Received[Any]], Awaitable[None]]


def broadcast(fact: type[FACT], handle: Callable[[Received[FACT]], Awaitable[None]]) -> Broadcast:
    """A row whose handler hears every fact of a kind, from the latest on; repeats and gaps may occur."""
    return Broadcast(fact, handle)


async def hear(row: Broadcast, record: Record) -> None:
    """Pass one message to its handler; one that fails is logged and forgotten."""
    try:
        received = read_fact(record, {row.fact.type: row})
    except Undecodable as error:
        log.warning("broadcast_undecodable", topic=record.topic, reason=error.message)
        return
    with bound(Context.caused_by(received.envelope)):
        try:
            await row.handle(received)
        except Exception:
            log.exception("broadcast_not_handled", topic=record.topic)


def hearing(broker: Broker, row: Broadcast) -> AbstractAsyncContextManager[None]:
    """Hear a kind of fact for the length of a block; raises InfrastructureAway when it can't begin."""

    async def on_record(record: Record) -> None:
        await hear(row, record)

    return broker.wire.listen(row.fact.type, on_record)
