"""The pool: runs jobs that are kept in the database and leased to one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic

from vivavoce.chassis.cancellation import is_cancelled
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import InfrastructureAway, VivaError, WriteConflict
from vivavoce.chassis.job import JOB, JOB_INDEXES, DueJobs, Job, Settle, is_free, retry_delay
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts.ids import new_id

__all__ = ["JOB_INDEXES", "Job", "Pool", "Settle"]

RENEWALS_PER_LEASE = 3
TAKEN_AT_ONCE = 16

log = get_logger(__name__)


@dataclass(frozen=True)
class Running:
    """A run in this process."""

    task: asyncio.Task[None]
    partition: str | None


class Pool(Generic[JOB]):
    """Runs jobs that are due: at most `concurrency` at once, and `per_partition` of one partition.

    Both bounds hold for this process; the latter may depend on the job.

    `run` is called outside any transaction, while its lease is prolonged; its Settle stores what
    came of it. A job whose run raises is tried again later; a dead process's job when its lease has
    ended. So a run may be repeated, but its settlement takes effect once. The collection should be
    made with JOB_INDEXES. `grace` is how long a stopping pool lets runs finish.
    """

    def __init__(
        self,
        database: Database,
        collection: Collection[JOB],
        run: Callable[[JOB], Awaitable[Settle[JOB]]],
        *,
        owner: str,
        clock: Clock,
        concurrency: int,
        lease: timedelta,
        partition_of: Callable[[JOB], str] | None = None,
        per_partition: int | Callable[[JOB], int] = 1,
        context_of: Callable[[JOB], Context] | None = None,
        poll: timedelta = timedelta(seconds=1),
        grace: timedelta = timedelta(seconds=5),
    ) -> None:
        self._database = database
        self._collection = collection
        self._run = run
        # An earlier process of the same name may still have leases, and they are not this one's.
        self._owner = f"{owner}/{new_id()}"
        self._clock = clock
        self._concurrency = concurrency
        self._lease = lease
        self._partition_of = partition_of
        self._per_partition = per_partition
        self._context_of = context_of or _own_context
        self._poll = poll
        self._grace = grace
        self._running: dict[str, Running] = {}
        self._due = DueJobs(collection)
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for jobs now, because one was committed."""
        self._woken.set()

    async def run_forever(self) -> None:
        """Take and run jobs until cancelled; then hand back what doesn't finish in time."""
        try:
            while True:
                self._woken.clear()
                try:
                    await self._take_what_is_due()
                except InfrastructureAway as away:
                    log.warning("jobs_wait_for_the_database", error=away.message)
                except Exception:
                    log.exception("jobs_not_taken")
                await self._pause()
        finally:
            await self._stop()

    async def run_due(self) -> int:
        """Run what is due now to its end; returns how many runs that were.

        For a process that doesn't run for ever, such as a test's.
        """
        runs = 0
        while True:
            await self._take_what_is_due()
            tasks = [running.task for running in self._running.values()]
            if not tasks:
                return runs
            await asyncio.wait(tasks)
            runs += len(tasks)

    async def _take_what_is_due(self) -> None:
        chosen: list[JOB] = []
        async for job in self._due.candidates(self._clock.now()):
            if len(self._running) + len(chosen) >= self._concurrency:
                break
            if self._has_room_for(job, chosen):
                chosen.append(job)
            if len(chosen) == TAKEN_AT_ONCE:
                await self._take_and_start(chosen)
                chosen = []
        await self._take_and_start(chosen)

    def _has_room_for(self, job: JOB, chosen: Sequence[JOB]) -> bool:
        if job.id in self._running or any(job.id == other.id for other in chosen):
            return False
        if self._partition_of is None:
            return True
        partition = self._partition_of(job)
        under_way = sum(running.partition == partition for running in self._running.values())
        under_way += sum(self._partition_of(other) == partition for other in chosen)
        bound = self._per_partition(job) if callable(self._per_partition) else self._per_partition
        return under_way < bound

    async def _take_and_start(self, chosen: Sequence[JOB]) -> None:
        """Lease what is still free of them, in one transaction for all."""
        if not chosen:
            return

        async def take(uow: UnitOfWork) -> list[JOB]:
            return [taken for job in chosen if (taken := await self._taken(job, uow)) is not None]

        with suppress(WriteConflict):
            for job in await self._database.transact(self._context_of(chosen[0]), take):
                self._start(job)

    async def _taken(self, job: JOB, uow: UnitOfWork) -> JOB | None:
        found = await self._collection.get_of_any_organization(job.id, uow)
        if found is None or not is_free(found, self._clock.now()):
            return None
        return await self._save(found, uow, attempts=found.attempts + 1, **self._new_lease())

    def _start(self, job: JOB) -> None:
        task = asyncio.create_task(self._work(job))
        self._running[job.id] = Running(task, self._partition_of(job) if self._partition_of else None)
        task.add_done_callback(lambda ended: self._ended(job, ended))

    def _ended(self, job: JOB, task: asyncio.Task[None]) -> None:
        del self._running[job.id]
        self.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("job_left_to_its_lease", job_id=job.id, exc_info=error)

    async def _work(self, job: JOB) -> None:
        with bound(self._context_of(job)):
            renewal = asyncio.create_task(self._keep(job, asyncio.current_task()))
            try:
                settle = await self._outcome(job)
                await self._settle(job, settle)
            except asyncio.CancelledError:
                await self._hand_back(job)
                raise
            finally:
                renewal.cancel()

    async def _outcome(self, job: JOB) -> Settle[JOB]:
        try:
            return await self._run(job)
        except InfrastructureAway as away:
            log.warning("job_waits_for_infrastructure", job_id=job.id, error=away.message)
            return self._again(counted=False)
        except asyncio.CancelledError:
            if is_cancelled():
                raise
            log.exception("job_failed", job_id=job.id, attempts=job.attempts)
            return self._again()
        except Exception:
            log.exception("job_failed", job_id=job.id, attempts=job.attempts)
            return self._again()

    async def _settle(self, job: JOB, settle: Settle[JOB]) -> None:
        """Store the outcome, however long the database is away; one that can't be stored is retried."""
        try:
            await self._settle_when_possible(job, settle)
        except Exception:
            log.exception("job_not_settled", job_id=job.id, attempts=job.attempts)
            await self._settle_when_possible(job, self._again())

    async def _settle_when_possible(self, job: JOB, settle: Settle[JOB]) -> None:
        async def conclude(uow: UnitOfWork) -> None:
            found = await self._owned(job, uow)
            if found is None:
                log.warning("job_lease_lost", job_id=job.id)
                return
            await self._save(await settle(uow, found), uow, lease_owner=None, lease_until=None)

        while True:
            try:
                return await self._database.transact(self._context_of(job), conclude)
            except (InfrastructureAway, WriteConflict) as error:
                log.warning("job_waits_to_be_settled", job_id=job.id, error=error.message)
            await self._clock.sleep(self._poll.total_seconds())

    async def _keep(self, job: JOB, worker: asyncio.Task[None] | None) -> None:
        """Prolong the lease; a run whose job has become another's is cancelled."""

        async def prolong(uow: UnitOfWork) -> bool:
            found = await self._owned(job, uow)
            if found is not None:
                await self._save(found, uow, **self._new_lease())
            return found is not None

        while True:
            await self._clock.sleep(self._lease.total_seconds() / RENEWALS_PER_LEASE)
            try:
                kept = await self._database.transact(self._context_of(job), prolong)
            except Exception as error:
                log.warning("job_lease_not_prolonged", job_id=job.id, exc_info=error)
                continue
            if not kept and worker is not None:
                worker.cancel()
                return

    async def _hand_back(self, job: JOB) -> None:
        async def give(uow: UnitOfWork) -> None:
            found = await self._owned(job, uow)
            if found is not None:
                attempts = max(found.attempts - 1, 0)
                await self._save(found, uow, attempts=attempts, lease_owner=None, lease_until=None)

        try:
            await self._database.transact(self._context_of(job), give)
        except VivaError as error:
            log.warning("job_left_to_its_lease", job_id=job.id, error=error.message)

    async def _owned(self, job: JOB, uow: UnitOfWork) -> JOB | None:
        found = await self._collection.get_of_any_organization(job.id, uow)
        return found if found is not None and found.lease_owner == self._owner else None

    async def _save(self, job: JOB, uow: UnitOfWork, **changes: Any) -> JOB:
        changed = job.model_copy(update=changes)
        await self._collection.save(changed, uow)
        return changed

    def _new_lease(self) -> dict[str, object]:
        return {"lease_owner": self._owner, "lease_until": self._clock.now() + self._lease}

    def _again(self, *, counted: bool = True) -> Settle[JOB]:
        async def settle(_: UnitOfWork, job: JOB) -> JOB:
            due_at = self._clock.now() + retry_delay(job.attempts)
            attempts = job.attempts if counted else max(job.attempts - 1, 0)
            return job.model_copy(update={"due_at": due_at, "attempts": attempts})

        return settle

    async def _pause(self) -> None:
        waits = [
            asyncio.create_task(self._woken.wait()),
            asyncio.create_task(self._clock.sleep(self._poll.total_seconds())),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _stop(self) -> None:
        tasks = [running.task for running in self._running.values()]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=self._grace.total_seconds())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _own_context(job: Job) -> Context:
    return Context(organization_id=job.organization_id, correlation_id=job.id)
