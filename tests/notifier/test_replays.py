"""What happened in a time can be sent again, all or what is missing, without a limit and under its ids."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import NOON, completed, scored
from vivavoce.contracts import DeliveryStatus, Trigger, Waiting
from vivavoce.notifier import errand_runner, handlers
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.errands import cancel_of, replay_of
from vivavoce.notifier.messages import Message

PAGE, MANY = 20, 45
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def notifier(monkeypatch: pytest.MonkeyPatch) -> Notifier:
    monkeypatch.setattr(errand_runner, "PAGE", PAGE)
    monkeypatch.setattr(handlers, "PAGE", PAGE)
    return Notifier(webhook_endpoints_per_organization=1000)


async def heard(notifier: Notifier, count: int) -> list[str]:
    """That many facts, a millisecond apart; their ids."""
    event_ids = [f"event-{number:03}" for number in range(count)]
    for event_id in event_ids:
        await notifier.hear(scored(), event_id)
        await notifier.clock.advance(MILLISECOND)
    return event_ids


async def replay(notifier: Notifier, endpoint_id: str, *, missing_only: bool) -> None:
    """Send again all that happened so far, and whatever follows within some minutes."""
    stored, now = await notifier.endpoint(endpoint_id), notifier.clock.now()
    await notifier.put(replay_of(stored, NOON, now, now, missing_only=missing_only))
    await notifier.go_on(minutes=3)


async def test_an_endpoint_that_came_later_can_be_sent_what_happened_before_it(notifier: Notifier) -> None:
    event_ids = await heard(notifier, MANY)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await replay(notifier, endpoint.id, missing_only=False)
    assert sorted(notifier.sender.ids) == event_ids
    (errand,) = await notifier.parts.tables.errands.find(ACME)
    assert (errand.queued, errand.due_at) == (MANY, None)


async def test_all_of_a_time_goes_out_again_under_the_ids_of_before(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    event_ids = await heard(notifier, 5)
    await notifier.send_due()
    await notifier.hear(scored(), "event-later")
    await notifier.send_due()
    stored, until = await notifier.endpoint(endpoint.id), NOON + MILLISECOND * 4
    await notifier.put(replay_of(stored, NOON + MILLISECOND, until, notifier.clock.now(), missing_only=False))
    await notifier.go_on(minutes=3)
    again = {event_id for event_id, count in Counter(notifier.sender.ids).items() if count == 2}
    assert sorted(again) == event_ids[1:4]
    attempts = await notifier.parts.tables.attempts.find(ACME, {"event_id": event_ids[1]}, sort=(("at", 1),))
    assert [attempt.trigger for attempt in attempts] == [Trigger.SCHEDULE, Trigger.REPLAY]


async def test_the_missing_ones_are_those_that_were_never_accepted(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await notifier.change(endpoint.id, retry_delays=())
    notifier.sender.answer = lambda sent: 500 if sent.headers["webhook-id"] == "event-001" else None
    await heard(notifier, 3)
    await notifier.send_due()
    notifier.sender.answer = None
    notifier.sender.sent.clear()
    await replay(notifier, endpoint.id, missing_only=True)
    assert notifier.sender.ids == ["event-001"]


async def test_what_is_on_its_way_by_schedule_is_left_to_it(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES, retry_delays=(3600,))
    notifier.sender.statuses = [500]
    await heard(notifier, 1)
    await notifier.send_due()
    await replay(notifier, endpoint.id, missing_only=True)
    assert notifier.sender.ids == ["event-000"]


async def test_a_replay_goes_by_type_and_filter_and_leaves_tests_out(notifier: Notifier) -> None:
    await notifier.hear(completed(), "event-end")
    await notifier.hear(scored().model_copy(update={"overall": 10.0}), "event-low")
    await notifier.hear(scored(), "event-high")
    example = await notifier.parts.tables.messages.get(ACME, "event-high")
    assert isinstance(example, Message)
    test = example.model_copy(update={"id": "event-test", "test": True})
    await notifier.store(notifier.parts.tables.messages, test)
    await notifier.clock.advance(MILLISECOND)
    endpoint, _ = await notifier.register(HOOK, SCORES, filter={"overall": {"gte": 50}})
    await replay(notifier, endpoint.id, missing_only=False)
    assert notifier.sender.ids == ["event-high"]


async def test_a_fact_that_was_still_being_stored_is_found_by_a_second_look(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await notifier.clock.advance(MILLISECOND)
    stored, now = await notifier.endpoint(endpoint.id), notifier.clock.now()
    await notifier.put(replay_of(stored, NOON, now, now, missing_only=True))
    await notifier.send_due()
    await notifier.change(endpoint.id, active=False)
    await notifier.hear(scored(), "event-slow", at=NOON)
    await notifier.change(endpoint.id, active=True)
    await notifier.go_on(minutes=2)
    assert notifier.sender.ids == ["event-slow"]


async def test_a_fact_reaches_more_endpoints_than_one_transaction_takes(notifier: Notifier) -> None:
    some, _ = await notifier.register(HOOK, SCORES)
    stored = await notifier.endpoint(some.id)
    for number in range(MANY):
        update = {"id": f"endpoint-{number:03}", "url": f"{HOOK}/{number}"}
        await notifier.store(notifier.parts.tables.endpoints, stored.model_copy(update=update))
    await notifier.hear(scored(), "event-1")
    assert 0 < len(await notifier.parts.tables.deliveries.find(ACME, limit=1000)) <= PAGE
    await notifier.send_due()
    assert len({sent.url for sent in notifier.sender.sent}) == MANY + 1 == len(notifier.sender.sent)


async def test_deleting_an_endpoint_gives_up_whatever_is_under_way_to_it(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.answer = lambda _: 500
    await heard(notifier, 8)
    await notifier.send_due()
    stored = await notifier.endpoint(endpoint.id)
    assert isinstance(stored, Endpoint)
    await notifier.forget(notifier.parts.tables.endpoints, endpoint.id)
    await notifier.put(cancel_of(stored, notifier.clock.now()))
    await notifier.go_on(minutes=10)
    deliveries = await notifier.parts.tables.deliveries.find(ACME)
    assert {delivery.status for delivery in deliveries} == {DeliveryStatus.CANCELLED}
    assert await notifier.parts.tables.standings.get(ACME, endpoint.id) is None


async def test_a_delivery_to_an_endpoint_that_was_deleted_meanwhile_is_cancelled(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await heard(notifier, 1)
    await notifier.forget(notifier.parts.tables.endpoints, endpoint.id)
    await notifier.send_due()
    delivery = await notifier.delivery("event-000")
    assert (delivery.status, delivery.last_error) == (
        DeliveryStatus.CANCELLED,
        "the endpoint has been deleted",
    )


async def test_what_comes_due_at_a_disabled_endpoint_waits_for_it(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await heard(notifier, 1)
    await notifier.change(endpoint.id, active=False)
    await notifier.send_due()
    assert (await notifier.delivery("event-000")).waiting == Waiting.DISABLED
    await notifier.recover(endpoint.id, NOON)
    await notifier.send_due()
    assert notifier.sender.ids == ["event-000"]
