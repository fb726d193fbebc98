"""An endpoint gets nothing until it has agreed: nobody can have us call a stranger's server."""

import json
from collections.abc import Callable

import pytest
from standardwebhooks import Webhook

from tests.notifier.asking import ask, found
from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import scored
from vivavoce.chassis.errors import Conflict
from vivavoce.contracts import (
    DisabledReason,
    SwitchWebhook,
    UpdateWebhook,
    VerifyWebhook,
    WebhookEndpoint,
    WebhookFound,
)
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.ports import Request

OWN = "https://hooks.example/ours"


@pytest.fixture
def notifier() -> Notifier:
    return Notifier(webhook_ownership="required")


def answering(notifier: Notifier, **headers: str) -> Callable[[Request], Outcome]:
    """A receiver that shakes hands with these headers, and takes whatever is posted."""

    def answer(request: Request) -> Outcome:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        shown = told if request.method == "OPTIONS" else {}
        return Outcome(at=notifier.clock.now(), status=200, duration=0.0, response_headers=shown)

    return answer


def challenged(notifier: Notifier, body_of: Callable[[str], str]) -> Callable[[Request], Outcome]:
    """A receiver that knows no OPTIONS, and answers a POST with what `body_of` makes of its body."""

    def answer(request: Request) -> Outcome:
        if request.method == "OPTIONS":
            return Outcome(at=notifier.clock.now(), status=405, duration=0.0)
        body = body_of(request.body)
        return Outcome(at=notifier.clock.now(), status=200, duration=0.0, response_body=body)

    return answer


def challenge_in(body: str) -> str:
    return str(json.loads(body)["data"]["challenge"])


async def verify(notifier: Notifier, endpoint_id: str) -> WebhookEndpoint:
    question = VerifyWebhook(organization_id=ACME, endpoint_id=endpoint_id)
    return (await ask(notifier, question, WebhookFound)).endpoint


@pytest.mark.parametrize("origin", ["*", "vivavoce"])
async def test_a_handshake_is_enough(notifier: Notifier, origin: str) -> None:
    notifier.sender.answer = answering(notifier, webhook_allowed_origin=origin)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert endpoint.active
    (asked,) = notifier.sender.sent
    assert (asked.method, asked.headers) == ("OPTIONS", {"webhook-request-origin": "vivavoce"})


@pytest.mark.parametrize("origin", ["", "https://elsewhere.example", "vivavoce.example"])
async def test_a_server_that_answers_options_to_others_has_not_agreed(
    notifier: Notifier, origin: str
) -> None:
    notifier.sender.answer = answering(notifier, webhook_allowed_origin=origin)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert (endpoint.active, endpoint.disabled_reason) == (False, DisabledReason.UNVERIFIED)
    assert "webhook-allowed-origin is neither * nor vivavoce" in str(endpoint.disabled_detail)


@pytest.mark.parametrize(
    "body_of", [challenge_in, lambda body: json.dumps({"challenge": challenge_in(body)})]
)
async def test_a_signed_challenge_that_comes_back_is_enough(
    notifier: Notifier, body_of: Callable[[str], str]
) -> None:
    notifier.sender.answer = challenged(notifier, body_of)
    endpoint, secret = await notifier.register(HOOK, SCORES)
    assert endpoint.active
    request = notifier.sender.sent[-1]
    expected = Webhook(secret).sign(request.headers["webhook-id"], notifier.clock.now(), request.body)
    assert request.headers["webhook-signature"].split(" ")[0] == expected


@pytest.mark.parametrize("body_of", [lambda body: body, lambda _: "ok", lambda _: "[" * 3000])
async def test_a_server_that_only_echoes_or_accepts_has_not_agreed(
    notifier: Notifier, body_of: Callable[[str], str]
) -> None:
    notifier.sender.answer = challenged(notifier, body_of)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert (endpoint.active, endpoint.disabled_reason) == (False, DisabledReason.UNVERIFIED)


async def test_both_questions_together_are_bounded_to_three_seconds(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 404
    await notifier.register(HOOK, SCORES)
    assert sum(request.within or 1_000 for request in notifier.sender.sent) <= 3


@pytest.mark.parametrize(
    ("allowed", "wished", "rate"),
    [("120", None, 2.0), ("120", 5.0, 2.0), ("120", 1.0, 1.0), ("*", 5.0, 5.0), ("0", None, 0.01)],
)
async def test_the_rate_that_an_endpoint_allows_is_kept(
    notifier: Notifier, allowed: str, wished: float | None, rate: float
) -> None:
    headers = {"webhook_allowed_origin": "*", "webhook_allowed_rate": allowed}
    notifier.sender.answer = answering(notifier, **headers)
    endpoint, _ = await notifier.register(HOOK, SCORES, rate_limit=wished)
    assert endpoint.options.rate_limit == rate


async def test_verified_later_it_gets_what_happened_meanwhile(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 404
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await notifier.wait(minutes=5)
    await notifier.hear(scored(), "event-1")
    with pytest.raises(Conflict, match=r"didn't agree.*answered 404"):
        await verify(notifier, endpoint.id)
    switch = SwitchWebhook(organization_id=ACME, endpoint_id=endpoint.id, active=True)
    with pytest.raises(Conflict, match="verify it instead"):
        await ask(notifier, switch, WebhookFound)
    notifier.sender.answer = answering(notifier, webhook_allowed_origin="*")
    assert (await verify(notifier, endpoint.id)).active
    notifier.sender.sent.clear()
    await notifier.send_due()
    assert notifier.sender.ids == ["event-1"]


async def test_one_that_has_agreed_is_not_switched_off_by_a_failed_question(notifier: Notifier) -> None:
    notifier.sender.answer = answering(notifier, webhook_allowed_origin="*")
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.answer = lambda _: 500
    with pytest.raises(Conflict):
        await verify(notifier, endpoint.id)
    assert (await found(notifier, endpoint.id)).active


async def test_a_new_address_has_to_agree_too(notifier: Notifier) -> None:
    notifier.sender.answer = answering(notifier, webhook_allowed_origin="*")
    endpoint, _ = await notifier.register(OWN, SCORES)
    notifier.sender.answer = lambda _: 404
    question = UpdateWebhook(organization_id=ACME, endpoint_id=endpoint.id, url=HOOK)
    moved = (await ask(notifier, question, WebhookFound)).endpoint
    assert (moved.url, moved.active, moved.disabled_reason) == (HOOK, False, DisabledReason.UNVERIFIED)


async def test_registered_again_one_that_has_agreed_is_not_asked_again(notifier: Notifier) -> None:
    notifier.sender.answer = answering(notifier, webhook_allowed_origin="*")
    await notifier.register(HOOK, SCORES)
    notifier.sender.sent.clear()
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert (endpoint.active, notifier.sender.sent) == (True, [])


async def test_at_the_limit_no_strangers_server_is_asked(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 404
    for number in range(3):
        await notifier.register(f"{HOOK}/{number}", SCORES)
    notifier.sender.sent.clear()
    with pytest.raises(Conflict):
        await notifier.register(f"{HOOK}/3", SCORES)
    assert notifier.sender.sent == []


async def test_where_it_is_off_nobody_is_asked() -> None:
    trusting = Notifier(webhook_ownership="off")
    endpoint, _ = await trusting.register(HOOK, SCORES)
    assert (endpoint.active, trusting.sender.sent) == (True, [])
