"""The twin of the MongoDB database in memory: for tests, and for trying a service alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from vivavoce.chassis import tracing
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import DOCUMENT, Index
from vivavoce.chassis.emissions import Emissions
from vivavoce.chassis.inbox import HANDLED_KEPT_DAYS
from vivavoce.chassis.memory_counters import MemoryCounters
from vivavoce.chassis.memory_documents import MemoryCollection, MemoryTables, MemoryUnitOfWork, Writes
from vivavoce.chassis.memory_marks import INBOX, MemoryInbox, MemoryLeases
from vivavoce.chassis.memory_outbox import MemoryOutbox
from vivavoce.chassis.outbox import SENT_ROWS_KEPT_DAYS
from vivavoce.chassis.uow import RESULT, Share, UnitOfWork


class MemoryDatabase:
    """Implements the Database port. One transaction runs at a time, so none meets another.

    Set `away` to play a database that doesn't answer.
    """

    def __init__(
        self,
        *,
        source: str,
        clock: Clock,
        sent_kept: timedelta = timedelta(days=SENT_ROWS_KEPT_DAYS),
        handled_kept: timedelta = timedelta(days=HANDLED_KEPT_DAYS),
    ) -> None:
        self._source = source
        self._clock = clock
        self._tables = MemoryTables(clock)
        self._tables.indexes[INBOX] = (Index((("handled_at", 1),), expires_after=handled_kept),)
        self._outbox = MemoryOutbox(self._tables, sent_kept)
        self._inbox = MemoryInbox(self._tables)
        self._leases = MemoryLeases(self._tables)
        self._counters = MemoryCounters(self._tables)
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None

    @property
    def outbox(self) -> MemoryOutbox:
        """The messages that await publication."""
        return self._outbox

    @property
    def inbox(self) -> MemoryInbox:
        """The marks of handled events."""
        return self._inbox

    @property
    def leases(self) -> MemoryLeases:
        """The leases of this service's processes."""
        return self._leases

    @property
    def counters(self) -> MemoryCounters:
        """The counters that this service's processes share."""
        return self._counters

    @property
    def away(self) -> bool:
        """Whether every operation raises InfrastructureAway."""
        return self._tables.away

    @away.setter
    def away(self, value: bool) -> None:
        self._tables.away = value

    def collection(
        self, name: str, kind: type[DOCUMENT], indexes: Sequence[Index] = ()
    ) -> MemoryCollection[DOCUMENT]:
        """The collection of a kind of document; its indexes hold at once."""
        present = self._tables.indexes.get(name, ())
        self._tables.indexes[name] = tuple(dict.fromkeys((*present, *indexes)))
        return MemoryCollection(self._tables, name, kind)

    async def transact(self, context: Context, work: Callable[[UnitOfWork], Awaitable[RESULT]]) -> RESULT:
        """Run `work` alone and commit it with what it emitted.

        Raises RuntimeError when called inside another transaction of the same task, for that would
        wait for itself.
        """
        with tracing.step("commit"):
            [result] = await self.transact_together([Share(tracing.here(context), work)])
        return result

    async def transact_together(self, shares: Sequence[Share[RESULT]]) -> list[RESULT]:
        """Run shares in one transaction, one after the other; otherwise as `transact`."""
        self._tables.check()
        if self._holder is not None and self._holder is asyncio.current_task():
            raise RuntimeError("a transaction was started inside a transaction")
        async with self._lock:
            self._holder = asyncio.current_task()
            try:
                return await self._run(shares)
            finally:
                self._holder = None

    async def prepare(self) -> None:
        """Nothing is to be created in memory."""
        self._tables.check()

    async def ping(self) -> None:
        """Return if the database answers; raises InfrastructureAway."""
        self._tables.check()

    async def close(self) -> None:
        """Nothing is connected."""

    async def _run(self, shares: Sequence[Share[RESULT]]) -> list[RESULT]:
        now = self._clock.now()
        writes: Writes = {}
        results, emitted = [], []
        try:
            for share in shares:
                emitted.append(Emissions(share.context, self._source, now))
                uow = MemoryUnitOfWork(share.context, self._tables, emitted[-1], writes)
                results.append(await _worked(share.work, uow))
            self._tables.check()
        except BaseException:
            for emissions in emitted:
                emissions.abandoned()
            raise
        self._tables.apply(writes)
        collected = [emission for emissions in emitted for emission in emissions.collected]
        if collected:
            self._outbox.write(collected, now)
        for emissions in emitted:
            emissions.committed()
        return results


async def _worked(work: Callable[[UnitOfWork], Awaitable[RESULT]], uow: MemoryUnitOfWork) -> RESULT:
    """What the work returns. What it wrote before it failed, it may have failed for: that comes first."""
    try:
        result = await work(uow)
    except Exception:
        uow.raise_untold()
        raise
    uow.raise_failure()
    return result
