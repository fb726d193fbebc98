"""What a job is, when it is anyone's to take, and where a pool finds those that are due."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from vivavoce.chassis.documents import Collection, Document, Index, Where
from vivavoce.chassis.uow import UnitOfWork

PAGE = 100
DEEPER_PAGES = 4
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=5)
MOST_DOUBLINGS = 20
RETRY_JITTER = 0.2
JOB_INDEXES = (
    Index((("lease_owner", 1), ("due_at", 1))),
    Index((("lease_until", 1),)),
)


class Job(Document):
    """Something to do at `due_at`, or that has ended when that is None.

    `attempts` counts the runs that were begun and not handed back, also those of processes that died.
    """

    due_at: datetime | None
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = None


JOB = TypeVar("JOB", bound=Job)
Settle = Callable[[UnitOfWork, JOB], Awaitable[JOB]]
"""Runs in the transaction that ends the lease, on the job as stored; returns the job to store."""


def is_free(job: Job, now: datetime) -> bool:
    """Whether the job is due and nobody has it."""
    if job.due_at is None or job.due_at > now:
        return False
    return job.lease_owner is None or job.lease_until is None or job.lease_until <= now


def retry_delay(attempts: int) -> timedelta:
    """How long a job whose run failed waits: doubles with every attempt, and is spread by a jitter."""
    doublings = min(max(attempts - 1, 0), MOST_DOUBLINGS)
    delay = min(FIRST_RETRY * int(2**doublings), LONGEST_RETRY)
    return delay * random.uniform(1 - RETRY_JITTER, 1 + RETRY_JITTER)


class DueJobs(Generic[JOB]):
    """Finds what is due, in pages, so that a full partition's many jobs don't hide the others'."""

    def __init__(self, collection: Collection[JOB]) -> None:
        self._collection = collection
        self._deeper_from: JOB | None = None

    async def candidates(self, now: datetime, but: Where) -> AsyncIterator[JOB]:
        """Dead owners' jobs, then the oldest, then some from further on in the queue than last time.

        `but` is a condition beside those, for leaving out what there is no room for.
        """
        for job in await self._find({"due_at": {"$lte": now}, "lease_until": {"$lte": now}, **but}):
            yield job
        page = await self._find({"due_at": {"$lte": now}, "lease_owner": None, **but})
        for job in page:
            yield job
        if len(page) == PAGE:
            async for job in self._deeper(now, self._deeper_from or page[-1], but):
                yield job

    async def _deeper(self, now: datetime, last: JOB, but: Where) -> AsyncIterator[JOB]:
        for _ in range(DEEPER_PAGES):
            page = await self._after(last, now, but)
            for job in page:
                yield job
            if len(page) < PAGE:
                self._deeper_from = None
                return
            last = self._deeper_from = page[-1]

    async def _after(self, last: JOB, now: datetime, but: Where) -> list[JOB]:
        free = {"lease_owner": None, **but}
        same = await self._find({"due_at": last.due_at, "id": {"$gt": last.id}, **free})
        later = await self._find({"due_at": {"$gt": last.due_at, "$lte": now}, **free})
        return [*same, *later][:PAGE]

    async def _find(self, where: Where) -> list[JOB]:
        order = (("due_at", 1), ("id", 1))
        return await self._collection.find_in_all_organizations(where, sort=order, limit=PAGE)
