"""A pool over the database in memory, also while that is away."""

import pytest

from tests.chassis.pool_suite import Chore, Gate, Household, PoolSuite, chores, done, household, running
from tests.support.databases import NOON, SOURCE, CountedClock, until
from vivavoce.chassis.jobs import Settle
from vivavoce.chassis.memory import MemoryDatabase

__all__ = ["chores", "household"]


@pytest.fixture
def clock() -> CountedClock:
    return CountedClock(NOON)


@pytest.fixture
def database(clock: CountedClock) -> MemoryDatabase:
    return MemoryDatabase(source=SOURCE, clock=clock)


class TestPoolInMemory(PoolSuite):
    pass


async def test_a_pool_outlives_an_absence_of_the_database(
    household: Household, database: MemoryDatabase
) -> None:
    gate = Gate()
    gate.opened.set()
    await household.add("c1")
    database.away = True
    async with running(household.pool(gate.run)):
        await household.passes(3, sleepers=1)
        assert gate.begun == []
        database.away = False
        await household.ended_in_time(1)


async def test_an_outcome_waits_for_the_database_to_come_back(
    household: Household, database: MemoryDatabase
) -> None:
    finished: list[str] = []

    async def run(chore: Chore) -> Settle[Chore]:
        database.away = True
        finished.append(chore.id)
        return done

    await household.add("c1")
    async with running(household.pool(run)):
        await until(lambda: finished == ["c1"])
        await household.passes(3, sleepers=3)
        database.away = False
        await household.ended_in_time(1)
    assert finished == ["c1"]
    assert (await household.get("c1")).done == 1


async def test_a_pool_runs_what_is_due_on_request_and_to_its_end(household: Household) -> None:
    gate = Gate()
    gate.opened.set()
    await household.add("c1", "c2", "c3")
    pool = household.pool(gate.run, concurrency=1)
    assert await pool.run_due() == 3
    assert await pool.run_due() == 0
    assert [(await household.get(name)).done for name in ("c1", "c2", "c3")] == [1, 1, 1]
