"""Writes what was noted of many organizations: a transaction for each, and none keeps the others waiting."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Protocol, TypeVar

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import AlreadyExists, VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import RESULT, Database, UnitOfWork
from vivavoce.contracts.ids import new_id

WRITTEN_TOGETHER = 100
RUNS = 5

log = get_logger(__name__)


class Owned(Protocol):
    """Something that belongs to an organization."""

    @property
    def organization_id(self) -> str:
        """Whose it is."""
        ...


OWNED = TypeVar("OWNED", bound=Owned)


async def transact_anew(
    database: Database, context: Context, work: Callable[[UnitOfWork], Awaitable[RESULT]]
) -> RESULT:
    """As `transact`, for work that inserts what isn't there: when another was first, it runs anew.

    Raises AlreadyExists when another is first every time.
    """
    for _ in range(RUNS - 1):
        try:
            return await database.transact(context, work)
        except AlreadyExists:
            log.info("written_by_another")
    return await database.transact(context, work)


async def write_by_organization(
    database: Database,
    notes: Iterable[OWNED],
    write: Callable[[Sequence[OWNED], UnitOfWork], Awaitable[None]],
) -> None:
    """Write each organization's notes, `WRITTEN_TOGETHER` in one transaction.

    What can be tried again is raised, in the end; what can't is logged and given up.
    """
    owned: dict[str, list[OWNED]] = {}
    for note in notes:
        owned.setdefault(note.organization_id, []).append(note)
    failure: VivaError | None = None
    for organization_id, theirs in owned.items():
        for first in range(0, len(theirs), WRITTEN_TOGETHER):
            together = theirs[first : first + WRITTEN_TOGETHER]
            try:
                await transact_anew(database, Context(organization_id, new_id()), partial(write, together))
            except VivaError as error:
                log.warning("notes_not_written", code=error.code, notes=len(together))
                failure = error if error.retryable else failure
    if failure is not None:
        raise failure
