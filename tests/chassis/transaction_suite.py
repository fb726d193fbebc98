"""What every database does with transactions."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.chassis.database_suite import notes, stored
from tests.support.databases import ACME, CONTEXT, GLOBEX, Note, Part, note, rejected
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import AlreadyExists, InvalidInput, VivaError
from vivavoce.chassis.uow import Database, Share, UnitOfWork
from vivavoce.contracts import RecordingRejected
from vivavoce.contracts.ids import derived_id

__all__ = ["TransactionSuite", "notes"]


class TransactionSuite:
    async def test_what_is_to_follow_a_commit_follows_it_and_not_a_failure(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        calls: list[str] = []

        async def work(uow: UnitOfWork) -> None:
            uow.after_commit(lambda: calls.append("called"))
            calls.append("worked")
            await notes.insert(note("n1"), uow)

        await database.transact(CONTEXT, work)
        with pytest.raises(AlreadyExists):
            await database.transact(CONTEXT, work)
        assert calls == ["worked", "called", "worked"]

    async def test_what_is_abandoned_says_so_and_what_is_committed_does_not(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        abandoned: list[str] = []

        def share(name: str) -> Share[None]:
            async def work(uow: UnitOfWork) -> None:
                uow.when_abandoned(lambda: abandoned.append(name))
                await notes.insert(note(name), uow)

            return Share(CONTEXT, work)

        await database.transact_together([share("committed")])
        assert abandoned == []
        with pytest.raises(AlreadyExists):
            await database.transact_together([share("other"), share("committed")])

        assert abandoned == ["other", "committed"]

    async def test_a_failed_unit_of_work_leaves_nothing(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        async def work(uow: UnitOfWork) -> None:
            await notes.insert(note("n1"), uow)
            uow.emit(rejected("interview-1"))
            raise LookupError("changed my mind")

        with pytest.raises(LookupError):
            await database.transact(CONTEXT, work)
        assert await notes.get(ACME, "n1") is None
        assert await database.outbox.pending(10) == []

    async def test_shares_of_a_transaction_see_one_another_and_speak_for_themselves(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        followed: list[str] = []

        def share(of: str) -> Share[str | None]:
            async def work(uow: UnitOfWork) -> str | None:
                found = await notes.get(ACME, "shared", uow)
                await notes.save(note("shared", text=of), uow)
                uow.emit(rejected(of))
                uow.after_commit(lambda: followed.append(of))
                return None if found is None else found.text

            return Share(Context(organization_id=ACME, correlation_id=of, causation_id=f"cause-{of}"), work)

        results = await database.transact_together([share("first"), share("second"), share("third")])

        rows = await database.outbox.pending(10)
        assert results == [None, "first", "second"]
        assert followed == ["first", "second", "third"]
        assert sorted(dict(row.headers)["ce_correlationid"] for row in rows) == [
            b"first",
            b"second",
            b"third",
        ]
        alone = derived_id("cause-second", RecordingRejected.type, "second", "0")
        assert alone in {row.event_id for row in rows}

    async def test_of_shares_of_a_transaction_all_are_committed_or_none(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        async def write(uow: UnitOfWork) -> None:
            await notes.insert(note("written"), uow)
            uow.emit(rejected("interview-1"))

        async def fail(_: UnitOfWork) -> None:
            raise InvalidInput("no")

        with pytest.raises(InvalidInput):
            await database.transact_together([Share(CONTEXT, write), Share(CONTEXT, fail)])

        assert await notes.get(ACME, "written") is None
        assert await database.outbox.pending(10) == []

    async def test_own_writes_are_visible_inside_and_not_outside(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("old"))

        async def work(uow: UnitOfWork) -> tuple[set[str], set[str]]:
            await notes.insert(note("new"), uow)
            await notes.delete(ACME, "old", uow)
            inside = {found.id for found in await notes.find(ACME, uow=uow)}
            assert await notes.get(ACME, "new", uow) == note("new")
            assert await notes.get(ACME, "new") is None
            return inside, {found.id for found in await notes.find(ACME)}

        assert await database.transact(CONTEXT, work) == ({"new"}, {"old"})
        assert [found.id for found in await notes.find(ACME)] == ["new"]

    async def test_the_result_of_the_work_is_returned(self, database: Database) -> None:
        async def work(uow: UnitOfWork) -> str:
            return uow.context.correlation_id

        assert await database.transact(CONTEXT, work) == "corr-1"

    async def test_an_id_is_taken_once(self, database: Database, notes: Collection[Note]) -> None:
        await stored(database, notes, note("n1", text="first"))
        with pytest.raises(AlreadyExists):
            await stored(database, notes, note("n1", text="second", slug="other"))
        assert await notes.get(ACME, "n1") == note("n1", text="first")

    async def test_a_unique_value_is_taken_once_per_organization(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1", slug="s"), note("n2", GLOBEX, slug="s"))
        with pytest.raises(AlreadyExists):
            await stored(database, notes, note("n3", slug="s"))
        with pytest.raises(AlreadyExists):
            await database.transact(CONTEXT, lambda uow: notes.save(note("n4", slug="s"), uow))

    async def test_a_unique_value_is_free_again_when_its_owner_gives_it_up(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1", slug="s"))

        async def swap(uow: UnitOfWork) -> None:
            await notes.save(note("n1", slug="t"), uow)
            await notes.insert(note("n2", slug="s"), uow)

        await database.transact(CONTEXT, swap)
        assert await notes.get(ACME, "n2") == note("n2", slug="s")

    async def test_a_swallowed_failure_still_ends_the_unit_of_work(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1"))
        runs = 0

        async def work(uow: UnitOfWork) -> None:
            nonlocal runs
            runs += 1
            try:
                await notes.insert(note("n1"), uow)
            except VivaError:
                uow.emit(rejected("interview-1"))

        with pytest.raises(AlreadyExists):
            await database.transact(CONTEXT, work)
        assert runs == 1
        assert await database.outbox.pending(10) == []

    async def test_own_writes_are_seen_by_every_kind_of_read(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        local = datetime(2026, 3, 2, 14, 30, 0, 123_987, tzinfo=timezone(timedelta(hours=2)))
        rounded = datetime(2026, 3, 2, 12, 30, 0, 123_000, tzinfo=UTC)
        await stored(database, notes, note("n1", text="old"), note("n2"))

        async def work(uow: UnitOfWork) -> None:
            await notes.save(note("n1", text="new", at=local, parts=(Part(name="a"),)), uow)
            seen = await notes.get(ACME, "n1", uow)
            assert seen == note("n1", text="new", at=rounded, parts=(Part(name="a"),))
            assert await notes.get_of_any_organization("n1", uow) == seen
            assert await notes.get(GLOBEX, "n1", uow) is None
            assert await notes.get(ACME, "n2", uow) == note("n2")
            assert await notes.find(ACME, {"text": "new"}, uow=uow) == [seen]
            await notes.insert(note("n3"), uow)
            assert await notes.count(ACME, uow=uow) == 3
            await notes.save(note("n3", text="again"), uow)
            assert await notes.delete(ACME, "n3", uow)
            assert await notes.get(ACME, "n3", uow) is None

        await database.transact(CONTEXT, work)
        assert {(n.id, n.text) for n in await notes.find(ACME)} == {("n1", "new"), ("n2", "")}

    async def test_the_last_of_several_writes_to_one_document_holds(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        async def work(uow: UnitOfWork) -> None:
            await notes.insert(note("n1"), uow)
            for number in range(3):
                found = await notes.get(ACME, "n1", uow)
                assert found is not None
                assert found.count == number
                await notes.save(found.model_copy(update={"count": number + 1}), uow)

        await database.transact(CONTEXT, work)
        assert await notes.get(ACME, "n1") == note("n1", count=3)

    async def test_a_refused_write_leaves_nothing_of_those_around_it(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n2"))
        with pytest.raises(AlreadyExists):
            await stored(database, notes, note("n1"), note("n2"), note("n3"))
        assert await notes.find(ACME) == [note("n2")]

    async def test_a_write_that_is_refused_comes_before_what_the_work_fails_with_afterwards(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1"))

        async def work(uow: UnitOfWork) -> None:
            await notes.insert(note("n1"), uow)
            raise LookupError("something that follows from it")

        with pytest.raises(AlreadyExists):
            await database.transact(CONTEXT, work)

    async def test_of_twenty_concurrent_changes_to_one_document_none_is_lost(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("counter"))

        async def increment(uow: UnitOfWork) -> None:
            found = await notes.get(ACME, "counter", uow)
            assert found is not None
            await asyncio.sleep(0)
            await notes.save(found.model_copy(update={"count": found.count + 1}), uow)

        await asyncio.gather(*(database.transact(CONTEXT, increment) for _ in range(20)))
        assert await notes.get(ACME, "counter") == note("counter", count=20)

    async def test_of_concurrent_inserts_of_one_id_one_wins(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        inserts = (stored(database, notes, note("n1", text=str(n))) for n in range(10))
        outcomes = await asyncio.gather(*inserts, return_exceptions=True)
        assert sum(outcome is None for outcome in outcomes) == 1
        assert sum(isinstance(outcome, AlreadyExists) for outcome in outcomes) == 9

    async def test_preparing_twice_is_harmless(self, database: Database, notes: Collection[Note]) -> None:
        await stored(database, notes, note("n1"))
        await database.prepare()
        await database.ping()
        assert await notes.get(ACME, "n1") == note("n1")

    async def test_what_has_been_read_ahead_is_read_as_it_is_and_only_by_its_owner(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("mine", text="old"), note("theirs", GLOBEX))

        async def work(uow: UnitOfWork) -> list[str | None]:
            await notes.read_ahead(["mine", "theirs", "missing", "deleted"], uow)
            found = [await notes.get(ACME, name, uow) for name in ("mine", "theirs", "missing")]
            await notes.save(note("mine", text="new"), uow)
            await notes.insert(note("missing", text="made"), uow)
            found += [await notes.get(ACME, name, uow) for name in ("mine", "missing")]
            await notes.delete(ACME, "mine", uow)
            found.append(await notes.get(ACME, "mine", uow))
            return [None if each is None else each.text for each in found]

        read = await database.transact(CONTEXT, work)
        assert read == ["old", None, None, "new", "made", None]

    async def test_a_search_that_is_made_again_sees_what_was_written_in_between(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1", count=1), note("n2", count=1))

        async def work(uow: UnitOfWork) -> list[list[str]]:
            found = []
            for change in (None, note("n3", count=1), note("n1", count=2)):
                if change is not None:
                    await notes.save(change, uow)
                for _ in range(2):
                    result = await notes.find(ACME, {"count": 1}, sort=(("id", 1),), uow=uow)
                    found.append([each.id for each in result])
            await notes.delete(ACME, "n2", uow)
            found.append([each.id for each in await notes.find(ACME, {"count": 1}, uow=uow)])
            return found

        first, second, third = ["n1", "n2"], ["n1", "n2", "n3"], ["n2", "n3"]
        assert await database.transact(CONTEXT, work) == [first, first, second, second, third, third, ["n3"]]

    async def test_saving_over_another_organizations_id_is_refused_also_when_it_has_been_read(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1", GLOBEX, text="theirs"))

        async def work(uow: UnitOfWork) -> None:
            assert await notes.get(ACME, "n1", uow) is None
            await notes.save(note("n1", ACME, text="mine"), uow)

        with pytest.raises(AlreadyExists):
            await database.transact(CONTEXT, work)
        kept = await notes.get(GLOBEX, "n1")
        assert kept is not None
        assert kept.text == "theirs"
