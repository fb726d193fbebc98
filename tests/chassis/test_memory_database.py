"""The database in memory keeps what every database keeps, and expires on its clock."""

from datetime import timedelta

import pytest

from tests.chassis.counters_suite import CounterSuite
from tests.chassis.database_suite import DocumentSuite, notes
from tests.chassis.marks_suite import InboxSuite, LeaseSuite
from tests.chassis.outbox_suite import OutboxSuite, acknowledged, emitted
from tests.chassis.transaction_suite import TransactionSuite
from tests.support.databases import ACME, CONTEXT, NOON, SOURCE, Note, note, rejected
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.uow import UnitOfWork

__all__ = ["notes"]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def database(clock: ManualClock) -> MemoryDatabase:
    return MemoryDatabase(source=SOURCE, clock=clock)


class TestDocumentsInMemory(DocumentSuite):
    pass


class TestTransactionsInMemory(TransactionSuite):
    pass


class TestOutboxInMemory(OutboxSuite):
    pass


class TestInboxInMemory(InboxSuite):
    pass


class TestLeasesInMemory(LeaseSuite):
    pass


class TestCountersInMemory(CounterSuite):
    pass


async def test_sent_rows_and_marks_expire_and_unsent_rows_do_not(
    database: MemoryDatabase, clock: ManualClock
) -> None:
    await emitted(database, rejected("i1", "sent"))
    await database.outbox.mark_sent(acknowledged(await database.outbox.pending(1)), NOON)
    await emitted(database, rejected("i1", "waiting"))
    await database.transact(CONTEXT, lambda uow: database.inbox.mark("scores", "e1", uow))
    await clock.advance(timedelta(days=31))
    assert await database.outbox.requeue_sent_since(NOON) == 0
    assert (await database.outbox.backlog()).depth == 1
    assert not await database.inbox.seen("scores", "e1")


async def test_playing_away_nothing_answers_and_nothing_is_lost(
    database: MemoryDatabase, notes: Collection[Note]
) -> None:
    async def work(uow: UnitOfWork) -> None:
        await notes.insert(note("n1"), uow)

    await database.transact(CONTEXT, work)
    database.away = True
    with pytest.raises(InfrastructureAway):
        await database.transact(CONTEXT, work)
    with pytest.raises(InfrastructureAway):
        await notes.get(ACME, "n1")
    with pytest.raises(InfrastructureAway):
        await database.ping()
    database.away = False
    assert await notes.get(ACME, "n1") == note("n1")


async def test_a_transaction_inside_a_transaction_is_refused_rather_than_waiting_for_itself(
    database: MemoryDatabase,
) -> None:
    async def inner(_: UnitOfWork) -> None:
        return

    async def outer(_: UnitOfWork) -> None:
        await database.transact(CONTEXT, inner)

    with pytest.raises(RuntimeError, match="inside a transaction"):
        await database.transact(CONTEXT, outer)
