"""One look for all who want to know something at the same time, so that many askers cost few reads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from vivavoce.chassis.errors import InfrastructureAway, VivaError

VALUE = TypeVar("VALUE")
IN_ONE_LOOK = 200

LookUp = Callable[[Sequence[str]], Awaitable[Mapping[str, VALUE]]]
"""Reads records by their ids; those that aren't there are left out."""


class SharedLooks(Generic[VALUE]):
    """Looks records up by id, one look at a time; who asks while one is under way waits for the next.

    So everyone gets what a look finds that was begun after they had asked. A look reads at most `most`
    records, and what is asked for twice once.
    """

    def __init__(self, look_up: LookUp[VALUE], *, most: int = IN_ONE_LOOK) -> None:
        self._look_up = look_up
        self._most = most
        self._wanted: dict[str, asyncio.Future[VALUE | None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def get(self, record_id: str) -> VALUE | None:
        """The record, or None; raises what the look failed with."""
        future = self._wanted.get(record_id)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._wanted[record_id] = future
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_until_nobody_waits())
        return await asyncio.shield(future)

    async def _look_until_nobody_waits(self) -> None:
        while self._wanted:
            taken = dict(list(self._wanted.items())[: self._most])
            for record_id in taken:
                del self._wanted[record_id]
            try:
                found = await self._look_up(list(taken))
            except VivaError as error:
                _fail(taken.values(), error)
            except BaseException:
                left, self._wanted = self._wanted, {}
                _fail([*taken.values(), *left.values()], InfrastructureAway("The look was given up."))
                raise
            else:
                for record_id, future in taken.items():
                    future.set_result(found.get(record_id))


def _fail(futures: Iterable["asyncio.Future[VALUE | None]"], error: Exception) -> None:
    for future in futures:
        future.set_exception(error)
        # Whoever waited may have gone: then nobody takes the error, and that is no fault.
        future.exception()
