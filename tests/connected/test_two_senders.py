"""Two notifiers over one database share the work: everything is sent, nothing twice, and turns are kept."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.notifier.notifying import ACME, HOOK, SCORES, SOURCE, Notifier
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.facts import scored
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts import DeliveryStatus
from vivavoce.contracts.ids import new_id

pytestmark = pytest.mark.connected
FACTS = 40


class WallClock(SystemClock):
    """The machine's clock, which a story may wait for."""

    async def advance(self, by: timedelta) -> None:
        await asyncio.sleep(by.total_seconds())


@pytest.fixture
async def pair(embedded_mongo: EmbeddedMongo) -> AsyncIterator[tuple[Notifier, Notifier]]:
    name, clock = f"viva_{new_id()[:8]}", WallClock()
    databases = [MongoDatabase(embedded_mongo.uri, name, source=SOURCE, clock=clock) for _ in range(2)]
    one = Notifier(database=databases[0], clock=clock, webhook_order_settle=0.0)
    other = Notifier(
        database=databases[1],
        clock=clock,
        webhook_order_settle=0.0,
        notifier_private_key=one.private_key,
    )
    for database in databases:
        await database.prepare()
    yield one, other
    for database in databases:
        await database.close()


@pytest.mark.parametrize("ordered", [False, True])
async def test_each_delivery_is_made_by_one_of_them(pair: tuple[Notifier, Notifier], ordered: bool) -> None:
    one, _ = pair
    await one.register(HOOK, SCORES, ordered=ordered)
    sent: list[str] = []
    for notifier in pair:
        notifier.sender.answer = lambda request: sent.append(request.headers["webhook-id"])
    pools = [asyncio.create_task(notifier.parts.pool.run_forever()) for notifier in pair]
    try:
        for number in range(FACTS):
            fact = scored().model_copy(update={"interview_id": f"key{number % 4}"})
            await asyncio.gather(*(notifier.hear(fact, f"event-{number:02}") for notifier in pair))
        await delivered(one)
    finally:
        for pool in pools:
            pool.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*pools)
    assert sorted(sent) == [f"event-{number:02}" for number in range(FACTS)]
    if ordered:
        by_key: dict[int, list[str]] = defaultdict(list)
        for event_id in sent:
            by_key[int(event_id[-2:]) % 4].append(event_id)
        assert all(ids == sorted(ids) for ids in by_key.values())


async def delivered(notifier: Notifier) -> None:
    """Return when everything has been delivered; raises TimeoutError when that takes unreasonably long."""
    async with asyncio.timeout(120):
        while True:
            done = {"status": DeliveryStatus.DELIVERED.value}
            if await notifier.parts.tables.deliveries.count(ACME, done) == FACTS:
                return
            await asyncio.sleep(0.1)
