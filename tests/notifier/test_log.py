"""The log is read by filters, in pages, by its organization alone, at a cost that doesn't grow."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.notifier.asking import GLOBEX, all_attempts, all_deliveries, all_endpoints, ask, fields_of
from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import completed, scored
from vivavoce.chassis.documents import Index
from vivavoce.chassis.errors import InvalidInput, NotFound
from vivavoce.contracts import (
    AttemptsListed,
    DeliveriesListed,
    DeliveryFound,
    DeliveryStatus,
    GetDelivery,
    ListAttempts,
    ListDeliveries,
)
from vivavoce.notifier import paging
from vivavoce.notifier.tables import ATTEMPT_INDEXES, DELIVERY_INDEXES, ENDPOINT_INDEXES

BOTH = ("interview.completed", "score.generated")


@pytest.fixture
def notifier() -> Notifier:
    return Notifier()


async def heard(notifier: Notifier, count: int) -> list[str]:
    """Facts a second apart, each of them sent; their ids, newest first."""
    ids = [f"event-{number:02}" for number in range(count)]
    for event_id in ids:
        await notifier.hear(scored(), event_id)
        await notifier.send_due()
        await notifier.wait(seconds=1)
    return ids[::-1]


async def test_pages_go_through_all_deliveries_newest_first(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    newest = await heard(notifier, 7)
    assert await all_deliveries(notifier, limit=3) == [newest[:3], newest[3:6], newest[6:]]
    assert await all_deliveries(notifier, limit=7) == [newest]


async def test_what_comes_meanwhile_neither_repeats_nor_hides_anything(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    newest = await heard(notifier, 4)
    question = ListDeliveries(organization_id=ACME, limit=2)
    first = await ask(notifier, question, DeliveriesListed)
    await notifier.hear(scored(), "event-later")
    next_page = question.model_copy(update={"cursor": first.next_cursor})
    second = await ask(notifier, next_page, DeliveriesListed)
    assert [each.event_id for each in (*first.deliveries, *second.deliveries)] == newest


async def test_reading_goes_on_after_any_delivery_of_a_page(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    newest = await heard(notifier, 4)
    for wish in ({}, {"event_type": "score.generated"}):
        question = ListDeliveries(organization_id=ACME, **wish)
        page = await ask(notifier, question, DeliveriesListed)
        assert len(page.cursors) == len(newest)
        for number, cursor in enumerate(page.cursors):
            rest = await ask(notifier, question.model_copy(update={"cursor": cursor}), DeliveriesListed)
            assert [each.event_id for each in rest.deliveries] == newest[number + 1 :]


async def test_what_changed_at_one_time_is_not_read_from_its_middle(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    since = notifier.clock.now() - timedelta(seconds=1)
    await heard(notifier, 2)
    question = ListDeliveries(organization_id=ACME, updated_after=since)
    page = await ask(notifier, question, DeliveriesListed)
    assert (len(page.deliveries), page.cursors) == (2, ())


async def test_deliveries_are_filtered_by_endpoint_status_event_and_time(notifier: Notifier) -> None:
    start = notifier.clock.now()
    one, _ = await notifier.register(f"{HOOK}/1", BOTH)
    await notifier.register(f"{HOOK}/2", ("interview.completed",))
    notifier.sender.answer = lambda request: 500 if request.url.endswith("1") else None
    await heard(notifier, 2)
    await notifier.hear(completed(), "event-c")
    await notifier.send_due()
    assert await all_deliveries(notifier, endpoint_id=one.id) == [["event-c", "event-01", "event-00"]]
    assert await all_deliveries(notifier, status="delivered") == [["event-c"]]
    assert await all_deliveries(notifier, endpoint_id=one.id, status="delivered") == [[]]
    assert await all_deliveries(notifier, event_type="score.generated") == [["event-01", "event-00"]]
    since, until = start + timedelta(seconds=1), start + timedelta(seconds=2)
    assert await all_deliveries(notifier, since=since, until=until) == [["event-01"]]


async def test_what_changed_since_is_told_with_the_last_change_first(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    await heard(notifier, 5)
    since = notifier.clock.now() - timedelta(seconds=4)
    newest = ["event-04", "event-03", "event-02"]
    assert await all_deliveries(notifier, updated_after=since) == [newest]
    assert await all_deliveries(notifier, updated_after=since, limit=1) == [[one] for one in newest]
    assert await all_deliveries(notifier, updated_after=since, status="failed") == [[]]


async def test_what_changed_at_one_time_is_on_one_page(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    since = notifier.clock.now() - timedelta(seconds=1)
    for number in range(5):
        await notifier.hear(scored(), f"event-{number}")
    pages = await all_deliveries(notifier, updated_after=since, limit=2)
    assert sorted(pages[0]) == [f"event-{number}" for number in range(5)]
    assert pages[1:] in ([], [[]])


async def test_a_delivery_is_told_with_what_is_sent(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    await heard(notifier, 1)
    stored = await notifier.delivery("event-00")
    question = GetDelivery(organization_id=ACME, delivery_id=stored.id)
    delivery = (await ask(notifier, question, DeliveryFound)).delivery
    assert (delivery.body, delivery.attempts) == (notifier.sender.sent[0].body, 1)
    assert delivery.status == DeliveryStatus.DELIVERED


async def test_attempts_are_filtered_by_delivery_and_by_how_they_went(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.statuses = [500]
    await heard(notifier, 2)
    await notifier.go_on(seconds=10)
    newest = [("event-00", 204), ("event-01", 204), ("event-00", 500)]
    assert await all_attempts(notifier) == newest
    assert await all_attempts(notifier, endpoint_id=endpoint.id, accepted=False) == newest[2:]
    delivery = await notifier.delivery("event-00")
    assert await all_attempts(notifier, delivery_id=delivery.id) == [newest[0], newest[2]]
    assert await all_attempts(notifier, delivery_id=delivery.id, endpoint_id="another") == []


async def test_nothing_in_the_log_is_anothers(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await heard(notifier, 1)
    stored = await notifier.delivery("event-00")
    assert await all_deliveries(notifier, GLOBEX, endpoint_id=endpoint.id) == [[]]
    attempts = ListAttempts(organization_id=GLOBEX, delivery_id=stored.id)
    assert (await ask(notifier, attempts, AttemptsListed, GLOBEX)).attempts == ()
    question = GetDelivery(organization_id=GLOBEX, delivery_id=stored.id)
    with pytest.raises(NotFound):
        await ask(notifier, question, DeliveryFound, GLOBEX)


@pytest.mark.parametrize("wish", [{"limit": 0}, {"limit": 101}, {"cursor": "///"}, {"cursor": "W10"}])
async def test_a_page_that_cannot_be_is_refused_by_field(notifier: Notifier, wish: dict[str, Any]) -> None:
    for changed in ({}, {"updated_after": notifier.clock.now()}):
        question = ListDeliveries(organization_id=ACME, **wish, **changed)
        with pytest.raises(InvalidInput) as refused:
            await ask(notifier, question, DeliveriesListed)
        assert fields_of(refused.value) == list(wish)


async def test_a_rare_event_is_found_page_by_page_without_looking_at_all_at_once(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MOST_EXAMINED", 4)
    monkeypatch.setattr(paging, "CHUNK", 2)
    await notifier.register(HOOK, BOTH)
    await notifier.hear(completed(), "event-rare")
    await notifier.wait(seconds=1)
    await heard(notifier, 9)
    pages = await all_deliveries(notifier, event_type="interview.completed", limit=1)
    assert pages == [[], [], ["event-rare"]]


def filters() -> Iterator[dict[str, Any]]:
    """All that the log of deliveries can be asked for at once."""
    for endpoint in ({}, {"endpoint_id": "wh-1"}):
        for status in ({}, {"status": "failed"}):
            for changed in ({}, {"updated_after": "2026-03-01T00:00:00Z"}):
                yield {**endpoint, **status, **changed, "event_type": "score.generated"}


@pytest.mark.parametrize("wish", filters())
async def test_every_filter_of_deliveries_is_answered_by_an_index(
    notifier: Notifier, wish: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = watched(notifier.parts.tables.deliveries, monkeypatch)
    await all_deliveries(notifier, **wish)
    assert asked
    assert all(covered(*each, DELIVERY_INDEXES) for each in asked)


async def test_attempts_and_endpoints_are_answered_by_an_index(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = watched(notifier.parts.tables.attempts, monkeypatch)
    endpoints = watched(notifier.parts.tables.endpoints, monkeypatch)
    for wish in ({}, {"endpoint_id": "wh-1"}, {"delivery_id": "del-1"}):
        await all_attempts(notifier, **wish, accepted=False)
    await all_endpoints(notifier, 10)
    await notifier.register(HOOK, SCORES)
    assert all(covered(*each, ATTEMPT_INDEXES) for each in attempts)
    assert all(covered(*each, ENDPOINT_INDEXES) for each in endpoints)
    assert (len(attempts), len(endpoints)) == (3, 3)


def watched(collection: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[set[str], list[str]]]:
    """What a collection is asked for from now on: fields that must equal something, and the order."""
    asked: list[tuple[set[str], list[str]]] = []
    find = collection.find

    async def watching(organization: str, where: Any = None, **more: Any) -> Any:
        equal = {name for name, value in (where or {}).items() if not isinstance(value, dict)}
        asked.append(({"organization_id", *equal}, [name for name, _ in more.get("sort", ())]))
        return await find(organization, where, **more)

    monkeypatch.setattr(collection, "find", watching)
    return asked


def covered(equal: set[str], order: list[str], indexes: Sequence[Index]) -> bool:
    """Whether an index leads to the fields that are equal, and then has them in order.

    What an id names is one organization's, so an index that begins with the delivery needs no other.
    """
    for index in indexes:
        names = [name for name, _ in index.fields]
        wanted = equal if "organization_id" in names else equal - {"organization_id"}
        if set(names[: len(wanted)]) == wanted and names[len(wanted) :][: len(order)] == order:
            return True
    return False
