"""A failing endpoint is paused and tried now and then; back again it gets everything, or it is disabled."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import NOON, scored
from vivavoce.contracts import (
    DeliveryStatus,
    DisabledReason,
    EndpointHealth,
    Waiting,
    WebhookDisabled,
    WebhookFailing,
    WebhookRecovered,
)
from vivavoce.notifier.endpoints import Standing
from vivavoce.notifier.standing import health_of

LONG = (60,) * 50


@pytest.fixture
def notifier() -> Notifier:
    return Notifier(webhook_retry_delays=LONG)


async def standing(notifier: Notifier, endpoint_id: str) -> Standing | None:
    return await notifier.parts.tables.standings.get(ACME, endpoint_id)


async def heard(notifier: Notifier, count: int) -> list[str]:
    """That many facts, each heard and sent by itself; their ids."""
    event_ids = [f"event-{number:02}" for number in range(count)]
    for event_id in event_ids:
        await notifier.hear(scored(), event_id)
        await notifier.send_due()
        await notifier.clock.advance(timedelta(milliseconds=1))
    return event_ids


@pytest.mark.parametrize(
    ("status", "waiting"), [(500, Waiting.ENDPOINT), (429, Waiting.ENDPOINT), (410, Waiting.DISABLED)]
)
async def test_what_is_due_when_an_endpoint_is_shut_waits_at_once_and_costs_no_run(
    notifier: Notifier, status: int, waiting: Waiting
) -> None:
    """But for what was taken while the first attempts were being settled."""
    notifier.sender.answer = lambda _: status
    await notifier.register(HOOK, SCORES, concurrency=5)
    event_ids = [f"event-{number:02}" for number in range(20)]
    for event_id in event_ids:
        await notifier.hear(scored(), event_id)
    assert await notifier.parts.pool.run_due() <= 10
    found = [await notifier.delivery(event_id) for event_id in event_ids]
    untried = [delivery for delivery in found if delivery.sent == 0]
    assert len(untried) >= 10
    assert {delivery.waiting for delivery in untried} == {waiting}


async def test_after_five_failures_in_a_row_nothing_more_is_tried_for_a_while(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 500
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await heard(notifier, 8)
    assert len(notifier.sender.sent) == 5
    waiting = [(await notifier.delivery(f"event-{number:02}")).waiting for number in (5, 6, 7)]
    assert waiting == [Waiting.ENDPOINT] * 3
    assert health_of(await standing(notifier, endpoint.id), notifier.clock.now()) == EndpointHealth.PAUSED
    (told,) = await notifier.told(WebhookFailing)
    assert told.endpoint_id == endpoint.id
    assert told.detail == "the endpoint answered 500"
    assert timedelta(seconds=29) < told.resumes_at - NOON < timedelta(seconds=31)


async def test_a_paused_endpoint_is_tried_with_one_delivery_ever_more_seldom(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 500
    await notifier.register(HOOK, SCORES, retry_delays=(100_000,) * 3)
    await heard(notifier, 40)
    tries = []
    for _ in range(200):
        before = len(notifier.sender.sent)
        await notifier.go_on(seconds=10)
        tries.append(len(notifier.sender.sent) - before)
    assert max(tries) == 1
    moments = [place * 10 for place, made in enumerate(tries) if made]
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert pauses[:5] == [60, 120, 240, 480, 600]
    assert len(await notifier.told(WebhookFailing)) == 1


async def test_when_a_trial_succeeds_all_that_waited_goes_out_at_once(notifier: Notifier) -> None:
    notifier.sender.statuses = [500] * 6
    endpoint, _ = await notifier.register(HOOK, SCORES, retry_delays=(36_000,) * 3)
    event_ids = await heard(notifier, 20)
    await notifier.go_on(minutes=3)
    delivered = [await notifier.delivery(event_id) for event_id in event_ids]
    assert {delivery.status for delivery in delivered} == {DeliveryStatus.DELIVERED}
    assert await standing(notifier, endpoint.id) is None
    (told,) = await notifier.told(WebhookRecovered)
    assert told.endpoint_id == endpoint.id
    assert told.failing_since == NOON


async def test_a_dead_endpoint_does_not_hold_up_another(notifier: Notifier) -> None:
    dead, _ = await notifier.register(f"{HOOK}/dead", SCORES)
    notifier.sender.answer = lambda request: 500 if request.url == dead.url else None
    await notifier.register(f"{HOOK}/well", SCORES)
    event_ids = await heard(notifier, 12)
    assert [s.headers["webhook-id"] for s in notifier.sender.sent if s.url != dead.url] == event_ids


async def test_a_trial_that_nobody_ended_gives_way_to_another(notifier: Notifier) -> None:
    notifier.sender.statuses = [500] * 5
    endpoint, _ = await notifier.register(HOOK, SCORES)
    event_ids = await heard(notifier, 8)
    known = await standing(notifier, endpoint.id)
    assert known is not None
    lost = known.model_copy(update={"probing": "a delivery that is no longer there"})
    await notifier.store(notifier.parts.tables.standings, lost)
    await notifier.go_on(minutes=6)
    assert set(notifier.sender.ids) == set(event_ids)
    assert await standing(notifier, endpoint.id) is None


async def test_what_was_parked_in_the_moment_of_recovery_is_found_by_a_second_look(
    notifier: Notifier,
) -> None:
    notifier.sender.statuses = [500] * 5
    await notifier.register(HOOK, SCORES)
    await heard(notifier, 8)
    await notifier.go_on(seconds=40)
    late = await notifier.delivery("event-07")
    assert late.status == DeliveryStatus.DELIVERED
    update = {"status": DeliveryStatus.PENDING, "due_at": None, "waiting": Waiting.ENDPOINT}
    await notifier.store(notifier.parts.tables.deliveries, late.model_copy(update=update))
    await notifier.go_on(minutes=2)
    assert (await notifier.delivery("event-07")).status == DeliveryStatus.DELIVERED


@pytest.mark.parametrize(("status", "wish", "pause"), [(429, None, 30), (429, 7.0, 7), (503, 90.0, 90)])
async def test_an_endpoint_that_asks_for_a_pause_gets_one_and_its_event_is_not_charged(
    notifier: Notifier, status: int, wish: float | None, pause: int
) -> None:
    notifier.sender.statuses, notifier.sender.retry_after = [status], wish
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await heard(notifier, 3)
    assert len(notifier.sender.sent) == 1
    first = await notifier.delivery("event-00")
    assert (first.tries, first.waiting) == (0, Waiting.ENDPOINT)
    known = await standing(notifier, endpoint.id)
    assert health_of(known, notifier.clock.now()) == EndpointHealth.THROTTLED
    await notifier.go_on(timedelta(seconds=1), seconds=pause - 1)
    assert len(notifier.sender.sent) == 1
    await notifier.go_on(seconds=2)
    assert sorted(notifier.sender.ids) == ["event-00", "event-00", "event-01", "event-02"]


async def test_a_pause_that_is_asked_for_is_an_hour_at_most(notifier: Notifier) -> None:
    notifier.sender.statuses, notifier.sender.retry_after = [429], 86_400.0
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await heard(notifier, 1)
    known = await standing(notifier, endpoint.id)
    assert known is not None
    assert known.shut_until == NOON + timedelta(hours=1)


async def test_an_endpoint_that_is_gone_is_disabled_and_nothing_is_lost(notifier: Notifier) -> None:
    notifier.sender.statuses = [410]
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    stored = await notifier.endpoint(endpoint.id)
    assert (stored.active, stored.disabled_reason) == (False, DisabledReason.GONE)
    assert stored.disabled_detail == "the endpoint answered 410"
    (told,) = await notifier.told(WebhookDisabled)
    assert (told.endpoint_id, told.reason) == (endpoint.id, DisabledReason.GONE)
    assert (await notifier.delivery("event-1")).waiting == Waiting.DISABLED


async def test_an_endpoint_that_failed_for_five_days_is_disabled_and_recovers_everything() -> None:
    notifier = Notifier()
    notifier.sender.answer = lambda _: 500
    endpoint, _ = await notifier.register(HOOK, SCORES, retry_delays=(36_000,) * 20)
    event_ids = await heard(notifier, 4)
    await notifier.go_on(timedelta(hours=1), days=6)
    stored = await notifier.endpoint(endpoint.id)
    assert stored.disabled_reason == DisabledReason.FAILING
    (told,) = await notifier.told(WebhookDisabled)
    assert told.failing_since == NOON
    event_ids.append("event-missed")
    await notifier.hear(scored(), "event-missed")
    await notifier.wait(minutes=5)
    notifier.sender.answer = None
    await notifier.recover(endpoint.id, NOON)
    await notifier.go_on(minutes=5)
    ends = [(await notifier.delivery(event_id)).status for event_id in event_ids]
    assert ends == [DeliveryStatus.DELIVERED] * 5


async def test_an_endpoint_that_fails_now_and_then_is_not_disabled(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    for day in range(8):
        notifier.sender.statuses = [500]
        await notifier.hear(scored(), f"event-{day}")
        await notifier.send_due()
        await notifier.go_on(timedelta(hours=1), days=1)
    assert (await notifier.endpoint(endpoint.id)).active


@settings(max_examples=40, deadline=None)
@given(
    outcomes=st.lists(st.sampled_from([204, 500, 500, 500, 429, 503, 302]), max_size=60),
    gaps=st.lists(st.integers(0, 90), min_size=1, max_size=15),
    ordered=st.booleans(),
)
def test_whatever_an_endpoint_answers_no_delivery_is_forgotten(
    outcomes: list[int], gaps: list[int], ordered: bool
) -> None:
    asyncio.run(_ends_well(outcomes, gaps, ordered))


async def _ends_well(outcomes: list[int], gaps: list[int], ordered: bool) -> None:
    notifier = Notifier(webhook_retry_delays=(60,) * 100)
    notifier.sender.statuses = list(outcomes)
    endpoint, _ = await notifier.register(HOOK, SCORES, ordered=ordered)
    for number, gap in enumerate(gaps):
        await notifier.hear(
            scored().model_copy(update={"interview_id": f"key{number % 3}"}), f"event-{number}"
        )
        await notifier.go_on(timedelta(seconds=30), seconds=gap)
    await notifier.go_on(timedelta(minutes=2), hours=len(outcomes) // 6 + 1)
    ends = [(await notifier.delivery(f"event-{number}")).status for number in range(len(gaps))]
    assert set(ends) == {DeliveryStatus.DELIVERED}
    assert await standing(notifier, endpoint.id) is None
