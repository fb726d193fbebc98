"""A subscriber hears of what it asked for, once in effect, and is told the truth about the rest."""

import base64
import json

import pytest
from standardwebhooks.webhooks import hmac_data

from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.facts import completed, scored
from vivavoce.chassis.errors import Conflict, InvalidInput

BOTH = ("score.generated", "interview.completed")


@pytest.fixture
def notifier() -> Notifier:
    return Notifier()


async def test_a_subscriber_receives_the_fact_signed_under_its_event_id(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES, secret="your-webhook-secret")
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    (sent,) = notifier.sender.sent
    body = json.loads(sent.body)
    assert (sent.url, sent.headers["webhook-id"]) == (HOOK, "event-1")
    assert (body["type"], body["data"]["overall"]) == ("score.generated", 78.5)
    signed = f"event-1.{sent.headers['webhook-timestamp']}.{sent.body}".encode()
    expected = base64.b64encode(hmac_data(b"your-webhook-secret", signed)).decode()
    assert sent.headers["webhook-signature"].split()[0] == f"v1,{expected}"


async def test_a_repeated_fact_makes_no_second_delivery(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.hear(scored(), "event-1")
    assert await notifier.send_due() == 1
    assert await notifier.send_due() == 0


async def test_only_what_was_asked_for_is_delivered(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    await notifier.hear(completed(), "event-1")
    assert await notifier.send_due() == 0


async def test_another_organization_hears_nothing(notifier: Notifier) -> None:
    await notifier.register(HOOK, BOTH, organization="org_other")
    await notifier.hear(scored(), "event-1")
    assert await notifier.send_due() == 0
    assert await notifier.listed() == ()


async def test_a_failing_endpoint_is_tried_again_later_and_then_counted_as_delivered(
    notifier: Notifier,
) -> None:
    notifier.sender.statuses = [500, 302]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    assert await notifier.send_due() == 0
    await notifier.wait(seconds=5)
    await notifier.send_due()
    await notifier.wait(seconds=300)
    await notifier.send_due()
    (endpoint,) = await notifier.listed()
    assert {sent.headers["webhook-id"] for sent in notifier.sender.sent} == {"event-1"}
    assert (endpoint.delivered, endpoint.failed, endpoint.pending, endpoint.last_status) == (1, 0, 0, 204)


async def test_a_delivery_fails_after_the_last_try(notifier: Notifier) -> None:
    notifier.sender.statuses = [500, 500, 500]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    for _ in range(3):
        await notifier.send_due()
        await notifier.wait(hours=1)
    assert await notifier.send_due() == 0
    (endpoint,) = await notifier.listed()
    assert (endpoint.failed, endpoint.last_status) == (1, 500)


async def test_an_endpoint_that_is_gone_is_disabled(notifier: Notifier) -> None:
    notifier.sender.statuses = [410]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    await notifier.hear(scored(), "event-2")
    assert await notifier.send_due() == 0
    (endpoint,) = await notifier.listed()
    assert not endpoint.active


async def test_the_secret_is_made_when_none_is_given_and_told_once(notifier: Notifier) -> None:
    endpoint, secret = await notifier.register(HOOK, SCORES)
    assert secret.startswith("whsec_")
    assert secret not in endpoint.model_dump_json()
    (stored,) = await notifier.parts.tables.endpoints.find("org_acme")
    assert secret not in stored.model_dump_json()


@pytest.mark.parametrize(
    ("url", "events", "field"),
    [
        ("ftp://hooks.example/", SCORES, "url"),
        ("hooks.example", SCORES, "url"),
        ("https://", SCORES, "url"),
        ("https://[", SCORES, "url"),
        (HOOK, (), "events"),
        (HOOK, ("recording.requested",), "events.0"),
        (HOOK, ("score.generated", "nonsense"), "events.1"),
    ],
)
async def test_a_wrong_wish_is_refused_by_field(
    notifier: Notifier, url: str, events: tuple[str, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await notifier.register(url, events)
    assert [problem.path for problem in refusal.value.problems] == [field]


async def test_an_organization_can_not_register_without_end(notifier: Notifier) -> None:
    for number in range(3):
        await notifier.register(f"{HOOK}/{number}", SCORES)
    with pytest.raises(Conflict, match="limit"):
        await notifier.register(f"{HOOK}/3", SCORES)
    assert len(await notifier.listed()) == 3
