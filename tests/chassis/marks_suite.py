"""What every inbox and every lease keeps."""

import asyncio
from datetime import timedelta

import pytest

from tests.support.databases import ACME, CONTEXT, NOON, UNIQUE_SLUG, Note, note, rejected
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.inbox import AlreadyHandled
from vivavoce.chassis.uow import Database, UnitOfWork


class InboxSuite:
    async def test_a_mark_is_seen_by_its_own_consumer(self, database: Database) -> None:
        await database.transact(CONTEXT, lambda uow: database.inbox.mark("scores", "e1", uow))
        assert await database.inbox.seen("scores", "e1")
        assert not await database.inbox.seen("scores", "e2")
        assert not await database.inbox.seen("progress", "e1")

    async def test_a_mark_is_gone_with_its_rolled_back_unit_of_work(self, database: Database) -> None:
        async def work(uow: UnitOfWork) -> None:
            await database.inbox.mark("scores", "e1", uow)
            raise LookupError

        with pytest.raises(LookupError):
            await database.transact(CONTEXT, work)
        assert not await database.inbox.seen("scores", "e1")

    async def test_marking_twice_is_refused(self, database: Database) -> None:
        await database.transact(CONTEXT, lambda uow: database.inbox.mark("scores", "e1", uow))
        with pytest.raises(AlreadyHandled):
            await database.transact(CONTEXT, lambda uow: database.inbox.mark("scores", "e1", uow))

    async def test_a_repeat_is_one_whatever_its_unit_of_work_comes_to(self, database: Database) -> None:
        async def work(uow: UnitOfWork) -> None:
            await database.inbox.mark("scores", "e1", uow)
            uow.emit(rejected("interview-1"))
            if await database.inbox.seen("scores", "e1"):
                raise LookupError("the interview has ended")

        await database.transact(CONTEXT, work)
        with pytest.raises(AlreadyHandled):
            await database.transact(CONTEXT, work)
        assert len(await database.outbox.pending(10)) == 1

    async def test_two_hundred_racing_deliveries_of_fifty_events_have_fifty_effects(
        self, database: Database
    ) -> None:
        notes = database.collection("notes", Note, UNIQUE_SLUG)
        await database.prepare()
        room = asyncio.Semaphore(20)

        async def deliver(event: str) -> bool:
            async def work(uow: UnitOfWork) -> None:
                await database.inbox.mark("scores", event, uow)
                found = await notes.get(ACME, event, uow) or note(event)
                await notes.save(found.model_copy(update={"count": found.count + 1}), uow)

            async with room:
                try:
                    await database.transact(CONTEXT, work)
                except AlreadyHandled:
                    return False
                return True

        handled = await asyncio.gather(*(deliver(f"e{n % 50}") for n in range(200)))
        effects = await notes.find(ACME, limit=500)
        assert sum(handled) == 50
        assert {effect.count for effect in effects} == {1}
        assert len(effects) == 50


class LeaseSuite:
    async def test_one_owner_at_a_time_has_a_lease(self, database: Database) -> None:
        until = NOON + timedelta(seconds=30)
        outcomes = await asyncio.gather(
            *(database.leases.acquire("relay", f"owner-{n}", until) for n in range(8))
        )
        assert sum(outcomes) == 1

    async def test_its_owner_prolongs_it(self, database: Database, clock: ManualClock) -> None:
        assert await database.leases.acquire("relay", "a", NOON + timedelta(seconds=30))
        await clock.advance(timedelta(seconds=20))
        assert await database.leases.acquire("relay", "a", NOON + timedelta(seconds=60))
        await clock.advance(timedelta(seconds=20))
        assert not await database.leases.acquire("relay", "b", NOON + timedelta(seconds=90))

    async def test_another_takes_it_over_when_it_has_ended(
        self, database: Database, clock: ManualClock
    ) -> None:
        assert await database.leases.acquire("relay", "a", NOON + timedelta(seconds=30))
        assert not await database.leases.acquire("relay", "b", NOON + timedelta(seconds=60))
        await clock.advance(timedelta(seconds=30))
        assert await database.leases.acquire("relay", "b", NOON + timedelta(seconds=60))
        assert not await database.leases.acquire("relay", "a", NOON + timedelta(seconds=60))

    async def test_a_lease_that_is_given_back_is_free(self, database: Database) -> None:
        until = NOON + timedelta(seconds=30)
        assert await database.leases.acquire("relay", "a", until)
        await database.leases.release("relay", "b")
        assert not await database.leases.acquire("relay", "b", until)
        await database.leases.release("relay", "a")
        assert await database.leases.acquire("relay", "b", until)

    async def test_leases_of_different_names_are_independent(self, database: Database) -> None:
        until = NOON + timedelta(seconds=30)
        assert await database.leases.acquire("slot/0", "a", until)
        assert await database.leases.acquire("slot/1", "b", until)
