"""The database in MongoDB keeps what every database keeps."""

from collections.abc import AsyncIterator

import pytest

from tests.chassis.counters_suite import CounterSuite
from tests.chassis.database_suite import DocumentSuite, notes
from tests.chassis.marks_suite import InboxSuite, LeaseSuite
from tests.chassis.outbox_suite import OutboxSuite
from tests.chassis.pool_suite import PoolSuite, chores, household
from tests.chassis.transaction_suite import TransactionSuite
from tests.support.databases import NOON, SOURCE, CountedClock
from tests.support.embedded_mongo import EmbeddedMongo
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts.ids import new_id

__all__ = ["chores", "household", "notes"]
pytestmark = pytest.mark.connected


@pytest.fixture
def clock() -> CountedClock:
    return CountedClock(NOON)


@pytest.fixture
async def database(embedded_mongo: EmbeddedMongo, clock: CountedClock) -> AsyncIterator[MongoDatabase]:
    database = MongoDatabase(embedded_mongo.uri, f"viva_{new_id()[:8]}", source=SOURCE, clock=clock)
    await database.prepare()
    yield database
    await database.close()


class TestDocumentsInMongo(DocumentSuite):
    pass


class TestTransactionsInMongo(TransactionSuite):
    pass


class TestOutboxInMongo(OutboxSuite):
    pass


class TestInboxInMongo(InboxSuite):
    pass


class TestLeasesInMongo(LeaseSuite):
    pass


class TestCountersInMongo(CounterSuite):
    pass


class TestPoolInMongo(PoolSuite):
    pass
