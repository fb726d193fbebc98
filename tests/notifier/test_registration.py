"""An address is registered once: again means anew, and a lost answer can be asked for again."""

import asyncio
from typing import Any

import pytest

from tests.notifier.asking import ask, fields_of
from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import completed, scored
from vivavoce.chassis.errors import Conflict, InvalidInput
from vivavoce.contracts import DeleteWebhook, DisabledReason, RegisterWebhook, WebhookDeleted
from vivavoce.notifier.signing import new_secret
from vivavoce.notifier.tables import DELIVERY_INDEXES

BOTH = ("interview.completed", "score.generated")


@pytest.fixture
def notifier() -> Notifier:
    return Notifier()


async def test_the_same_url_again_replaces_events_and_secret(notifier: Notifier) -> None:
    first, _ = await notifier.register(HOOK, SCORES, secret="the old one")
    await notifier.wait(hours=1)
    chosen = new_secret()
    second, told = await notifier.register(HOOK, BOTH, secret=chosen, description="ours")
    assert (second.id, second.events, second.created_at) == (first.id, BOTH, first.created_at)
    assert (told, second.options.description) == (chosen, "ours")
    await notifier.hear(completed(), "event-1")
    assert await notifier.send_due() == 1
    assert [endpoint.id for endpoint in await notifier.listed()] == [first.id]
    assert await opened(notifier, first.id) == chosen


async def test_the_same_url_again_without_a_secret_gets_one_that_is_told(notifier: Notifier) -> None:
    endpoint, first = await notifier.register(HOOK, SCORES)
    _, second = await notifier.register(HOOK, SCORES)
    assert first != second == await opened(notifier, endpoint.id)


async def test_the_same_question_again_gets_the_same_secret(notifier: Notifier) -> None:
    _, first = await notifier.register(HOOK, SCORES, question_id="question-1")
    _, again = await notifier.register(HOOK, SCORES, question_id="question-1")
    assert first == again


async def test_what_is_deleted_and_registered_anew_is_another_endpoint(notifier: Notifier) -> None:
    first, _ = await notifier.register(HOOK, SCORES)
    await ask(notifier, DeleteWebhook(organization_id=ACME, endpoint_id=first.id), WebhookDeleted)
    second, _ = await notifier.register(HOOK, SCORES)
    assert first.id != second.id
    assert [endpoint.id for endpoint in await notifier.listed()] == [second.id]


async def test_the_same_url_of_another_organization_is_another_endpoint(notifier: Notifier) -> None:
    ours, _ = await notifier.register(HOOK, SCORES)
    theirs, _ = await notifier.register(HOOK, SCORES, organization="org_other")
    assert ours.id != theirs.id


async def test_at_the_limit_it_says_what_to_do_and_a_known_url_can_be_registered_again(
    notifier: Notifier,
) -> None:
    for number in range(3):
        await notifier.register(f"{HOOK}/{number}", SCORES)
    with pytest.raises(Conflict, match="3 webhook endpoints, which is the limit: delete one"):
        await notifier.register(f"{HOOK}/3", SCORES)
    await notifier.register(f"{HOOK}/0", BOTH)
    assert len(await notifier.listed()) == 3


async def test_registering_again_makes_an_endpoint_active_that_was_gone(notifier: Notifier) -> None:
    notifier.sender.statuses = [410]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    (gone,) = await notifier.listed()
    assert (gone.active, gone.disabled_reason, gone.pending) == (False, DisabledReason.GONE, 1)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert (endpoint.active, endpoint.disabled_reason) == (True, None)
    await notifier.send_due()
    assert notifier.sender.ids == ["event-1", "event-1"]


async def test_a_gone_of_before_does_not_disable_what_was_registered_since(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    notifier.sender.meanwhile = lambda: notifier.register(HOOK, SCORES, secret="the new one")
    notifier.sender.statuses = [410]
    await notifier.send_due()
    (endpoint,) = await notifier.listed()
    assert endpoint.active
    assert await opened(notifier, endpoint.id) == "whsec_dGhlIG5ldyBvbmU="


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"url": "ftp://a.example"}, ["url"]),
        ({"url": "https://a.example/" + "x" * 2048}, ["url"]),
        ({"events": ()}, ["events"]),
        ({"events": ("score.generated", "score.lost")}, ["events.1"]),
        ({"description": "x" * 501}, ["description"]),
        ({"retry_delays": ()}, ["retry_delays"]),
        ({"retry_delays": (5,) * 21}, ["retry_delays"]),
        ({"retry_delays": (5, 0)}, ["retry_delays.1"]),
        ({"retry_delays": (604_800,) * 5}, ["retry_delays"]),
        ({"rate_limit": 0.001}, ["rate_limit"]),
        ({"rate_limit": 1001.0, "concurrency": 0}, ["rate_limit", "concurrency"]),
        ({"concurrency": 101}, ["concurrency"]),
        ({"filter": {"no.such.field": 1}}, ["filter.no.such.field"]),
        ({"filter": {"overall": {"above": 1}}}, ["filter.overall.above"]),
    ],
)
async def test_what_cannot_be_registered_is_refused_by_field(
    notifier: Notifier, wish: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await notifier.register(**{"url": HOOK, "events": SCORES, **wish})
    assert fields_of(refused.value) == fields
    assert await notifier.listed() == ()


@pytest.mark.parametrize("secret", ["", "x" * 10_000, "whsec_"])
async def test_no_such_secret_is_taken(notifier: Notifier, secret: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await notifier.register(HOOK, SCORES, secret=secret)
    assert fields_of(refused.value) == ["secret"]


async def test_a_secret_that_was_sealed_to_another_is_refused(notifier: Notifier) -> None:
    question = RegisterWebhook(
        organization_id=ACME, url=HOOK, events=SCORES, sealed_secret="AAAA", reply_key="AAAA"
    )
    with pytest.raises(InvalidInput, match="sealed"):
        await ask(notifier, question, WebhookDeleted)


async def test_counts_of_all_endpoints_are_asked_for_together(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await notifier.register(f"{HOOK}/1", SCORES)
    await notifier.register(f"{HOOK}/2", SCORES)
    waiting = asyncio.Semaphore(0)
    asked: list[object] = []

    async def count(*question: object, most: int) -> int:
        asked.append(question)
        if len(asked) == 6:
            for _ in asked:
                waiting.release()
        await waiting.acquire()
        return most

    monkeypatch.setattr(notifier.parts.tables.deliveries, "count", count)
    async with asyncio.timeout(5):
        listed = await notifier.listed()
    assert [(one.delivered, one.failed, one.pending) for one in listed] == [(10_000,) * 3] * 2


async def test_a_new_endpoint_is_described_without_counting(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def count(*_: object, **__: object) -> int:
        raise AssertionError("there is nothing to count yet")

    monkeypatch.setattr(notifier.parts.tables.deliveries, "count", count)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert (endpoint.delivered, endpoint.failed, endpoint.pending) == (0, 0, 0)


def test_counting_by_status_has_an_index() -> None:
    asked = ("organization_id", "endpoint_id", "status")
    assert asked in [tuple(name for name, _ in index.fields)[: len(asked)] for index in DELIVERY_INDEXES]


async def opened(notifier: Notifier, endpoint_id: str) -> str:
    """The secret that deliveries are signed with."""
    return notifier.vault.open((await notifier.endpoint(endpoint_id)).secrets[0].sealed_secret)
