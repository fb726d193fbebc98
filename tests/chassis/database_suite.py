"""What every database does with documents."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.support.databases import (
    ACME,
    CONTEXT,
    GLOBEX,
    NOON,
    UNIQUE_SLUG,
    Mood,
    Note,
    Part,
    note,
)
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import AlreadyExists
from vivavoce.chassis.uow import Database, UnitOfWork


@pytest.fixture
async def notes(database: Database) -> Collection[Note]:
    collection = database.collection("notes", Note, UNIQUE_SLUG)
    await database.prepare()
    return collection


async def stored(database: Database, notes: Collection[Note], *documents: Note) -> None:
    async def work(uow: UnitOfWork) -> None:
        for document in documents:
            await notes.insert(document, uow)

    await database.transact(CONTEXT, work)


class DocumentSuite:
    async def test_a_document_comes_back_as_it_was_stored(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        original = note(
            "n1",
            text="grüezi",
            count=2**40,
            share=0.1,
            mood=Mood.BAD,
            parts=(Part(name="a", size=1), Part(name="b")),
            moods=(Mood.GOOD, Mood.BAD),
            numbers={"away.share": 0.5, "$odd": 1.0},
            at=NOON,
            blob=b"\x00\xff",
        )
        await stored(database, notes, original)
        assert await notes.get(ACME, "n1") == original

    async def test_a_datetime_of_another_zone_comes_back_in_utc_to_the_millisecond(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        local = datetime(2026, 3, 2, 14, 30, 0, 123_987, tzinfo=timezone(timedelta(hours=2)))
        await stored(database, notes, note("n1", at=local))
        found = await notes.get(ACME, "n1")
        assert found is not None
        assert found.at == datetime(2026, 3, 2, 12, 30, 0, 123_000, tzinfo=UTC)
        assert found.at.utcoffset() == timedelta(0)

    async def test_a_datetime_without_a_zone_is_refused(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        with pytest.raises(ValueError, match="time zone"):
            await stored(database, notes, note("n1", at="2026-03-02T12:00:00"))

    async def test_another_organization_does_not_get_it(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1"))
        assert await notes.get(GLOBEX, "n1") is None
        assert await notes.find(GLOBEX) == []
        assert await notes.get_of_any_organization("n1") == note("n1")

    async def test_many_are_got_by_their_ids_as_far_as_they_are_the_organizations(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1"), note("n2"), note("g1", GLOBEX))
        found = await notes.get_many(ACME, ["n2", "g1", "absent", "n1"])
        assert sorted(each.id for each in found) == ["n1", "n2"]
        assert await notes.get_many(ACME, []) == []

    async def test_a_condition_can_not_name_another_organization(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1"))
        assert await notes.find(GLOBEX, {"organization_id": ACME}) == []

    async def test_saving_over_another_organizations_id_is_refused(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1"))
        with pytest.raises(AlreadyExists):
            await database.transact(
                CONTEXT, lambda uow: notes.save(note("n1", GLOBEX, text="stolen", slug="s"), uow)
            )
        assert await notes.get_of_any_organization("n1") == note("n1")

    async def test_saving_replaces_or_creates(self, database: Database, notes: Collection[Note]) -> None:
        await stored(database, notes, note("n1", text="old"))
        await database.transact(CONTEXT, lambda uow: notes.save(note("n1", text="new"), uow))
        await database.transact(CONTEXT, lambda uow: notes.save(note("n2", text="other"), uow))
        assert {(n.id, n.text) for n in await notes.find(ACME)} == {("n1", "new"), ("n2", "other")}

    async def test_deleting_says_whether_there_was_one(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("n1"))
        assert not await database.transact(CONTEXT, lambda uow: notes.delete(GLOBEX, "n1", uow))
        assert await database.transact(CONTEXT, lambda uow: notes.delete(ACME, "n1", uow))
        assert not await database.transact(CONTEXT, lambda uow: notes.delete(ACME, "n1", uow))
        assert await notes.get(ACME, "n1") is None

    @pytest.mark.parametrize(
        ("where", "ids"),
        [
            ({"count": 2}, {"b"}),
            ({"count": {"$lt": 2}}, {"a"}),
            ({"count": {"$lte": 2}}, {"a", "b"}),
            ({"count": {"$gt": 1, "$lt": 3}}, {"b"}),
            ({"count": {"$gte": 2}}, {"b", "c"}),
            ({"count": {"$ne": 2}}, {"a", "c"}),
            ({"id": {"$in": ["a", "c", "z"]}}, {"a", "c"}),
            ({"id": {"$nin": ["a", "c", "z"]}}, {"b"}),
            ({"mood": Mood.BAD}, {"c"}),
            ({"mood": {"$in": [Mood.BAD]}}, {"c"}),
            ({"mood": {"$nin": [Mood.BAD]}}, {"a", "b"}),
            ({"absent.path": {"$nin": ["x"]}}, {"a", "b", "c"}),
            ({"moods": Mood.BAD}, {"b"}),
            ({"moods": (Mood.GOOD, Mood.BAD)}, {"b"}),
            ({"parts.name": "x"}, {"a", "b"}),
            ({"parts.0.name": "x"}, {"a"}),
            ({"parts.size": {"$gte": 5}}, {"b"}),
            ({"parts.name": {"$ne": "x"}}, {"c"}),
            ({"parts.name": None}, set()),
            ({"parts": ()}, {"c"}),
            ({"at": None}, {"c"}),
            ({"at": {"$ne": None}}, {"a", "b"}),
            ({"at": {"$lte": NOON}}, {"a"}),
            ({"absent.path": None}, {"a", "b", "c"}),
            ({"absent.path": {"$lt": 5}}, set()),
            ({"count": {"$lt": "text"}}, set()),
            ({"count": 1.0, "text": "first"}, {"a"}),
        ],
    )
    async def test_conditions_select(
        self, database: Database, notes: Collection[Note], where: dict[str, object], ids: set[str]
    ) -> None:
        xs = (Part(name="x", size=1), Part(name="y"))
        ys = (Part(name="y", size=7), Part(name="x"))
        await stored(
            database,
            notes,
            note("a", count=1, text="first", parts=xs, at=NOON),
            note("b", count=2, parts=ys, moods=(Mood.GOOD, Mood.BAD), at=NOON + timedelta(seconds=1)),
            note("c", count=3, mood=Mood.BAD),
        )
        assert {found.id for found in await notes.find(ACME, where)} == ids

    async def test_an_operator_that_is_not_in_the_language_is_refused(self, notes: Collection[Note]) -> None:
        with pytest.raises(ValueError, match="regex"):
            await notes.find(ACME, {"text": {"$regex": "a"}})

    async def test_results_are_sorted_and_limited(self, database: Database, notes: Collection[Note]) -> None:
        documents = (
            note("a", count=1, at=NOON),
            note("b", count=2),
            note("c", count=2, at=NOON - timedelta(1)),
        )
        await stored(database, notes, *documents)
        by_count = await notes.find(ACME, sort=(("count", -1), ("id", 1)), limit=2)
        by_time = await notes.find(ACME, sort=(("at", 1),))
        assert [found.id for found in by_count] == ["b", "c"]
        assert [found.id for found in by_time] == ["b", "c", "a"]

    async def test_sweepers_find_documents_of_all_organizations(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("a", count=1), note("b", GLOBEX, count=1), note("c", count=2))
        found = await notes.find_in_all_organizations({"count": 1}, sort=(("id", 1),))
        assert [document.id for document in found] == ["a", "b"]

    async def test_counting_counts_the_organizations_own_matches(
        self, database: Database, notes: Collection[Note]
    ) -> None:
        await stored(database, notes, note("a", count=1), note("b", GLOBEX, count=1), note("c", count=2))
        assert (await notes.count(ACME), await notes.count(ACME, {"count": {"$gt": 1}})) == (2, 1)
