"""How jobs are held: leased to one process, settled by it alone, given back, or lost to another."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Generic

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import WriteConflict
from vivavoce.chassis.job import JOB, Settle, is_free
from vivavoce.chassis.shared_commits import SharedCommits
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts.ids import new_id


class Holding(Generic[JOB]):
    """The leases of one pool. Every method raises InfrastructureAway, and WriteConflict but for `take`."""

    def __init__(
        self,
        database: Database,
        collection: Collection[JOB],
        *,
        owner: str,
        lease: timedelta,
        clock: Clock,
        context_of: Callable[[JOB], Context],
    ) -> None:
        self._database = database
        self._commits = SharedCommits(database, collection.read_ahead)
        self._collection = collection
        # An earlier process of the same name may still have leases, and they are not this one's.
        self._owner = f"{owner}/{new_id()}"
        self._lease = lease
        self._clock = clock
        self._context_of = context_of

    def leased(self, job: JOB) -> JOB:
        """The job as it is while this pool has it, with one more attempt."""
        return _changed(job, attempts=job.attempts + 1, **self._new_lease())

    async def take(self, chosen: Sequence[JOB]) -> list[JOB]:
        """Lease what is still free of them, in one transaction for all; none when that meets another."""

        async def take(uow: UnitOfWork) -> list[JOB]:
            await self._collection.read_ahead([job.id for job in chosen], uow)
            return [taken for job in chosen if (taken := await self._taken(job, uow)) is not None]

        with suppress(WriteConflict):
            return await self._database.transact(self._context_of(chosen[0]), take)
        return []

    async def settle(self, job: JOB, settle: Settle[JOB]) -> bool:
        """Store what came of the job and end its lease; False when it has become another's."""

        async def conclude(uow: UnitOfWork) -> bool:
            found = await self._owned(job, uow)
            if found is None:
                return False
            settled = await settle(uow, found)
            await self._collection.save(_changed(settled, lease_owner=None, lease_until=None), uow)
            return True

        return await self._commits.transact(job.id, self._context_of(job), conclude)

    async def prolong(self, job: JOB) -> bool:
        """Have the job for longer; False when it has become another's."""

        async def prolong(uow: UnitOfWork) -> bool:
            found = await self._owned(job, uow)
            if found is not None:
                await self._collection.save(_changed(found, **self._new_lease()), uow)
            return found is not None

        return await self._commits.transact(job.id, self._context_of(job), prolong)

    async def give_back(self, job: JOB) -> None:
        """Let others have the job, as if it had not been begun."""

        async def give(uow: UnitOfWork) -> None:
            found = await self._owned(job, uow)
            if found is not None:
                attempts = max(found.attempts - 1, 0)
                given = _changed(found, attempts=attempts, lease_owner=None, lease_until=None)
                await self._collection.save(given, uow)

        await self._commits.transact(job.id, self._context_of(job), give)

    async def _taken(self, job: JOB, uow: UnitOfWork) -> JOB | None:
        found = await self._collection.get_of_any_organization(job.id, uow)
        if found is None or not is_free(found, self._clock.now()):
            return None
        taken = self.leased(found)
        await self._collection.save(taken, uow)
        return taken

    async def _owned(self, job: JOB, uow: UnitOfWork) -> JOB | None:
        found = await self._collection.get_of_any_organization(job.id, uow)
        return found if found is not None and found.lease_owner == self._owner else None

    def _new_lease(self) -> dict[str, object]:
        return {"lease_owner": self._owner, "lease_until": self._clock.now() + self._lease}


def _changed(job: JOB, **changes: Any) -> JOB:
    return job.model_copy(update=changes)
