"""What a pool does over every database: limits, leases, takeover, retries, stopping."""

from datetime import timedelta

import pytest

from tests.support.databases import ACME, CONTEXT, NOON, rejected, until
from tests.support.household import LEASE, Chore, Gate, Household, chores, done, household, running
from vivavoce.chassis.errors import AlreadyExists, InfrastructureAway
from vivavoce.chassis.jobs import Settle
from vivavoce.chassis.uow import UnitOfWork

__all__ = ["Chore", "Gate", "Household", "PoolSuite", "chores", "done", "household", "running"]


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

    async def test_a_job_that_is_claimed_begins_with_the_commit_that_stores_it(
        self, household: Household
    ) -> None:
        gate = Gate()
        async with running(household.pool(gate.run)) as pool:
            await until(lambda: household.clock.sleepers > 0)
            await household.add("c1", claimed_by=pool)
            await until(lambda: gate.begun == ["c1"])
            taken = await household.get("c1")
            gate.opened.set()
            await household.ended(1)
        assert (taken.attempts, taken.lease_until) == (1, NOON + LEASE)
        assert gate.begun == ["c1"]

    async def test_claims_keep_to_the_bounds_and_the_others_wait_like_any_job(
        self, household: Household
    ) -> None:
        gate = Gate()
        async with running(household.pool(gate.run, concurrency=3, per_partition=2)) as pool:
            await until(lambda: household.clock.sleepers > 0)
            await household.add("c1", "c2", "c3", "c4", claimed_by=pool)
            await household.add("k1", "k2", claimed_by=pool, room="cellar")
            await until(lambda: gate.inside["total"] == 3)
            gate.opened.set()
            await household.ended(6)
        assert (gate.most["kitchen"], gate.most["total"]) == (2, 3)
        assert sorted(gate.begun) == ["c1", "c2", "c3", "c4", "k1", "k2"]

    async def test_a_claim_whose_commit_fails_is_neither_begun_nor_keeps_a_place(
        self, household: Household
    ) -> None:
        gate = Gate()
        async with running(household.pool(gate.run, concurrency=1)) as pool:
            await until(lambda: household.clock.sleepers > 0)
            await household.add("c1")
            with pytest.raises(AlreadyExists):
                await household.add("c2", "c1", claimed_by=pool)
            await household.add("c3", claimed_by=pool)
            gate.opened.set()
            await household.ended(2)
        assert sorted(gate.begun) == ["c1", "c3"]

    async def test_a_claim_of_a_pool_that_does_not_run_is_left_to_one_that_does(
        self, household: Household
    ) -> None:
        gate = Gate()
        gate.opened.set()
        await household.add("c1", claimed_by=household.pool(Gate().run, owner="asleep"))
        async with running(household.pool(gate.run)):
            await household.ended(1)
        assert gate.begun == ["c1"]
