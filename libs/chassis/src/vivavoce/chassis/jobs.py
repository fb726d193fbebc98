"""The pool: runs jobs that are kept in the database and leased to one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Generic

from vivavoce.chassis.cancellation import is_cancelled
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import WAITED_FOR, InfrastructureAway, VivaError, WriteConflict
from vivavoce.chassis.job import JOB, JOB_INDEXES, DueJobs, Job, Settle, retry_delay
from vivavoce.chassis.job_holding import Holding
from vivavoce.chassis.job_room import Room
from vivavoce.chassis.job_spans import working
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork

__all__ = ["JOB_INDEXES", "Job", "Pool", "Settle"]

RENEWALS_PER_LEASE = 3
TAKEN_AT_ONCE = 16

log = get_logger(__name__)

Run = Callable[[JOB], Awaitable[Settle[JOB]]]


class Pool(Generic[JOB]):
    """Runs jobs that are due: at most `concurrency` at once, and `per_partition` of one partition.

    Both bounds hold for this process; the latter may depend on the job, and doesn't count those that are
    only being settled. Where `partition_field` holds a job's partition, jobs of full partitions are not
    even looked at, so that they cost nothing.

    `run` is called outside any transaction, while its lease is prolonged; its Settle stores what
    came of it. A job whose run raises is tried again later; a dead process's job when its lease has
    ended. So a run may be repeated, but its settlement takes effect once. The collection should be
    made with JOB_INDEXES. `grace` is how long a stopping pool lets runs finish. A run is a span of the
    pool's `name` in the trace that `context_of` names.
    """

    def __init__(
        self,
        database: Database,
        collection: Collection[JOB],
        run: Run[JOB],
        *,
        owner: str,
        clock: Clock,
        concurrency: int,
        lease: timedelta,
        partition_of: Callable[[JOB], str] | None = None,
        partition_field: str | None = None,
        per_partition: int | Callable[[JOB], int] = 1,
        context_of: Callable[[JOB], Context] | None = None,
        name: str = "job",
        poll: timedelta = timedelta(seconds=1),
        grace: timedelta = timedelta(seconds=5),
    ) -> None:
        self._run = run
        self._name = name
        self._clock = clock
        self._room = Room(concurrency, partition_of, partition_field, per_partition)
        self._lease = lease
        self._context_of = context_of or _own_context
        self._holding = Holding(
            database, collection, owner=owner, lease=lease, clock=clock, context_of=self._context_of
        )
        self._poll = poll
        self._grace = grace
        self._due = DueJobs(collection)
        self._woken = asyncio.Event()
        self._runs_forever = False

    def wake(self) -> None:
        """Look for jobs now, because one was committed."""
        self._woken.set()

    def claim(self, job: JOB, uow: UnitOfWork, run: Run[JOB] | None = None) -> JOB:
        """A new job as its maker is to store it: leased to this pool, which begins it with the commit.

        `run` takes the place of the pool's for this once, for whoever knows already what that would ask for.
        Without room for the job, or when this pool doesn't run, it comes back as it was, and waits like
        any other.
        """
        if not self._runs_forever or self._room.is_full(()) or not self._room.has_place_for(job, ()):
            uow.after_commit(lambda: self._wake_for(job))
            return job
        leased = self._holding.leased(job)
        self._room.reserve(leased)
        uow.after_commit(lambda: self._start(leased, run or self._run))
        uow.when_abandoned(lambda: self._room.end(leased))
        return leased

    def _wake_for(self, job: JOB) -> None:
        """Look for the job if it could begin; otherwise the end of another run will."""
        if not self._room.is_full(()) and self._room.has_more_of(job):
            self.wake()

    async def run_forever(self) -> None:
        """Take and run jobs until cancelled; then hand back what doesn't finish in time."""
        self._runs_forever = True
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
            self._runs_forever = False
            await self._stop()

    async def run_due(self) -> int:
        """Run what is due now to its end; returns how many runs that were.

        For a process that doesn't run for ever, such as a test's.
        """
        runs = 0
        while True:
            await self._take_what_is_due()
            tasks = self._room.tasks
            if not tasks:
                return runs
            await asyncio.wait(tasks)
            runs += len(tasks)

    async def _take_what_is_due(self) -> None:
        chosen: list[JOB] = []
        async for job in self._due.candidates(self._clock.now(), self._room.but_full()):
            if self._room.is_full(chosen):
                break
            if self._room.has_place_for(job, chosen):
                chosen.append(job)
            if len(chosen) == TAKEN_AT_ONCE:
                await self._take_and_start(chosen)
                chosen = []
        await self._take_and_start(chosen)

    async def _take_and_start(self, chosen: Sequence[JOB]) -> None:
        if chosen:
            for job in await self._holding.take(chosen):
                self._start(job, self._run)

    def _start(self, job: JOB, run: Run[JOB]) -> None:
        task = asyncio.create_task(self._work(job, run))
        self._room.begin(job, task)
        task.add_done_callback(lambda ended: self._ended(job, ended))

    def _ended(self, job: JOB, task: asyncio.Task[None]) -> None:
        self._make_room(job, self._room.end)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("job_left_to_its_lease", job_id=job.id, exc_info=error)

    def _make_room(self, job: JOB, leave: Callable[[JOB], None]) -> None:
        """Look for others if there was no room before; where there was, nothing that is due has been left."""
        was_full = self._room.is_full(()) or not self._room.has_more_of(job)
        leave(job)
        if was_full:
            self.wake()

    async def _work(self, job: JOB, run: Run[JOB]) -> None:
        context = self._context_of(job)
        with working(self._name, job, context), bound(context):
            renewal = asyncio.create_task(self._keep(job, asyncio.current_task()))
            try:
                settle = await self._outcome(job, run)
                self._make_room(job, self._room.settling)
                await self._settle(job, settle)
            except asyncio.CancelledError:
                await self._hand_back(job)
                raise
            finally:
                renewal.cancel()

    async def _outcome(self, job: JOB, run: Run[JOB]) -> Settle[JOB]:
        try:
            return await run(job)
        except WAITED_FOR as away:
            log.warning("job_waits_for_what_is_away", job_id=job.id, error=away.message)
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
        while True:
            try:
                settled = await self._holding.settle(job, settle)
            except (InfrastructureAway, WriteConflict) as error:
                log.warning("job_waits_to_be_settled", job_id=job.id, error=error.message)
            else:
                if not settled:
                    log.warning("job_lease_lost", job_id=job.id)
                return
            await self._clock.sleep(self._poll.total_seconds())

    async def _keep(self, job: JOB, worker: asyncio.Task[None] | None) -> None:
        """Prolong the lease; a run whose job has become another's is cancelled."""
        while True:
            await self._clock.sleep(self._lease.total_seconds() / RENEWALS_PER_LEASE)
            try:
                kept = await self._holding.prolong(job)
            except Exception as error:
                log.warning("job_lease_not_prolonged", job_id=job.id, exc_info=error)
                continue
            if not kept and worker is not None:
                worker.cancel()
                return

    async def _hand_back(self, job: JOB) -> None:
        try:
            await self._holding.give_back(job)
        except VivaError as error:
            log.warning("job_left_to_its_lease", job_id=job.id, error=error.message)

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
        tasks = self._room.tasks
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=self._grace.total_seconds())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _own_context(job: Job) -> Context:
    return Context(organization_id=job.organization_id, correlation_id=job.id)
