"""Two gateways over one MongoDB keep one limit."""

from collections.abc import AsyncIterator

import pytest

from tests.support.databases import SOURCE, turns
from tests.support.embedded_mongo import EmbeddedMongo
from vivavoce.chassis.clock import ManualClock, SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.limits.ledger import Ledger
from vivavoce.gateway.limits.rules import Rule, Tier

pytestmark = pytest.mark.connected


@pytest.fixture
async def ledgers(embedded_mongo: EmbeddedMongo) -> AsyncIterator[list[Ledger]]:
    name, clock = f"viva_{new_id()[:8]}", ManualClock(SystemClock().now())
    databases = [MongoDatabase(embedded_mongo.uri, name, source=SOURCE, clock=clock) for _ in range(2)]
    for database in databases:
        await database.prepare()
    yield [Ledger(database.counters, clock) for database in databases]
    await turns()
    for database in databases:
        await database.close()


async def admitted(ledgers: list[Ledger], rule: Rule, count: int) -> int:
    """How many are admitted of so many in turn."""
    return sum([(await ledgers[number % 2].take(rule, "ada", 1)).admitted for number in range(count)])


async def test_a_small_limit_is_exact(ledgers: list[Ledger]) -> None:
    assert await admitted(ledgers, Rule(Tier.AI, 10, 3_600, 0), 14) == 10


async def test_a_large_limit_is_passed_by_less_than_a_batch_of_one_of_them(ledgers: list[Ledger]) -> None:
    assert 100 <= await admitted(ledgers, Rule(Tier.GENERAL, 100, 3_600, 5), 140) <= 105
