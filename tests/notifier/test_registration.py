"""An address is registered once: again means anew, and a lost answer can be asked for again."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import completed, scored
from vivavoce.notifier.endpoints import Endpoint
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
    second, told = await notifier.register(HOOK, BOTH, secret=chosen)
    assert (second.id, second.events, second.created_at) == (first.id, BOTH, first.created_at)
    assert told == chosen
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


async def test_the_same_url_of_another_organization_is_another_endpoint(notifier: Notifier) -> None:
    ours, _ = await notifier.register(HOOK, SCORES)
    theirs, _ = await notifier.register(HOOK, SCORES, organization="org_other")
    assert ours.id != theirs.id


async def test_at_the_limit_a_known_url_can_still_be_registered_again(notifier: Notifier) -> None:
    for number in range(3):
        await notifier.register(f"{HOOK}/{number}", SCORES)
    await notifier.register(f"{HOOK}/0", BOTH)
    assert len(await notifier.listed()) == 3


async def test_registering_again_makes_an_endpoint_active_that_was_gone(notifier: Notifier) -> None:
    notifier.sender.statuses = [410]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert endpoint.active
    assert endpoint.pending == 1


async def test_a_gone_of_before_does_not_disable_what_was_registered_since(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    notifier.sender.meanwhile = lambda: notifier.register(HOOK, SCORES, secret="the new one")
    notifier.sender.statuses = [410]
    await notifier.send_due()
    (endpoint,) = await notifier.listed()
    assert endpoint.active
    assert await opened(notifier, endpoint.id) == "whsec_dGhlIG5ldyBvbmU="


async def test_counts_of_all_endpoints_are_asked_for_together(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await notifier.register(f"{HOOK}/1", SCORES)
    await notifier.register(f"{HOOK}/2", SCORES)
    waiting = asyncio.Semaphore(0)
    asked: list[object] = []

    async def count(*question: object) -> int:
        asked.append(question)
        if len(asked) == 6:
            for _ in asked:
                waiting.release()
        await waiting.acquire()
        return 7

    monkeypatch.setattr(notifier.parts.tables.deliveries, "count", count)
    async with asyncio.timeout(5):
        listed = await notifier.listed()
    assert [(one.delivered, one.failed, one.pending) for one in listed] == [(7, 7, 7)] * 2


async def test_a_new_endpoint_is_described_without_counting(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def count(*_: object) -> int:
        raise AssertionError("there is nothing to count yet")

    monkeypatch.setattr(notifier.parts.tables.deliveries, "count", count)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert (endpoint.delivered, endpoint.failed, endpoint.pending) == (0, 0, 0)


def test_counting_by_status_has_an_index() -> None:
    asked = ("organization_id", "endpoint_id", "status")
    assert asked in [names(index.fields)[: len(asked)] for index in DELIVERY_INDEXES]


def names(fields: Iterable[tuple[str, Any]]) -> tuple[str, ...]:
    return tuple(name for name, _ in fields)


async def opened(notifier: Notifier, endpoint_id: str) -> str:
    """The secret that deliveries are signed with."""
    stored = await notifier.parts.tables.endpoints.get(ACME, endpoint_id)
    assert isinstance(stored, Endpoint)
    return notifier.vault.open(stored.secrets[0].sealed_secret)
