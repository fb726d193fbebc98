"""How many commands a durable step costs the database, which is what limits the pipeline."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from tests.chassis.outbox_suite import acknowledged, emitted
from tests.support.databases import ACME, CONTEXT, NOON, SOURCE, UNIQUE_SLUG, Note, note, rejected
from tests.support.embedded_mongo import EmbeddedMongo
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.uow import Share, UnitOfWork
from vivavoce.contracts.ids import new_id

pytestmark = pytest.mark.connected


class Commands(CommandListener):
    """The commands that a client sends, by name, since they were last taken."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Note its name."""
        self._names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Of no interest here."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Of no interest here."""

    def take(self) -> list[str]:
        """The names so far, which are forgotten then."""
        names, self._names = self._names, []
        return names


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
async def database(
    embedded_mongo: EmbeddedMongo, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MongoDatabase]:
    overheard = partial(AsyncMongoClient, event_listeners=[commands])
    monkeypatch.setattr("vivavoce.chassis.mongo.AsyncMongoClient", overheard)
    clock = ManualClock(NOON)
    database = MongoDatabase(embedded_mongo.uri, f"viva_{new_id()[:8]}", source=SOURCE, clock=clock)
    database.collection("notes", Note, UNIQUE_SLUG)
    await database.prepare()
    commands.take()
    yield database
    await database.close()


@pytest.fixture
def notes(database: MongoDatabase) -> Collection[Note]:
    return database.collection("notes", Note)


async def test_a_durable_step_reads_writes_everything_at_once_and_commits(
    database: MongoDatabase, notes: Collection[Note], commands: Commands
) -> None:
    await database.transact(CONTEXT, lambda uow: notes.insert(note("n1"), uow))
    commands.take()

    async def step(uow: UnitOfWork) -> None:
        await database.inbox.mark("scores", "e1", uow)
        found = await notes.get(ACME, "n1", uow)
        assert found is not None
        await notes.save(found.model_copy(update={"count": 1}), uow)
        await notes.insert(note("n2"), uow)
        uow.emit(rejected("i1"))
        uow.emit(rejected("i2"))

    await database.transact(CONTEXT, step)

    of_the_state, of_the_order = "find", "find"
    assert commands.take() == [of_the_state, of_the_order, "bulkWrite", "commitTransaction"]


async def test_a_single_write_is_a_command_of_its_own(
    database: MongoDatabase, notes: Collection[Note], commands: Commands
) -> None:
    await database.transact(CONTEXT, lambda uow: notes.save(note("n1"), uow))
    assert commands.take() == ["update", "commitTransaction"]


async def test_without_a_read_the_first_write_goes_ahead_of_the_others(
    database: MongoDatabase, notes: Collection[Note], commands: Commands
) -> None:
    async def work(uow: UnitOfWork) -> None:
        for number in range(3):
            await notes.insert(note(f"n{number}"), uow)

    await database.transact(CONTEXT, work)
    assert commands.take() == ["insert", "bulkWrite", "commitTransaction"]
    assert await notes.count(ACME) == 3


async def test_a_search_sends_what_is_written_to_its_own_collection_only(
    database: MongoDatabase, notes: Collection[Note], commands: Commands
) -> None:
    async def work(uow: UnitOfWork) -> None:
        await database.inbox.mark("scores", "e1", uow)
        assert await notes.find(ACME, uow=uow) == []
        assert commands.take() == ["find"]
        await notes.insert(note("n1"), uow)
        assert await notes.find(ACME, uow=uow) == [note("n1")]
        assert commands.take() == ["bulkWrite", "find"]

    await database.transact(CONTEXT, work)
    assert commands.take() == ["commitTransaction"]


async def test_a_batch_of_rows_is_read_by_one_command_and_marked_by_one(
    database: MongoDatabase, commands: Commands
) -> None:
    await emitted(database, *(rejected(f"i{number}") for number in range(150)))
    commands.take()

    rows = await database.outbox.pending(500)
    assert (len(rows), commands.take()) == (150, ["find"])

    await database.outbox.mark_sent([*acknowledged(rows[:70], 0), *acknowledged(rows[70:], 1)], NOON)
    assert commands.take() == ["bulkWrite"]
    assert await database.outbox.pending(500) == []
    assert await database.outbox.high_waters() == {
        ("recording.rejected", 0): 69,
        ("recording.rejected", 1): 79,
    }


async def test_shares_of_a_transaction_read_what_they_have_in_common_once(
    database: MongoDatabase, notes: Collection[Note], commands: Commands
) -> None:
    names = ["n1", "n2", "n3", "missing"]
    for name in names[:3]:
        await database.transact(CONTEXT, partial(notes.insert, note(name)))
    commands.take()

    async def ahead(uow: UnitOfWork) -> None:
        await notes.read_ahead(names, uow)

    async def share(uow: UnitOfWork) -> None:
        found = [await notes.get(ACME, name, uow) for name in names]
        assert [None if one is None else one.id for one in found] == [*names[:3], None]
        assert len(await notes.find(ACME, {"count": 0}, uow=uow)) == 3

    await database.transact_together([Share(CONTEXT, ahead), Share(CONTEXT, share), Share(CONTEXT, share)])

    by_id, by_count = "find", "find"
    assert commands.take() == [by_id, by_count, "commitTransaction"]
