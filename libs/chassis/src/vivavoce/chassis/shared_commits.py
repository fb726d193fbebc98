"""Lets transactions that are wanted at the same time share a commit, which costs more than what is in it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import RESULT, Database, Share, UnitOfWork

MOST_SHARES = 32

Wanted = tuple[Share[Any], "asyncio.Future[Any]"]

log = get_logger(__name__)


class SharedCommits:
    """Runs one transaction at a time, with all the work that has come in during the one before it.

    When a shared one fails, for whatever reason, each of its works gets a transaction of its own: one that
    fails takes nobody with it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted: deque[Wanted] = deque()
        self._running: asyncio.Task[None] | None = None

    async def transact(self, context: Context, work: Callable[[UnitOfWork], Awaitable[RESULT]]) -> RESULT:
        """As `Database.transact`. When it is cancelled, the work may be committed all the same."""

        async def in_context(uow: UnitOfWork) -> RESULT:
            with bound(context):
                return await work(uow)

        result: asyncio.Future[RESULT] = asyncio.get_running_loop().create_future()
        self._wanted.append((Share(context, in_context), result))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await result

    async def _run(self) -> None:
        try:
            while self._wanted:
                taken = [self._wanted.popleft() for _ in range(min(MOST_SHARES, len(self._wanted)))]
                await self._settle([(share, result) for share, result in taken if not result.done()])
        finally:
            self._running = None

    async def _settle(self, wanted: Sequence[Wanted]) -> None:
        """Give each its result, or what it failed with."""
        try:
            found = await self._database.transact_together([share for share, _ in wanted])
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
    for (_, result), value in zip(wanted, found, strict=True):
        if not result.done():
            result.set_result(value)


def _fail(wanted: Sequence[Wanted], error: Exception) -> None:
    for _, result in wanted:
        if not result.done():
            result.set_exception(error)
