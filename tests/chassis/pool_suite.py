"""What a pool does over every database: limits, leases, takeover, retries, stopping."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from tests.support.databases import ACME, CONTEXT, NOON, CountedClock, rejected, until
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import InfrastructureAway
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

    async def add(self, *names: str, room: str = "kitchen") -> None:
        async def work(uow: UnitOfWork) -> None:
            for name in names:
                chore = Chore(id=name, organization_id=ACME, due_at=self.clock.now(), room=room)
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


class PoolSuite:
    async def test_every_due_job_is_run_and_settled_once(self, household: Household) -> None:
        async def run(_: Chore) -> Settle[Chore]:
            return done

        await household.add(*(f"c{n:02}" for n in range(25)))
        async with running(household.pool(run, "a")), running(household.pool(run, "b")):
            await household.ended(25)
        chores = await household.chores.find(ACME, limit=100)
        assert {(chore.done, chore.attempts, chore.lease_owner) for chore in chores} == {(1, 1, None)}

    async def test_a_settlement_commits_its_facts_with_the_job(self, household: Household) -> None:
        async def settle(uow: UnitOfWork, chore: Chore) -> Chore:
            uow.emit(rejected(chore.id))
            return chore.model_copy(update={"due_at": None})

        async def run(_: Chore) -> Settle[Chore]:
            return settle

        await household.add("c1")
        async with running(household.pool(run)):
            await household.ended(1)
        assert [row.aggregate for row in await household.database.outbox.pending(10)] == ["c1"]

    async def test_a_job_is_not_run_before_it_is_due(self, household: Household) -> None:
        gate = Gate()
        await household.add("now")
        later = Chore(id="later", organization_id=ACME, due_at=NOON + timedelta(seconds=20))
        await household.database.transact(CONTEXT, lambda uow: household.chores.insert(later, uow))
        gate.opened.set()
        async with running(household.pool(gate.run)):
            await household.ended(1)
            await household.passes(19, sleepers=1)
            assert gate.begun == ["now"]
            await household.ended_in_time(2)

    async def test_a_wake_finds_a_job_without_waiting_for_the_clock(self, household: Household) -> None:
        gate = Gate()
        gate.opened.set()
        pool = household.pool(gate.run)
        async with running(pool):
            await household.add("c1")
            pool.wake()
            await household.ended(1)

    async def test_no_more_run_at_once_than_allowed_in_total(self, household: Household) -> None:
        gate = Gate()
        await household.add(*(f"c{n}" for n in range(9)))
        async with running(household.pool(gate.run, concurrency=3, per_partition=9)):
            await until(lambda: gate.inside["total"] == 3)
            gate.opened.set()
            await household.ended(9)
        assert gate.most["total"] == 3

    async def test_a_hanging_partition_leaves_room_for_the_others(self, household: Household) -> None:
        gate = Gate()
        finished: list[str] = []

        async def run(chore: Chore) -> Settle[Chore]:
            if chore.room == "cellar":
                return await gate.run(chore)
            finished.append(chore.id)
            return done

        await household.add(*(f"c{n:03}" for n in range(230)), room="cellar")
        await household.add("k1", "k2", "k3")
        async with running(household.pool(run, per_partition=2)):
            await household.ended(3)
            assert gate.most["cellar"] == 2
        assert sorted(finished) == ["k1", "k2", "k3"]

    async def test_what_a_full_partition_has_due_is_not_looked_at(
        self, household: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("vivavoce.chassis.job.PAGE", 5)
        gate = Gate()
        finished: list[str] = []

        async def run(chore: Chore) -> Settle[Chore]:
            if chore.room == "cellar":
                return await gate.run(chore)
            finished.append(chore.id)
            return done

        await household.add(*(f"c{n:03}" for n in range(60)), room="cellar")
        async with running(household.pool(run, per_partition=lambda _: 2, partition_field="room")) as pool:
            await until(lambda: gate.inside["cellar"] == 2)
            await household.add("k1", "k2", "k3")
            pool.wake()
            await household.ended(3)
            assert gate.most["cellar"] == 2
        assert sorted(finished) == ["k1", "k2", "k3"]

    async def test_a_long_run_keeps_its_lease(self, household: Household) -> None:
        gate, other = Gate(), Gate()
        await household.add("c1")
        async with running(household.pool(gate.run, "a")):
            await until(lambda: gate.begun == ["c1"])
            async with running(household.pool(other.run, "b")):
                await household.passes(LEASE.total_seconds() * 2, sleepers=3)
                gate.opened.set()
                await household.ended(1)
        assert other.begun == []

    async def test_a_dead_owners_job_is_taken_over_when_its_lease_has_ended(
        self, household: Household
    ) -> None:
        gate = Gate()
        gate.opened.set()
        left = Chore(
            id="left",
            organization_id=ACME,
            due_at=NOON,
            attempts=1,
            lease_owner="dead",
            lease_until=NOON + LEASE,
        )
        await household.database.transact(CONTEXT, lambda uow: household.chores.insert(left, uow))
        async with running(household.pool(gate.run)):
            await household.passes(LEASE.total_seconds() - 1, sleepers=1)
            assert gate.begun == []
            await household.ended_in_time(1)
        assert (await household.get("left")).attempts == 2

    async def test_a_run_whose_job_another_took_is_cancelled_and_settles_nothing(
        self, household: Household
    ) -> None:
        gate = Gate()
        await household.add("c1")
        async with running(household.pool(gate.run)):
            await until(lambda: gate.begun == ["c1"])
            theirs = {"lease_owner": "other", "lease_until": NOON + LEASE * 10}
            taken = (await household.get("c1")).model_copy(update=theirs)
            await household.database.transact(CONTEXT, lambda uow: household.chores.save(taken, uow))
            await household.passes(LEASE.total_seconds() / 3 - 1, sleepers=2)
            await household.clock.advance(timedelta(seconds=1))
            await until(lambda: gate.cancelled == ["c1"])
        assert await household.get("c1") == taken

    async def test_a_run_that_raises_is_tried_again_later(self, household: Household) -> None:
        begun: list[int] = []

        async def run(chore: Chore) -> Settle[Chore]:
            begun.append(chore.attempts)
            if chore.attempts < 3:
                raise LookupError("a bug")
            return done

        await household.add("c1")
        async with running(household.pool(run)):
            await household.ended_in_time(1)
        assert begun == [1, 2, 3]

    async def test_a_settlement_that_raises_is_tried_again_later(self, household: Household) -> None:
        async def broken(_: UnitOfWork, chore: Chore) -> Chore:
            raise LookupError("a bug")

        async def run(chore: Chore) -> Settle[Chore]:
            return broken if chore.attempts == 1 else done

        await household.add("c1")
        async with running(household.pool(run)):
            await household.ended_in_time(1)
        assert (await household.get("c1")).attempts == 2

    async def test_waiting_for_infrastructure_is_no_attempt(self, household: Household) -> None:
        outcomes = iter([InfrastructureAway("the store doesn't answer")])

        async def run(_: Chore) -> Settle[Chore]:
            for away in outcomes:
                raise away
            return done

        await household.add("c1")
        async with running(household.pool(run)):
            await household.ended_in_time(1)
        assert (await household.get("c1")).attempts == 1

    async def test_a_stopping_pool_hands_back_what_has_not_finished(self, household: Household) -> None:
        gate = Gate()
        await household.add("c1", "c2")
        async with running(household.pool(gate.run)):
            await until(lambda: len(gate.begun) == 2)
        for name in ("c1", "c2"):
            chore = await household.get(name)
            assert (chore.due_at, chore.attempts, chore.lease_owner) == (NOON, 0, None)

    async def test_a_settlement_may_set_the_next_time(self, household: Household) -> None:
        async def again(_: UnitOfWork, chore: Chore) -> Chore:
            return chore.model_copy(update={"due_at": NOON + timedelta(minutes=5)})

        async def run(chore: Chore) -> Settle[Chore]:
            return again if chore.attempts == 1 else done

        await household.add("c1")
        async with running(household.pool(run)):

            async def put_off() -> bool:
                return (await household.get("c1")).due_at == NOON + timedelta(minutes=5)

            await until(put_off)
            await household.clock.advance(timedelta(minutes=5))
            await household.ended_in_time(1)
