"""What the database in MongoDB does when MongoDB conflicts, hangs, breaks off or dies."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from tests.support.databases import ACME, CONTEXT, NOON, SOURCE, UNIQUE_SLUG, Note, note, rejected, until
from tests.support.embedded_mongo import EmbeddedMongo, running_mongo
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import InfrastructureAway, TooLarge, WriteConflict
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.mongo_transactions import RUNS_AT_CONFLICT
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts.ids import new_id

pytestmark = pytest.mark.connected
MAX_TIME_EXPIRED = 50
WRITE_CONFLICT = 112
NOT_PRIMARY = 10107


@pytest.fixture(scope="module")
def mongo() -> Iterator[EmbeddedMongo]:
    """A database of this module's own, for it is killed."""
    with running_mongo() as mongo:
        yield mongo


@pytest.fixture
async def database(mongo: EmbeddedMongo) -> AsyncIterator[MongoDatabase]:
    database = MongoDatabase(mongo.uri, f"viva_{new_id()[:8]}", source=SOURCE, clock=SystemClock())
    database.collection("notes", Note, UNIQUE_SLUG)
    await database.prepare()
    yield database
    await database.close()


@pytest.fixture
def notes(database: MongoDatabase) -> Collection[Note]:
    return database.collection("notes", Note)


class Insert:
    """A unit of work that counts its runs."""

    def __init__(self, notes: Collection[Note], document_id: str = "n1") -> None:
        self.notes = notes
        self.document_id = document_id
        self.runs = 0

    async def __call__(self, uow: UnitOfWork) -> None:
        self.runs += 1
        await self.notes.insert(note(self.document_id), uow)
        uow.emit(rejected(self.document_id))


async def fail_commands(
    database: MongoDatabase, times: int, *commands: str, code: int, labels: tuple[str, ...] = ()
) -> None:
    await database._client.admin.command(
        {
            "configureFailPoint": "failCommand",
            "mode": {"times": times},
            "data": {"failCommands": list(commands), "errorCode": code, "errorLabels": list(labels)},
        }
    )


async def break_connection(database: MongoDatabase, command: str) -> None:
    await database._client.admin.command(
        {
            "configureFailPoint": "failCommand",
            "mode": {"times": 1},
            "data": {"failCommands": [command], "closeConnection": True},
        }
    )


async def test_a_transaction_that_met_another_is_run_again(
    database: MongoDatabase, notes: Collection[Note]
) -> None:
    insert = Insert(notes)
    await fail_commands(
        database, 2, "insert", "bulkWrite", code=WRITE_CONFLICT, labels=("TransientTransactionError",)
    )
    await database.transact(CONTEXT, insert)
    assert insert.runs == 3
    assert len(await database.outbox.pending(10)) == 1


