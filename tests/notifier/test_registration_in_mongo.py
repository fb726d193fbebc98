"""Registering at the same moment makes one endpoint, also where transactions really meet."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.notifier.asking import all_endpoints
from tests.notifier.notifying import ACME, HOOK, SCORES, SOURCE, Notifier
from tests.support.embedded_mongo import EmbeddedMongo, embedded_mongo
from tests.support.facts import scored
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.uow import UnitOfWork
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
    stored = await notifier.endpoint(endpoint.id)
    assert notifier.vault.open(stored.secrets[0].sealed_secret) in {secret for _, secret in told}


async def test_one_question_that_is_asked_twice_at_once_has_one_answer(notifier: Notifier) -> None:
    asked = (notifier.register(HOOK, SCORES, question_id="question-1") for _ in range(2))
    (first, secret), (second, again) = await asyncio.gather(*asked)
    assert (first.id, secret) == (second.id, again)


async def test_deliveries_are_counted_by_status(notifier: Notifier) -> None:
    await notifier.register(f"{HOOK}/1", SCORES)
    await notifier.register(f"{HOOK}/2", SCORES)
    await notifier.hear(scored(), "event-1")
    notifier.sender.statuses = [410]
    await notifier.send_due()
    await notifier.hear(scored(), "event-2")
    counts = [(one.delivered, one.failed, one.pending) for one in await notifier.listed()]
    assert sorted(counts) == [(0, 0, 1), (1, 0, 1)]


async def test_thousands_of_endpoints_of_others_are_neither_counted_nor_listed(notifier: Notifier) -> None:
    ours, _ = await notifier.register(HOOK, SCORES)
    stored, tables = await notifier.endpoint(ours.id), notifier.parts.tables

    async def insert(uow: UnitOfWork) -> None:
        for _ in range(200):
            other = {"id": new_id(), "organization_id": "org_other", "url": f"{HOOK}/{new_id()}"}
            await tables.endpoints.insert(stored.model_copy(update=other), uow)

    for _ in range(10):
        await notifier.parts.database.transact(notifier.context("org_other"), insert)
    await notifier.register(f"{HOOK}/2", SCORES)
    assert await all_endpoints(notifier, 1) == [[HOOK], [f"{HOOK}/2"]]
    assert await tables.endpoints.count("org_other", most=100) == 100
    assert await tables.endpoints.count(ACME) == 2
