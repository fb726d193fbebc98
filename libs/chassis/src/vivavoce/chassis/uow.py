"""A unit of work: state and facts that are committed together, or not at all."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from vivavoce.chassis.correlation import Context
from vivavoce.contracts import Fact

if TYPE_CHECKING:
    from vivavoce.chassis.counters import Counters
    from vivavoce.chassis.documents import DOCUMENT, Collection, Index
    from vivavoce.chassis.inbox import Inbox
    from vivavoce.chassis.leases import Leases
    from vivavoce.chassis.outbox import Outbox

RESULT = TypeVar("RESULT")


class UnitOfWork(Protocol):
    """One transaction. What it emits is published after, and only if, it commits."""

    @property
    def context(self) -> Context:
        """For whom the work is done and what led to it."""
        ...

    def emit(self, fact: Fact, *, event_id: str | None = None) -> None:
        """Publish a fact with this commit.

        Without an id, one is derived from the cause, the type, the key and the position in this
        unit of work, so that a repeat of the same work emits the same id; without a cause it is new.
        """
        ...

    def forward(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        """Publish a message as it is with this commit; for dead letters, which keep their form."""
        ...

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the work has been committed; not at all when it is not."""
        ...

    def when_abandoned(self, call: Callable[[], None]) -> None:
        """Call this if the work is not known to have been committed: it failed, or is run again."""
        ...


@dataclass(frozen=True)
class Share(Generic[RESULT]):
    """What is done for one cause in a transaction that others share."""

    context: Context
    work: Callable[[UnitOfWork], Awaitable[RESULT]]


class Database(Protocol):
    """One service's own database."""

    @property
    def outbox(self) -> "Outbox":
        """The messages that await publication."""
        ...

    @property
    def inbox(self) -> "Inbox":
        """The marks of handled events."""
        ...

    @property
    def leases(self) -> "Leases":
        """The leases of this service's processes."""
        ...

    @property
    def counters(self) -> "Counters":
        """The counters that this service's processes share."""
        ...

    def collection(
        self, name: str, kind: "type[DOCUMENT]", indexes: "Sequence[Index]" = ()
    ) -> "Collection[DOCUMENT]":
        """The collection of a kind of document; its indexes are made by `prepare`."""
        ...

    async def transact(self, context: Context, work: Callable[[UnitOfWork], Awaitable[RESULT]]) -> RESULT:
        """Run `work` in one transaction and commit it with what it emitted.

        `work` may run several times, when transactions meet at one document: it must have no other
        effects. Raises InfrastructureAway when the database doesn't answer.
        """
        ...

    async def transact_together(self, shares: Sequence[Share[RESULT]]) -> list[RESULT]:
        """Run shares in one transaction, one after the other, and commit them with what they emitted.

        Each sees what those before it wrote. All are committed or, when one raises, none is. Otherwise
        as `transact`, which is this with one share.
        """
        ...

    async def prepare(self) -> None:
        """Create the indexes of every collection asked for so far."""
        ...

    async def ping(self) -> None:
        """Return if the database answers; raises InfrastructureAway."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