async def test_one_that_always_meets_another_is_given_up_as_a_write_conflict(
    database: MongoDatabase, notes: Collection[Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vivavoce.chassis.mongo_transactions.LONGEST_PAUSE", 0.001)
    await fail_commands(
        database,
        RUNS_AT_CONFLICT,
        "insert",
        "bulkWrite",
        code=WRITE_CONFLICT,
        labels=("TransientTransactionError",),
    )
    with pytest.raises(WriteConflict):
        await database.transact(CONTEXT, Insert(notes))
    assert await notes.get(ACME, "n1") is None


@pytest.mark.parametrize("others", [0, 2], ids=["alone", "among others"])
async def test_a_document_that_is_larger_than_the_database_takes_is_too_large(
    database: MongoDatabase, notes: Collection[Note], others: int
) -> None:
    async def work(uow: UnitOfWork) -> None:
        for number in range(others):
            await notes.insert(note(f"small{number}"), uow)
        await notes.insert(note("large", blob=bytes(17 * 2**20)), uow)

    with pytest.raises(TooLarge):
        await database.transact(CONTEXT, work)
    assert await notes.find(ACME) == []


async def test_a_connection_that_breaks_under_the_writes_of_a_transaction_is_made_again(
    database: MongoDatabase, notes: Collection[Note]
) -> None:
    insert = Insert(notes)
    await break_connection(database, "bulkWrite")
    await database.transact(CONTEXT, insert)
    assert insert.runs == 2
    assert len(await database.outbox.pending(10)) == 1


async def test_a_commit_of_unknown_outcome_is_asked_for_again(
    database: MongoDatabase, notes: Collection[Note]
) -> None:
    insert = Insert(notes)
    await fail_commands(database, 2, "commitTransaction", code=MAX_TIME_EXPIRED)
    await database.transact(CONTEXT, insert)
    assert insert.runs == 1
    assert await notes.get(ACME, "n1") == note("n1")


async def test_a_commit_whose_outcome_stays_unknown_is_not_run_again_by_itself(
    database: MongoDatabase, notes: Collection[Note]
) -> None:
    insert = Insert(notes)
    await fail_commands(database, 3, "commitTransaction", code=MAX_TIME_EXPIRED)
    with pytest.raises(InfrastructureAway, match="unknown"):
        await database.transact(CONTEXT, insert)
    assert insert.runs == 1


async def test_no_primary_is_infrastructure_away(database: MongoDatabase, notes: Collection[Note]) -> None:
    await fail_commands(database, 1, "find", code=NOT_PRIMARY)
    with pytest.raises(InfrastructureAway):
        await notes.get(ACME, "n1")


async def test_what_was_committed_survives_a_kill(
    mongo: EmbeddedMongo, database: MongoDatabase, notes: Collection[Note]
) -> None:
    committed: list[str] = []

    async def keep_writing() -> None:
        while True:
            await database.transact(CONTEXT, Insert(notes, f"n{len(committed)}"))
            committed.append(f"n{len(committed)}")

    writing = asyncio.create_task(keep_writing())
    await until(lambda: len(committed) >= 50)
    mongo.kill()
    with pytest.raises(InfrastructureAway):
        await writing
    with pytest.raises(InfrastructureAway):
        await database.ping()

    await asyncio.to_thread(mongo.start)
    found = {document.id for document in await notes.find(ACME, limit=10_000)}
    rows = await database.outbox.pending(10_000)
    assert set(committed) <= found
    assert {row.aggregate for row in rows} == found


async def test_a_connection_that_broke_while_idle_is_not_felt(
    mongo: EmbeddedMongo, database: MongoDatabase, notes: Collection[Note]
) -> None:
    await database.transact(CONTEXT, Insert(notes, "before"))
    mongo.kill()
    await asyncio.to_thread(mongo.start)
    await database.transact(CONTEXT, Insert(notes, "after"))
    assert {document.id for document in await notes.find(ACME)} == {"before", "after"}


async def test_a_hanging_database_is_infrastructure_away_and_fine_again_afterwards(
    mongo: EmbeddedMongo, database: MongoDatabase, notes: Collection[Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vivavoce.chassis.mongo.SOCKET_MS", 500)
    impatient = MongoDatabase(mongo.uri, "viva_hanging", source=SOURCE, clock=SystemClock())
    others = impatient.collection("notes", Note)
    await impatient.ping()
    mongo.pause()
    try:
        with pytest.raises(InfrastructureAway):
            await others.get(ACME, "n1")
    finally:
        mongo.resume()
    await database.transact(CONTEXT, Insert(notes))
    assert await notes.get(ACME, "n1") == note("n1")
    await impatient.close()


async def test_a_cancelled_transaction_leaves_nothing(
    database: MongoDatabase, notes: Collection[Note]
) -> None:
    begun = asyncio.Event()

    async def work(uow: UnitOfWork) -> None:
        await notes.insert(note("n1"), uow)
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(database.transact(CONTEXT, work))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.transact(CONTEXT, lambda uow: notes.insert(note("n1", text="mine"), uow))
    assert await notes.get(ACME, "n1") == note("n1", text="mine")


async def test_a_changed_retention_changes_the_index(mongo: EmbeddedMongo, database: MongoDatabase) -> None:
    changed = MongoDatabase(
        mongo.uri, database._database.name, source=SOURCE, clock=SystemClock(), sent_kept=timedelta(days=2)
    )
    await changed.prepare()
    indexes = await database._database["outbox"].index_information()
    assert indexes["sent_at_1"]["expireAfterSeconds"] == 2 * 24 * 3600
    await changed.close()


async def test_dates_are_dates_to_whoever_looks_into_the_database(
    database: MongoDatabase, notes: Collection[Note]
) -> None:
    await database.transact(CONTEXT, lambda uow: notes.insert(note("n1", at=NOON), uow))
    assert await database._database["notes"].count_documents({"at": {"$type": "date"}}) == 1


async def test_a_hanging_database_fails_its_ping_soon(mongo: EmbeddedMongo, database: MongoDatabase) -> None:
    await database.ping()
    mongo.pause()
    try:
        with pytest.raises(InfrastructureAway):
            await database.ping()
    finally:
        mongo.resume()
    await database.ping()
