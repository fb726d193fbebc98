"""What isn't accepted is tried again under its id, and nobody is charged for another's faults."""

import asyncio
import json
from datetime import timedelta

import pytest

from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.databases import until
from tests.support.facts import NOON, scored
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.sealing import Vault
from vivavoce.contracts import DeliveryStatus, Trigger, WebhookExhausted
from vivavoce.notifier.settings import NotifierSettings

HOUR = timedelta(hours=1)
OF_THE_STANDARD = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(HOUR * hours for hours in (2, 5, 10, 14, 20, 24)),
)


@pytest.fixture
def notifier() -> Notifier:
    return Notifier()


async def test_every_try_carries_the_same_id_and_body_and_the_time_of_the_try(notifier: Notifier) -> None:
    notifier.sender.statuses = [500, 503]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    await notifier.go_on(minutes=6)
    assert notifier.sender.ids == ["event-1"] * 3
    assert len({sent.body for sent in notifier.sender.sent}) == 1
    times = [int(sent.headers["webhook-timestamp"]) for sent in notifier.sender.sent]
    assert times == sorted(set(times))


async def test_by_default_a_delivery_is_tried_for_three_days_at_the_standards_times_each_spread() -> None:
    chosen = NotifierSettings()
    delays, jitter = chosen.webhook_retry_delays, chosen.webhook_retry_jitter
    notifier = Notifier(
        webhook_retry_delays=delays, webhook_retry_jitter=jitter, webhook_breaker_failures=1000
    )
    notifier.sender.answer = lambda _: 500
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    shares: list[float] = []
    for planned in OF_THE_STANDARD:
        await notifier.send_due()
        due_at = (await notifier.delivery("event-1")).due_at
        assert due_at is not None
        shares.append((due_at - notifier.clock.now()) / planned)
        await notifier.clock.advance(due_at - notifier.clock.now())
    assert await notifier.send_due() == 1
    assert (await notifier.delivery("event-1")).status == DeliveryStatus.FAILED
    assert all(0.79 < share < 1.21 for share in shares)
    assert len(set(shares)) > 1


async def test_an_endpoint_may_have_its_own_schedule(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 500
    await notifier.register(HOOK, SCORES, retry_delays=(60,))
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    await notifier.wait(seconds=59)
    assert await notifier.send_due() == 0
    await notifier.wait(seconds=1)
    assert await notifier.send_due() == 1
    assert (await notifier.delivery("event-1")).status == DeliveryStatus.FAILED


async def test_the_receivers_retry_after_puts_the_next_try_off(notifier: Notifier) -> None:
    notifier.sender.statuses, notifier.sender.retry_after = [500], 3600.0
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    assert (await notifier.delivery("event-1")).due_at == NOON + timedelta(hours=1)


async def test_a_delivery_that_is_given_up_is_told_of_and_stays_in_the_log(notifier: Notifier) -> None:
    notifier.sender.statuses = [500, 500, 302]
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    await notifier.go_on(minutes=6)
    (told,) = await notifier.told(WebhookExhausted)
    assert (told.endpoint_id, told.event_id, told.attempts) == (endpoint.id, "event-1", 3)
    assert told.detail == "the endpoint answered 302"
    attempts = await notifier.parts.tables.attempts.find("org_acme", sort=(("place", 1),))
    assert [(one.status, one.accepted, one.trigger) for one in attempts] == [
        (status, False, Trigger.SCHEDULE) for status in (500, 500, 302)
    ]


async def test_giving_up_news_of_webhooks_makes_no_further_news(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 500
    endpoint, _ = await notifier.register(HOOK, ("webhook.exhausted",))
    await notifier.change(endpoint.id, retry_delays=())
    other = WebhookExhausted.model_validate(EXHAUSTED)
    await notifier.hear(other, "event-1")
    await notifier.send_due()
    assert (await notifier.delivery("event-1")).status == DeliveryStatus.FAILED
    assert await notifier.told(WebhookExhausted) == []


async def test_an_endpoint_is_not_told_of_itself(notifier: Notifier) -> None:
    one, _ = await notifier.register(f"{HOOK}/1", ("webhook.exhausted",))
    other, _ = await notifier.register(f"{HOOK}/2", ("webhook.exhausted",))
    await notifier.hear(WebhookExhausted.model_validate({**EXHAUSTED, "endpoint_id": one.id}), "event-1")
    await notifier.send_due()
    assert [sent.url for sent in notifier.sender.sent] == [other.url]


async def test_a_fault_of_ours_before_sending_is_charged_to_nobody(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    secrets = (await notifier.endpoint(endpoint.id)).secrets
    foreign = Vault().seal("whsec_c2VjcmV0")
    await notifier.change(endpoint.id, secrets=(secrets[0].model_copy(update={"sealed_secret": foreign}),))
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    delivery = await notifier.delivery("event-1")
    assert (delivery.status, delivery.tries, delivery.sent) == (DeliveryStatus.PENDING, 0, 0)
    assert await notifier.parts.tables.standings.get("org_acme", endpoint.id) is None
    await notifier.change(endpoint.id, secrets=secrets)
    await notifier.go_on(seconds=10)
    assert notifier.sender.ids == ["event-1"]


async def test_a_fault_of_ours_after_sending_is_made_good_without_sending_again(notifier: Notifier) -> None:
    database = notifier.parts.database
    assert isinstance(database, MemoryDatabase)
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")

    async def go_away() -> None:
        database.away = True

    notifier.sender.meanwhile = go_away
    sending = asyncio.create_task(notifier.send_due())
    await until(lambda: database.away)
    database.away = False
    while not sending.done():
        await notifier.wait(seconds=1)
        await asyncio.sleep(0)
    assert (await notifier.delivery("event-1")).status == DeliveryStatus.DELIVERED
    assert notifier.sender.ids == ["event-1"]


async def test_a_large_body_is_sent_thin_with_the_names_of_what_was_left_out() -> None:
    notifier = Notifier(webhook_max_body_bytes=1024)
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    data = json.loads(notifier.sender.sent[0].body)["data"]
    assert (data["overall"], data["feedback"]) == (78.5, "Clear and concrete.")
    assert {"criteria", "competencies", "versions"} <= set(data["omitted"])
    assert not set(data["omitted"]) & set(data)


EXHAUSTED = {
    "endpoint_id": "another",
    "url": HOOK,
    "delivery_id": "d",
    "event_id": "e",
    "event_type": "score.generated",
    "attempts": 3,
    "detail": "the endpoint answered 500",
    "ended_at": NOON,
}
