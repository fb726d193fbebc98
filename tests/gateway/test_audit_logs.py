"""`GET /api/admin/audit-logs`: the organization's own entries, newest first, by filters and pages."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.auditing import AuditBench
from tests.support.gateway import ACME, GLOBEX, NOON, submission
from vivavoce.chassis.correlation import Context
from vivavoce.contracts import Actor, AuditAction
from vivavoce.gateway.audit.entries import ENTRY_INDEXES, NARROWING
from vivavoce.gateway.audit.reading import MOST_EXAMINED

LOGS = "/api/admin/audit-logs"
CREATE, REVOKE = AuditAction.API_KEY_CREATE, AuditAction.API_KEY_REVOKE


@pytest.fixture
def bench(tmp_path: Path) -> AuditBench:
    return AuditBench(tmp_path)


async def did(
    bench: AuditBench, actor: str, action: AuditAction, what: str, organization: str = ACME, corr: str = "c"
) -> None:
    """Somebody did something, a second after what was done before."""
    context = Context(organization, corr, actor=Actor(id=actor, kind="user"))
    await bench.parts.audit.note(context, action, what)
    await bench.clock.advance(timedelta(seconds=1))


async def asked(bench: AuditBench, organization: str = ACME, **query: Any) -> Any:
    async with bench.client(organization) as client:
        return await client.get(LOGS, params=query)


async def shown(bench: AuditBench, **query: Any) -> list[str]:
    """The objects of the entries on the first page."""
    answer = await asked(bench, **query)
    assert answer.status_code == 200, answer.text
    return [entry["object"]["id"] for entry in answer.json()["auditLogs"]]


async def test_an_entry_says_who_did_what_to_what_from_where_and_when(bench: AuditBench) -> None:
    async with bench.client(subject="ada") as client:
        sent = await client.post(
            "/api/interview-record", json=submission(), headers={"X-Correlation-ID": "corr-9"}
        )
    await bench.chain()
    (entry,) = (await asked(bench)).json()["auditLogs"]
    assert {name: value for name, value in entry.items() if name not in {"id", "after", "hash"}} == {
        "number": 1,
        "at": "2026-03-02T12:00:00Z",
        "action": "interview.submit",
        "actor": {"id": "ada", "kind": "user", "role": "admin"},
        "object": {"kind": "interview", "id": sent.json()["interviewRecordId"]},
        "origin": "203.0.113.0/24",
        "correlationId": "corr-9",
        "before": None,
    }
    assert len(entry["after"]) == len(entry["hash"]) == 64


async def test_an_entry_is_shown_before_it_is_chained(bench: AuditBench) -> None:
    await did(bench, "ada", CREATE, "k1")
    (entry,) = (await asked(bench)).json()["auditLogs"]
    assert (entry["number"], entry["hash"]) == (None, None)


async def test_each_filter_narrows_and_all_together_narrow_most(bench: AuditBench) -> None:
    await did(bench, "ada", CREATE, "k1", corr="c1")
    await did(bench, "bob", CREATE, "k2", corr="c2")
    await did(bench, "ada", REVOKE, "k1", corr="c3")
    await did(bench, "ada", AuditAction.PORTAL_LINK_CREATE, "p1", corr="c3")
    assert await shown(bench) == ["p1", "k1", "k2", "k1"]
    assert await shown(bench, actor="bob") == ["k2"]
    assert await shown(bench, action="api_key.create") == ["k2", "k1"]
    assert await shown(bench, objectKind="portal_link") == ["p1"]
    assert await shown(bench, objectId="k1") == ["k1", "k1"]
    assert await shown(bench, correlationId="c3") == ["p1", "k1"]
    assert await shown(bench, correlationId="c3", actor="ada", objectKind="api_key", objectId="k1") == ["k1"]
    assert await shown(bench, correlationId="c3", actor="bob") == []


async def test_times_are_from_until_before_in_any_time_zone(bench: AuditBench) -> None:
    for number in range(4):
        await did(bench, "ada", CREATE, f"k{number}")
    since, until = (NOON + timedelta(seconds=1)).isoformat(), "2026-03-02T15:30:03+03:30"
    assert await shown(bench, **{"from": since, "to": until}) == ["k2", "k1"]
    assert await shown(bench, **{"from": since, "to": until, "actor": "ada"}) == ["k2", "k1"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-03-02T12:00:00Z", "to": "2026-03-02T12:00:00+01:00"}, "to"),
        ({"from": "2026-03-02T12:00:00Z", "to": "2026-03-02T12:00:00Z"}, "to"),
        ({"from": "2026-03-02T12:00:00"}, "from"),
        ({"from": "2016-12-31T23:59:60Z"}, "from"),
        ({"to": "yesterday"}, "to"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"action": "everything"}, "action"),
        ({"actor": ""}, "actor"),
        ({"cursor": "forged"}, "cursor"),
        ({"cursor": "WyIyMDI2Il0"}, "cursor"),
        ({"cursor": "[" * 500}, "cursor"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_named(
    bench: AuditBench, query: dict[str, str], field: str
) -> None:
    answer = await asked(bench, **query)
    assert answer.status_code == 400
    assert [each["path"] for each in answer.json()["fields"]] == [field]


async def test_pages_hold_everything_once_while_entries_come(bench: AuditBench) -> None:
    for number in range(7):
        await did(bench, "ada", CREATE, f"k{number}")
    seen: list[str] = []
    query: dict[str, str] = {"limit": "3", "actor": "ada", "objectKind": "api_key"}
    while True:
        body = (await asked(bench, **query)).json()
        seen += [entry["object"]["id"] for entry in body["auditLogs"]]
        await did(bench, "ada", CREATE, "later")
        if body["nextCursor"] is None:
            break
        query["cursor"] = body["nextCursor"]
    assert seen == [f"k{number}" for number in reversed(range(7))]


async def test_a_page_looks_at_a_bounded_number_of_entries(bench: AuditBench) -> None:
    await did(bench, "bob", CREATE, "the only one")
    for number in range(MOST_EXAMINED):
        await did(bench, "ada", CREATE, f"k{number}")
    first = (await asked(bench, action="api_key.create", actor="bob", objectKind="api_key")).json()
    assert len(first["auditLogs"]) == 1
    rare = (await asked(bench, action="api_key.create", objectKind="webhook")).json()
    assert rare["auditLogs"] == []
    rest = await asked(bench, action="api_key.create", objectKind="webhook", cursor=rare["nextCursor"])
    assert (rest.status_code, rest.json()["nextCursor"]) == (200, None)
    alone = (await asked(bench, objectKind="webhook")).json()
    assert (alone["auditLogs"], alone["nextCursor"]) == ([], rare["nextCursor"])


async def test_a_cursor_of_another_organization_or_with_another_place_is_none(bench: AuditBench) -> None:
    for organization in (ACME, GLOBEX):
        for number in range(3):
            await did(bench, "ada", CREATE, f"k{number}", organization)
    cursor = (await asked(bench, GLOBEX, limit="1")).json()["nextCursor"]
    place, mark = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    moved = base64.urlsafe_b64encode(json.dumps([place[:-1], mark]).encode()).decode().rstrip("=")
    assert (await asked(bench, GLOBEX, cursor=cursor)).status_code == 200
    assert (await asked(bench, ACME, cursor=cursor)).status_code == 400
    assert (await asked(bench, GLOBEX, cursor=moved)).status_code == 400


async def test_another_organizations_entries_are_never_shown(bench: AuditBench) -> None:
    await did(bench, "ada", CREATE, "theirs", GLOBEX, corr="shared")
    await did(bench, "ada", CREATE, "ours", ACME, corr="shared")
    for query in ({}, {"actor": "ada"}, {"correlationId": "shared"}, {"objectKind": "api_key"}):
        assert await shown(bench, **query) == ["ours"]
    assert await shown(bench, objectId="theirs") == []


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("interviewer", 403), ("candidate", 403)])
async def test_only_administrators_read_it(bench: AuditBench, role: str, status: int) -> None:
    async with bench.client(role=role) as client:
        assert (await client.get(LOGS)).status_code == status
    async with bench.caller() as client:
        assert (await client.get(LOGS)).status_code == 401


def test_every_list_has_an_index_that_ends_in_its_order() -> None:
    served = {tuple(name for name, _ in index.fields) for index in ENTRY_INDEXES}
    wanted = {("organization_id", name, "place") for name in NARROWING} | {("organization_id", "place")}
    assert wanted <= served


async def test_what_another_service_recorded_is_stored_once_under_its_own_time(bench: AuditBench) -> None:
    await bench.notifier.register("https://hooks.example/", ("score.generated",))
    at = bench.notifier.clock.now()
    await bench.clock.advance(timedelta(minutes=1))
    assert await bench.deliver() == await bench.deliver() == 1
    (entry,) = await bench.audited()
    assert (entry.at, entry.action, entry.actor_kind) == (at, "webhook.create", "unknown")
