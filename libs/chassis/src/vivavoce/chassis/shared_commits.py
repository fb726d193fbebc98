"""Lets transactions that are wanted at the same time share a commit, which costs more than what is in it."""

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vivavoce.chassis import tracing
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import RESULT, Database, Share, UnitOfWork

MOST_SHARES = 32

Ahead = Callable[[Sequence[str], UnitOfWork], Awaitable[None]]

log = get_logger(__name__)


@dataclass(frozen=True)
class Wanted:
    """Work that waits for its transaction, and whoever waits for its result."""

    about: str
    share: Share[Any]
    result: "asyncio.Future[Any]"


class SharedCommits:
    """Runs one transaction at a time, with all the work that has come in during the one before it.

    When a shared one fails, for whatever reason, each of its works gets a transaction of its own: one that
    fails takes nobody with it. `ahead` reads at once the documents that all of them are `about`.
    """

    def __init__(self, database: Database, ahead: Ahead) -> None:
        self._database = database
        self._ahead = ahead
        self._wanted: deque[Wanted] = deque()
        self._running: asyncio.Task[None] | None = None

    async def transact(
        self, about: str, context: Context, work: Callable[[UnitOfWork], Awaitable[RESULT]]
    ) -> RESULT:
        """As `Database.transact`. When it is cancelled, the work may be committed all the same."""

        async def in_context(uow: UnitOfWork) -> RESULT:
            with bound(context):
                return await work(uow)

        result: asyncio.Future[RESULT] = asyncio.get_running_loop().create_future()
        with tracing.step("commit"):
            self._wanted.append(Wanted(about, Share(tracing.here(context), in_context), result))
            if self._running is None:
                # What is bound to whoever comes first is not what the others' work is about.
                self._running = asyncio.create_task(self._run(), context=contextvars.Context())
            return await result

    async def _run(self) -> None:
        try:
            while self._wanted:
                taken = [self._wanted.popleft() for _ in range(min(MOST_SHARES, len(self._wanted)))]
                await self._settle([each for each in taken if not each.result.done()])
        finally:
            self._running = None

    async def _settle(self, wanted: Sequence[Wanted]) -> None:
        """Give each its result, or what it failed with."""
        if not wanted:
            return None

        async def read_ahead(uow: UnitOfWork) -> None:
            await self._ahead([each.about for each in wanted], uow)

        first = Share(wanted[0].share.context, read_ahead)
        try:
            _, *found = await self._database.transact_together([first, *(each.share for each in wanted)])
        except Exception as error:
            if len(wanted) == 1 or isinstance(error, InfrastructureAway):
                return _fail(wanted, error)
            log.info("not_committed_together", count=len(wanted), exc_info=error)
            for each in wanted:
                await self._settle([each])
        except BaseException:
            _fail(wanted, InfrastructureAway("The process stops."))
            raise
        else:
            _succeed(wanted, found)


def _succeed(wanted: Sequence[Wanted], found: Sequence[Any]) -> None:
    for each, value in zip(wanted, found, strict=True):
        if not each.result.done():
            each.result.set_result(value)


def _fail(wanted: Sequence[Wanted], error: Exception) -> None:
    for each in wanted:
        if not each.result.done():
            each.result.set_exception(error)
