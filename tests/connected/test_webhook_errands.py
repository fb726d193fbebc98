"""What concerns many deliveries, over a real database: further endpoints, replays, deletions, leftovers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.notifier.notifying import ACME, HOOK, SCORES, SOURCE, Notifier
from tests.notifier.test_retention import OldDelivery, OldEndpoint
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.facts import followed, progressed, scored
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts import DeliveryStatus, WebhookOptions
from vivavoce.contracts.ids import new_id
from vivavoce.notifier import errand_runner, handlers
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.errands import cancel_of, replay_of

pytestmark = pytest.mark.connected
PAGE = 4
MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def notifier(embedded_mongo: EmbeddedMongo, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Notifier]:
    monkeypatch.setattr(errand_runner, "PAGE", PAGE)
    monkeypatch.setattr(handlers, "PAGE", PAGE)
    # Not to the whole second, for the database keeps milliseconds and bounds must be met exactly.
    clock = ManualClock(datetime.now(UTC).replace(microsecond=7000))
    database = MongoDatabase(embedded_mongo.uri, f"viva_{new_id()[:8]}", source=SOURCE, clock=clock)
    made = Notifier(database=database, clock=clock, webhook_endpoints_per_organization=100)
    await database.prepare()
    yield made
    await database.close()


async def heard(notifier: Notifier, count: int) -> list[str]:
    """That many facts, a millisecond apart; their ids."""
    event_ids = [f"event-{number:02}" for number in range(count)]
    for event_id in event_ids:
        await notifier.hear(scored(), event_id)
        await notifier.clock.advance(MILLISECOND)
    return event_ids


async def without_retries(notifier: Notifier, endpoint_id: str) -> Endpoint:
    """The endpoint, stored so that what fails is given up at once."""
    found = await notifier.endpoint(endpoint_id)
    hasty = found.model_copy(update={"options": WebhookOptions(retry_delays=())})
    await notifier.store(notifier.parts.tables.endpoints, hasty)
    return hasty


async def test_a_fact_reaches_endpoints_page_by_page(notifier: Notifier) -> None:
    urls = {(await notifier.register(f"{HOOK}/{number}", SCORES))[0].url for number in range(11)}
    await heard(notifier, 1)
    assert await notifier.parts.tables.deliveries.count(ACME) <= PAGE
    await notifier.send_due()
    assert len(notifier.sender.sent) == 11
    assert {sent.url for sent in notifier.sender.sent} == urls


async def test_a_replay_takes_exactly_its_time_and_what_is_missing(notifier: Notifier) -> None:
    begun = notifier.clock.now()
    event_ids = await heard(notifier, 10)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.answer = lambda sent: 500 if sent.headers["webhook-id"] == "event-05" else None
    stored, now = await without_retries(notifier, endpoint.id), notifier.clock.now()
    since, until = begun + MILLISECOND * 2, begun + MILLISECOND * 8
    await notifier.put(replay_of(stored, since, until, now, missing_only=False))
    await notifier.send_due()
    assert sorted(notifier.sender.ids) == event_ids[2:8]
    notifier.sender.answer = None
    await notifier.put(replay_of(stored, begun, now, now, missing_only=True))
    await notifier.send_due()
    assert sorted(notifier.sender.ids[6:]) == [*event_ids[:2], "event-05", *event_ids[8:]]


async def test_a_deletion_gives_up_what_is_pending_page_by_page(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 500
    endpoint, _ = await notifier.register(HOOK, SCORES, ordered=True)
    await heard(notifier, 10)
    stored = await notifier.endpoint(endpoint.id)
    await notifier.forget(notifier.parts.tables.endpoints, endpoint.id)
    await notifier.put(cancel_of(stored, notifier.clock.now()))
    await notifier.send_due()
    cancelled = {"status": DeliveryStatus.CANCELLED.value}
    assert await notifier.parts.tables.deliveries.count(ACME, cancelled) == 10


async def test_the_steps_of_a_job_arrive_in_order(notifier: Notifier) -> None:
    for number in range(3):
        await notifier.hear(progressed().model_copy(update={"sequence": number}), f"event-{number}")
    await notifier.hear(followed(), "event-followed")
    await notifier.go_on(SECOND, seconds=2)
    assert notifier.sender.ids == ["event-0", "event-1", "event-2"]


async def test_a_start_over_the_database_of_a_version_before_clears_it(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(f"{HOOK}/new", SCORES)
    database = notifier.parts.database
    old = OldEndpoint(id="old", organization_id=ACME)
    await notifier.store(database.collection("endpoints", OldEndpoint), old)
    for number in range(5):
        delivery = OldDelivery(
            id=f"d{number}", organization_id=ACME, endpoint_id="old", event_id=f"e{number}"
        )
        await notifier.store(database.collection("deliveries", OldDelivery), delivery)
    await notifier.parts.leftovers.clear()
    await heard(notifier, 1)
    await notifier.send_due()
    assert notifier.sender.ids == ["event-00"]
    assert [one.id for one in await notifier.listed()] == [endpoint.id]
