"""Registering at the same moment makes one endpoint, also where transactions really meet."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.notifier.notifying import ACME, HOOK, SCORES, SOURCE, Notifier
from tests.support.embedded_mongo import EmbeddedMongo, embedded_mongo
from tests.support.facts import scored
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts.ids import new_id

__all__ = ["embedded_mongo"]
pytestmark = pytest.mark.connected


@pytest.fixture
async def notifier(embedded_mongo: EmbeddedMongo) -> AsyncIterator[Notifier]:
    name = f"viva_{new_id()[:8]}"
    database = MongoDatabase(embedded_mongo.uri, name, source=SOURCE, clock=SystemClock())
    notifier = Notifier(database=database)
    await database.prepare()
    yield notifier
    await database.close()


async def test_one_url_that_is_registered_many_times_at_once_is_one_endpoint(notifier: Notifier) -> None:
    secrets = [f"secret {number}" for number in range(5)]
    told = await asyncio.gather(*(notifier.register(HOOK, SCORES, secret=secret) for secret in secrets))
    (endpoint,) = await notifier.listed()
    assert {registered.id for registered, _ in told} == {endpoint.id}
    stored = await notifier.parts.tables.endpoints.get(ACME, endpoint.id)
    assert stored is not None
    assert notifier.vault.open(stored.secrets[0].sealed_secret) in {secret for _, secret in told}


async def test_deliveries_are_counted_by_status(notifier: Notifier) -> None:
    await notifier.register(f"{HOOK}/1", SCORES)
    await notifier.register(f"{HOOK}/2", SCORES)
    notifier.sender.statuses = [410]
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    await notifier.hear(scored(), "event-2")
    counts = [(one.delivered, one.failed, one.pending) for one in await notifier.listed()]
    assert sorted(counts) == [(0, 0, 1), (1, 0, 1)]
