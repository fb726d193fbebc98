"""Chores and the pools that run them, for whatever pools promise over every database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from tests.support.databases import ACME, CONTEXT, CountedClock, until
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.jobs import JOB_INDEXES, Job, Pool, Settle
from vivavoce.chassis.uow import Database, UnitOfWork

LEASE = timedelta(seconds=30)


class Chore(Job):
    """A job of a room."""

    room: str = "kitchen"
    done: int = 0


Run = Callable[[Chore], Awaitable[Settle[Chore]]]


@pytest.fixture
async def chores(database: Database) -> Collection[Chore]:
    collection = database.collection("chores", Chore, JOB_INDEXES)
    await database.prepare()
    return collection


async def done(_: UnitOfWork, chore: Chore) -> Chore:
    return chore.model_copy(update={"due_at": None, "done": chore.done + 1})


class Household:
    """A database with chores, and pools that run them."""

    def __init__(self, database: Database, chores: Collection[Chore], clock: CountedClock) -> None:
        self.database = database
        self.chores = chores
        self.clock = clock

    async def add(self, *names: str, room: str = "kitchen", claimed_by: Pool[Chore] | None = None) -> None:
        async def work(uow: UnitOfWork) -> None:
            for name in names:
                chore = Chore(id=name, organization_id=ACME, due_at=self.clock.now(), room=room)
                if claimed_by is not None:
                    chore = claimed_by.claim(chore, uow)
                await self.chores.insert(chore, uow)

        await self.database.transact(CONTEXT, work)

    async def get(self, name: str) -> Chore:
        found = await self.chores.get(ACME, name)
        assert found is not None
        return found

    def pool(
        self,
        run: Run,
        owner: str = "a",
        concurrency: int = 4,
        per_partition: int | Callable[[Chore], int] = 4,
        partition_field: str | None = None,
    ) -> Pool[Chore]:
        return Pool(
            self.database,
            self.chores,
            run,
            owner=owner,
            clock=self.clock,
            concurrency=concurrency,
            lease=LEASE,
            partition_of=lambda chore: chore.room,
            partition_field=partition_field,
            per_partition=per_partition,
            grace=timedelta(0),
        )

    async def ended(self, count: int) -> None:
        """Return when that many chores have ended, while the clock stands still."""

        async def enough() -> bool:
            return len(await self.chores.find(ACME, {"due_at": None}, limit=500)) >= count

        await until(enough)

    async def ended_in_time(self, count: int) -> None:
        """Return when that many chores have ended, while the clock goes on."""

        async def enough() -> bool:
            await self.clock.advance(timedelta(seconds=1))
            return len(await self.chores.find(ACME, {"due_at": None}, limit=500)) >= count

        await until(enough)

    async def passes(self, seconds: float, sleepers: int) -> None:
        """Let time pass by seconds; each begins when that many sleep again, so that none is late."""
        for _ in range(int(seconds)):
            await until(lambda: self.clock.sleepers == sleepers)
            await self.clock.advance(timedelta(seconds=1))
        await until(lambda: self.clock.sleepers == sleepers)


@pytest.fixture
def household(database: Database, chores: Collection[Chore], clock: CountedClock) -> Household:
    return Household(database, chores, clock)


@asynccontextmanager
async def running(pool: Pool[Chore]) -> AsyncIterator[Pool[Chore]]:
    task = asyncio.create_task(pool.run_forever())
    try:
        yield pool
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Gate:
    """A run that waits until it is let through, and counts who is inside."""

    def __init__(self) -> None:
        self.inside: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.begun: list[str] = []
        self.cancelled: list[str] = []
        self.opened = asyncio.Event()

    async def run(self, chore: Chore) -> Settle[Chore]:
        self.begun.append(chore.id)
        for name in (chore.room, "total"):
            self.inside[name] += 1
            self.most[name] = max(self.most[name], self.inside[name])
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.cancelled.append(chore.id)
            raise
        finally:
            for name in (chore.room, "total"):
                self.inside[name] -= 1
        return done
