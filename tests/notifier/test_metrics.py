"""Operators see how attempts end, how late subscribers hear of something, and what nobody takes."""

from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY

from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.facts import NOON, scored
from vivavoce.contracts import ReplayDelivery
from vivavoce.notifier.deliveries import Outcome

Grown = Callable[..., float]


@pytest.fixture
def grown() -> Grown:
    """By how much a sample has grown since the test began."""
    before = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
    }

    def since(name: str, **labels: str) -> float:
        now = REGISTRY.get_sample_value(name, labels) or 0.0
        return now - before.get((name, *sorted(labels.items())), 0.0)

    return since


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (204, "accepted"),
        (302, "refused"),
        (500, "refused"),
        (429, "throttled"),
        (410, "gone"),
        (Outcome(at=NOON, error="the endpoint did not answer in time", duration=20.0), "unanswered"),
    ],
)
async def test_every_attempt_is_counted_by_how_it_ended(
    grown: Grown, answer: int | Outcome, word: str
) -> None:
    notifier = Notifier()
    notifier.sender.answer = lambda _: answer
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    assert grown("viva_webhook_attempts_total", outcome=word) == 1
    assert grown("viva_webhook_attempt_seconds_count") == 1


async def test_how_late_a_subscriber_hears_is_counted_and_leaves_out_replays(
    grown: Grown,
) -> None:
    notifier = Notifier()
    notifier.sender.statuses = [500, 204, 204]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    assert grown("viva_webhook_accepted_after_seconds_count") == 0
    await notifier.go_on(seconds=5)
    question = ReplayDelivery(organization_id="org_acme", delivery_id=(await notifier.delivery("event-1")).id)
    await notifier.parts.questions.replays.delivery(question, notifier.context("org_acme"))
    await notifier.go_on(seconds=60)
    assert grown("viva_webhook_accepted_after_seconds_count") == 1
    assert grown("viva_webhook_accepted_after_seconds_sum") == 5
    assert grown("viva_webhook_deliveries_ended_total", status="delivered") == 2


async def test_a_delivery_that_is_given_up_is_counted(grown: Grown) -> None:
    notifier = Notifier()
    notifier.sender.statuses = [500, 500, 500]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.go_on(seconds=400)
    assert grown("viva_webhook_deliveries_ended_total", status="failed") == 1
    assert grown("viva_webhook_deliveries_ended_total", status="delivered") == 0


async def test_what_is_due_and_not_taken_shows_for_how_long() -> None:
    notifier = Notifier()
    await notifier.register(HOOK, SCORES)
    assert await notifier.parts.backlog.look() == 0
    await notifier.hear(scored(), "event-1")
    await notifier.wait(seconds=90)
    await notifier.hear(scored(), "event-2")
    assert await notifier.parts.backlog.look() == 90
    assert REGISTRY.get_sample_value("viva_webhook_oldest_due_seconds") == 90
    await notifier.send_due()
    assert await notifier.parts.backlog.look() == 0
