"""Webhooks and deliveries as connections, over a notifier in memory: every row once, each with a cursor."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.notifier.asking import answers_of
from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.asking import codes_of, data_of
from tests.support.facts import completed, scored
from tests.support.gateway import GLOBEX, GatewayBench
from tests.support.webhook_answers import DELIVERY, ENDPOINT, answering
from vivavoce.contracts import DeliveriesListed, WebhooksListed
from vivavoce.notifier import paging

INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
WEBHOOKS = f"""query Page($first: Int, $after: String) {{
  page: webhookConnection(first: $first, after: $after) {{
    edges {{ cursor node {{ row: url }} }} nodes {{ row: url }} {INFO} }} }}"""
DELIVERIES = f"""query Page($filter: WebhookDeliveryFilter, $first: Int, $after: String) {{
  page: webhookDeliveryConnection(filter: $filter, first: $first, after: $after) {{
    edges {{ cursor node {{ row: eventId }} }} nodes {{ row: eventId }} {INFO} }} }}"""
EVENTS = ["event-4", "event-3", "event-2", "event-1", "event-0"]
URLS = [f"{HOOK}/0", f"{HOOK}/1", f"{HOOK}/2", f"{HOOK}/3", f"{HOOK}/4"]
LISTS = pytest.mark.parametrize(("query", "rows"), [(WEBHOOKS, URLS), (DELIVERIES, EVENTS)])


@pytest.fixture
def notifier() -> Notifier:
    return Notifier(webhook_endpoints_per_organization=50)


@pytest.fixture
async def gateway(tmp_path: Path, notifier: Notifier) -> GatewayBench:
    """A gateway whose notifier has five endpoints, of which the first gets five deliveries."""
    gateway = GatewayBench(tmp_path, signing_secret="x" * 32)
    gateway.asker.answer = answers_of(notifier)
    for url in URLS:
        await notifier.register(url, SCORES if url == URLS[0] else ("webhook.exhausted",))
        await notifier.wait(seconds=1)
    for event_id in reversed(EVENTS):
        await hear(notifier, event_id)
    return gateway


async def hear(notifier: Notifier, event_id: str) -> None:
    """A fact that is sent at once."""
    await notifier.hear(scored(), event_id)
    await notifier.send_due()
    await notifier.wait(seconds=1)


async def page(gateway: GatewayBench, query: str, **variables: Any) -> dict[str, Any]:
    """One page."""
    found: dict[str, Any] = (await data_of(gateway, query, **variables))["page"]
    return found


def rows_of(found: dict[str, Any]) -> list[str]:
    """What is on a page; nodes and edges agree."""
    assert [edge["node"] for edge in found["edges"]] == found["nodes"]
    return [node["row"] for node in found["nodes"]]


async def walk(gateway: GatewayBench, query: str, **variables: Any) -> list[list[str]]:
    """Every page."""
    pages, after = [], None
    while True:
        found = await page(gateway, query, after=after, **variables)
        pages.append(rows_of(found))
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return pages


@LISTS
async def test_pages_give_every_row_once_in_order(gateway: GatewayBench, query: str, rows: list[str]) -> None:
    assert await walk(gateway, query, first=2) == [rows[:2], rows[2:4], rows[4:]]
    assert await walk(gateway, query, first=5) == await walk(gateway, query) == [rows]


@LISTS
async def test_reading_goes_on_after_the_cursor_of_any_edge(
    gateway: GatewayBench, query: str, rows: list[str]
) -> None:
    whole = await page(gateway, query)
    for number, edge in enumerate(whole["edges"]):
        assert rows_of(await page(gateway, query, after=edge["cursor"])) == rows[number + 1 :]


@LISTS
async def test_a_page_says_where_it_lies(gateway: GatewayBench, query: str, rows: list[str]) -> None:
    first = await page(gateway, query, first=2)
    cursors = [edge["cursor"] for edge in first["edges"]]
    lies = {"hasNextPage": True, "hasPreviousPage": False, "startCursor": cursors[0], "endCursor": cursors[1]}
    assert first["pageInfo"] == lies
    last = await page(gateway, query, first=len(rows), after=cursors[1])
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    beyond = await page(gateway, query, after=last["pageInfo"]["endCursor"])
    assert (beyond["edges"], beyond["pageInfo"]["hasNextPage"]) == ([], False)


async def test_a_delivery_that_comes_meanwhile_moves_no_page(
    gateway: GatewayBench, notifier: Notifier
) -> None:
    first = await page(gateway, DELIVERIES, first=2)
    await hear(notifier, "event-5")
    rest = await page(gateway, DELIVERIES, after=first["pageInfo"]["endCursor"])
    assert rows_of(first) + rows_of(rest) == EVENTS


async def test_an_endpoint_that_comes_meanwhile_is_at_the_end(
    gateway: GatewayBench, notifier: Notifier
) -> None:
    first = await page(gateway, WEBHOOKS, first=2)
    await notifier.register(f"{HOOK}/late", SCORES)
    rest = await page(gateway, WEBHOOKS, after=first["pageInfo"]["endCursor"])
    assert rows_of(first) + rows_of(rest) == [*URLS, f"{HOOK}/late"]


async def test_deliveries_are_filtered_by_all_that_is_given(
    gateway: GatewayBench, notifier: Notifier
) -> None:
    both, _ = await notifier.register(f"{HOOK}/both", ("interview.completed", "score.generated"))
    notifier.sender.answer = lambda _: 500
    begun = notifier.clock.now().isoformat()
    await notifier.hear(completed(), "event-c")
    await notifier.send_due()
    for wish, expected in (
        ({"webhookId": both.id}, ["event-c"]),
        ({"webhookId": both.id, "status": "DELIVERED"}, []),
        ({"status": "DELIVERED"}, EVENTS),
        ({"event": "interview.completed"}, ["event-c"]),
        ({"since": begun}, ["event-c"]),
        ({"until": begun, "event": "score.generated"}, EVENTS),
    ):
        found = await walk(gateway, DELIVERIES, first=2, filter=wish)
        assert [row for rows in found for row in rows] == expected, wish


async def test_a_page_that_found_nothing_yet_leads_on(
    gateway: GatewayBench, notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await notifier.register(f"{HOOK}/both", ("interview.completed",))
    await notifier.hear(completed(), "event-rare")
    await notifier.wait(seconds=1)
    for number in range(9):
        await hear(notifier, f"event-{5 + number}")
    monkeypatch.setattr(paging, "MOST_EXAMINED", 4)
    monkeypatch.setattr(paging, "CHUNK", 2)
    pages = await walk(gateway, DELIVERIES, first=1, filter={"event": "interview.completed"})
    assert pages[:2] == [[], []]
    assert [row for rows in pages for row in rows] == ["event-rare"]


@LISTS
async def test_a_forged_cursor_is_refused_without_asking(
    gateway: GatewayBench, query: str, rows: list[str]
) -> None:
    cursor = (await page(gateway, query, first=2))["pageInfo"]["endCursor"]
    content = bytearray(base64.urlsafe_b64decode(cursor + "=="))
    content[-1] ^= 1
    forged = base64.urlsafe_b64encode(content).decode().rstrip("=")
    gateway.asker.asked.clear()
    for bad in (forged, cursor[:-4], "", "é", "x" * 500, paging.cursor_of("0")):
        assert await codes_of(gateway, query, after=bad) == ["invalid_cursor"]
    assert gateway.asker.asked == []


async def test_a_cursor_is_good_for_its_own_list_and_organization_only(gateway: GatewayBench) -> None:
    webhooks, deliveries = [
        (await page(gateway, query, first=2))["pageInfo"]["endCursor"] for query in (WEBHOOKS, DELIVERIES)
    ]
    assert await codes_of(gateway, WEBHOOKS, after=deliveries) == ["invalid_cursor"]
    assert await codes_of(gateway, DELIVERIES, after=webhooks) == ["invalid_cursor"]
    assert await codes_of(gateway, DELIVERIES, after=deliveries, organization=GLOBEX) == ["invalid_cursor"]
    interviews = "query Page($after: String) { interviewConnection(after: $after) { nodes { id } } }"
    assert await codes_of(gateway, interviews, after=webhooks) == ["invalid_cursor"]
    assert await codes_of(gateway, DELIVERIES, after=deliveries) == []


@LISTS
async def test_another_organization_sees_nothing(gateway: GatewayBench, query: str, rows: list[str]) -> None:
    assert await walk(gateway, query, organization=GLOBEX) == [[]]
    assert await codes_of(gateway, query, role="candidate") == ["forbidden"]


@LISTS
async def test_a_size_that_cannot_be_is_refused(gateway: GatewayBench, query: str, rows: list[str]) -> None:
    for first in (0, -1, 101):
        assert await codes_of(gateway, query, first=first) == ["invalid_input"]


@pytest.mark.parametrize("wish", [{"event": "interview.submitted"}, {"since": "2026-03-01T12:00:00"}])
async def test_a_filter_that_cannot_be_is_refused(gateway: GatewayBench, wish: dict[str, str]) -> None:
    assert await codes_of(gateway, DELIVERIES, filter=wish) == ["invalid_input"]


@LISTS
async def test_a_notifier_that_tells_no_cursors_yet_is_awaited(
    gateway: GatewayBench, query: str, rows: list[str]
) -> None:
    webhooks, deliveries = WebhooksListed(endpoints=(ENDPOINT,)), DeliveriesListed(deliveries=(DELIVERY,))
    gateway.asker.answer = answering(ListWebhooks=webhooks, ListDeliveries=deliveries)
    assert await codes_of(gateway, query) == ["notifier_away"]
