"""Endpoints are switched off and on by hand; what was missed meanwhile goes out afterwards."""

import pytest

from tests.notifier.asking import ask, found
from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import scored
from vivavoce.contracts import (
    DisabledReason,
    SwitchWebhook,
    WebhookDisabled,
    WebhookEndpoint,
    WebhookFound,
)


@pytest.fixture
def notifier() -> Notifier:
    return Notifier()


async def switch(notifier: Notifier, endpoint_id: str, active: bool, **more: bool) -> WebhookEndpoint:
    question = SwitchWebhook(organization_id=ACME, endpoint_id=endpoint_id, active=active, **more)
    return (await ask(notifier, question, WebhookFound)).endpoint


async def test_switched_off_it_gets_nothing_and_that_is_told(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    off = await switch(notifier, endpoint.id, False)
    assert (off.active, off.disabled_reason) == (False, DisabledReason.SWITCHED_OFF)
    await notifier.hear(scored(), "event-1")
    assert await notifier.send_due() == 0
    (told,) = await notifier.told(WebhookDisabled)
    assert (told.endpoint_id, told.reason) == (endpoint.id, DisabledReason.SWITCHED_OFF)


async def test_switched_off_twice_it_is_told_once(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    first = await switch(notifier, endpoint.id, False)
    await notifier.wait(minutes=1)
    assert await switch(notifier, endpoint.id, False) == first
    assert len(await notifier.told(WebhookDisabled)) == 1


async def test_switched_on_it_gets_what_it_missed_and_what_was_under_way(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.statuses = [500]
    await notifier.hear(scored(), "event-0")
    await notifier.send_due()
    await switch(notifier, endpoint.id, False)
    await notifier.go_on(minutes=1)
    await notifier.hear(scored(), "event-1")
    on = await switch(notifier, endpoint.id, True)
    assert (on.active, on.disabled_reason, on.disabled_at) == (True, None, None)
    await notifier.send_due()
    assert sorted(notifier.sender.ids) == ["event-0", "event-0", "event-1"]


async def test_without_recovery_what_it_missed_stays_missed(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await switch(notifier, endpoint.id, False)
    await notifier.hear(scored(), "event-1")
    await notifier.wait(minutes=1)
    await switch(notifier, endpoint.id, True, recover=False)
    await notifier.hear(scored(), "event-2")
    await notifier.send_due()
    assert notifier.sender.ids == ["event-2"]


async def test_an_endpoint_that_failed_for_days_gets_what_it_missed_since_it_began_to_fail(
    notifier: Notifier,
) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.answer = lambda _: 410 if len(notifier.sender.sent) > 3 else 500
    await notifier.hear(scored(), "event-1")
    await notifier.go_on(minutes=10)
    failed = await found(notifier, endpoint.id)
    assert (failed.failed, failed.active) == (1, True)
    await notifier.hear(scored(), "event-2")
    await notifier.send_due()
    assert (await found(notifier, endpoint.id)).disabled_reason == DisabledReason.GONE
    notifier.sender.answer = None
    await switch(notifier, endpoint.id, True)
    await notifier.send_due()
    told = await found(notifier, endpoint.id)
    assert (told.delivered, told.failed, told.pending) == (2, 0, 0)


async def test_what_is_on_already_stays_as_it_is(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    await switch(notifier, endpoint.id, True)
    assert await notifier.send_due() == 0
