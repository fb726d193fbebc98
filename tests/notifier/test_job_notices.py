"""Whoever gives a job a notification address is told of each step, in order, whichever came first."""

import json
from datetime import timedelta
from itertools import permutations

import pytest

from tests.notifier.notifying import ACME, Notifier
from tests.support.facts import JOB, NOON, followed, progressed
from vivavoce.contracts import JobProgressed, JobStatus, WebhookDisabled, WebhookFailing
from vivavoce.contracts.fact import Fact

STEPS = (JobStatus.PENDING, JobStatus.PROCESSING, JobStatus.COMPLETED)


def step(sequence: int) -> JobProgressed:
    """The steps of a job, all in the same moment but for a last one from a clock that went back."""
    back = timedelta(seconds=1) if sequence == 2 else timedelta(0)
    update = {"sequence": sequence, "status": STEPS[sequence], "at": NOON - back}
    return progressed().model_copy(update=update)


async def test_a_notice_is_exactly_what_was_promised_and_unsigned() -> None:
    notifier = Notifier()
    await notifier.hear(followed(), "event-f")
    await notifier.hear(progressed(), "event-1")
    await notifier.go_on(seconds=10)
    (sent,) = notifier.sender.sent
    assert sent.url == "https://your-app.com/job-status"
    assert json.loads(sent.body) == {
        "job_id": JOB,
        "status": "processing",
        "message": "Reading the position.",
        "timestamp": "2026-03-02T12:00:00Z",
    }
    assert sent.headers.keys() == {"webhook-id", "webhook-timestamp"}
    assert sent.headers["webhook-id"] == "event-1"


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_steps_and_address_may_come_in_any_order_before_the_first_is_sent(
    order: tuple[int, ...],
) -> None:
    notifier = Notifier()
    facts: list[Fact] = [step(0), step(1), step(2), followed()]
    for place in order:
        await notifier.hear(facts[place], f"event-{place}")
        await notifier.hear(facts[place], f"event-{place}")
    await notifier.go_on(seconds=10)
    assert notifier.sender.ids == ["event-0", "event-1", "event-2"]


async def test_a_step_that_fails_is_tried_again_before_the_next_one() -> None:
    notifier = Notifier()
    notifier.sender.statuses = [500, 500]
    for number, fact in enumerate((followed(), step(0), step(1))):
        await notifier.hear(fact, f"event-{number}")
    await notifier.go_on(minutes=6)
    assert notifier.sender.ids == ["event-1"] * 3 + ["event-2"]


async def test_nobody_is_told_how_the_address_of_a_job_fares_and_nobody_sees_it_listed() -> None:
    notifier = Notifier(webhook_retry_delays=(1,) * 8)
    notifier.sender.answer = lambda _: 500
    await notifier.hear(followed(), "event-f")
    await notifier.hear(step(0), "event-0")
    await notifier.go_on(minutes=20)
    assert await notifier.told(WebhookFailing) == []
    assert await notifier.told(WebhookDisabled) == []
    assert await notifier.listed() == ()


async def test_a_job_is_forgotten_when_its_retention_ends() -> None:
    notifier = Notifier(webhook_retention_days=5)
    await notifier.hear(followed(), "event-f")
    await notifier.hear(step(0), "event-0")
    await notifier.go_on(seconds=10)
    await notifier.wait(days=5, minutes=2)
    tables = notifier.parts.tables
    for collection in (tables.followers, tables.job_notices, tables.messages, tables.deliveries):
        assert await collection.count(ACME) == 0
