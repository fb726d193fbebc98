"""The rows of a service's subscription table: which fact, which handler, how long it may take."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import Envelope, Fact

FACT = TypeVar("FACT", bound=Fact)
PREPARED = TypeVar("PREPARED")


@dataclass(frozen=True)
class Received(Generic[FACT]):
    """A fact as it came off a topic, and from which of its partitions."""

    envelope: Envelope
    fact: FACT
    partition: int = 0


@dataclass(frozen=True)
class Failure:
    """Why a message was given up: the last error, and how often it was tried."""

    error: VivaError
    attempts: int


Handle = Callable[[Received[FACT], UnitOfWork], Awaitable[None]]
Prepare = Callable[[Received[FACT]], Awaitable[PREPARED]]
Conclude = Callable[[Received[FACT], PREPARED, UnitOfWork], Awaitable[None]]
Ahead = Callable[[Sequence[Received[FACT]], UnitOfWork], Awaitable[None]]
Failed = Callable[[Received[FACT], Failure, UnitOfWork], Awaitable[None]]


@dataclass(frozen=True)
class Subscription:
    """One row. `prepare` runs outside the transaction, `conclude` inside it and perhaps again.

    For a repeat, too, `conclude` may run: what it comes to is then not committed. `failed` emits the fact
    that says the work was given up, in the commit of the dead letter. What `shares` may be committed
    together with its neighbours; `ahead` then reads at once what the `conclude` of all will ask for.
    """

    fact: type[Fact]
    prepare: Callable[[Received[Any]], Awaitable[Any]] | None
    conclude: Callable[[Received[Any], Any, UnitOfWork], Awaitable[None]]
    within: timedelta
    tries: int
    failed: Callable[[Received[Any], Failure, UnitOfWork], Awaitable[None]] | None
    shares: bool = True
    ahead: Callable[[Sequence[Received[Any]], UnitOfWork], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Group:
    """One Kafka consumer: the rows of one service and deadline class."""

    name: str
    rows: tuple[Subscription, ...]


def on(
    fact: type[FACT],
    handle: Handle[FACT],
    *,
    within: timedelta,
    tries: int = 5,
    failed: Failed[FACT] | None = None,
    ahead: Ahead[FACT] | None = None,
) -> Subscription:
    """A row whose handler is short and runs inside the transaction."""

    async def conclude(received: Received[FACT], _: None, uow: UnitOfWork) -> None:
        await handle(received, uow)

    return Subscription(fact, None, conclude, within, tries, failed, ahead=ahead)


def work(
    fact: type[FACT],
    prepare: Prepare[FACT, PREPARED],
    conclude: Conclude[FACT, PREPARED],
    *,
    within: timedelta,
    tries: int = 3,
    failed: Failed[FACT] | None = None,
    shares: bool = False,
    ahead: Ahead[FACT] | None = None,
) -> Subscription:
    """A row whose slow part, `prepare`, runs before the transaction that `conclude` fills.

    It `shares` commits only if `prepare` takes a moment and depends on nothing but the fact: those of
    neighbours run at the same time, before any of them has been concluded.
    """
    return Subscription(fact, prepare, conclude, within, tries, failed, shares, ahead)
