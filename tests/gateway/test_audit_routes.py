"""Every door through which something is changed leaves one audit entry, and none when it is refused.

The table, with that of accounts beside it, names every such door of the gateway: one that is added without
a row fails here.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from graphql import build_schema

from tests.gateway.test_audit_accounts import ACCOUNT_DOORS
from tests.support.auditing import HOOK, AuditBench
from tests.support.facts import scored
from tests.support.gateway import ACME, submission
from tests.support.interview_facts import AnswerFacts
from vivavoce.contracts import AuditAction
from vivavoce.notifier.deliveries import Outcome

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
READING: set[tuple[str, str]] = {("POST", "/graphql")}
"""Doors that change nothing; GraphQL does by its mutations."""
MUTATIONS: dict[str, AuditAction] = {
    "createInterview": AuditAction.INTERVIEW_SUBMIT,
    "updateScore": AuditAction.SCORE_OVERRIDE,
}
"""What each mutation of the GraphQL schema leaves."""

Prepare = Callable[[AuditBench], Awaitable[str]]


@dataclass(frozen=True)
class Door:
    """How to go through a door: what must be there first, whose id stands in the path, and the body."""

    action: AuditAction
    prepare: Prepare | None = None
    body: Any = None
    wrong_body: Any = None


async def a_key(bench: AuditBench) -> str:
    async with bench.client() as client:
        made = await client.post("/api/admin/api-keys", json={"name": "import"})
    return str(made.json()["id"])


async def an_interview(bench: AuditBench) -> str:
    await bench.submit()
    return ""


async def a_link(bench: AuditBench) -> str:
    await bench.submit()
    async with bench.client() as client:
        wish = {"interviewRecordId": AnswerFacts().interview_id}
        made = await client.post("/api/candidate-links", json=wish)
    return str(made.json()["id"])


async def a_webhook(bench: AuditBench) -> str:
    endpoint, _ = await bench.notifier.register(HOOK, ("score.generated",))
    return endpoint.id


async def an_agreeing_webhook(bench: AuditBench) -> str:
    endpoint_id, clock = await a_webhook(bench), bench.notifier.clock
    agreed = Outcome(
        at=clock.now(), status=204, duration=0.0, response_headers={"webhook-allowed-origin": "*"}
    )
    bench.notifier.sender.answer = lambda _: agreed
    return endpoint_id


async def a_disabled_webhook(bench: AuditBench) -> str:
    endpoint_id = await a_webhook(bench)
    await bench.notifier.change(endpoint_id, active=False)
    return endpoint_id


async def a_delivery(bench: AuditBench) -> str:
    await a_webhook(bench)
    await bench.notifier.hear(scored(), "event-1")
    return (await bench.notifier.delivery("event-1")).id


async def an_old_webhook(bench: AuditBench) -> str:
    endpoint_id = await a_webhook(bench)
    await bench.notifier.wait(hours=2)
    return endpoint_id


SINCE = "2026-03-02T12:30:00Z"
ONE = "/api/webhooks/{webhookId}"
DOORS: dict[tuple[str, str], Door] = {
    ("POST", "/api/interview-record"): Door(
        AuditAction.INTERVIEW_SUBMIT, body=submission(), wrong_body=submission(questions=[])
    ),
    ("POST", "/api/admin/api-keys"): Door(
        AuditAction.API_KEY_CREATE, body={"name": "import"}, wrong_body={"name": ""}
    ),
    ("PATCH", "/api/admin/api-keys/{keyId}"): Door(AuditAction.API_KEY_RENAME, a_key, {"name": "weekly"}),
    ("DELETE", "/api/admin/api-keys/{keyId}"): Door(AuditAction.API_KEY_REVOKE, a_key),
    ("POST", "/api/candidate-links"): Door(
        AuditAction.CANDIDATE_LINK_CREATE, an_interview, {"interviewRecordId": AnswerFacts().interview_id}
    ),
    ("DELETE", "/api/candidate-links/{linkId}"): Door(AuditAction.CANDIDATE_LINK_REVOKE, a_link),
    ("POST", "/api/admin/roles"): Door(
        AuditAction.USER_ROLE_ASSIGN,
        body={"userId": "eve", "role": "interviewer"},
        wrong_body={"userId": "eve", "role": "root"},
    ),
    ("POST", "/api/webhooks/register"): Door(
        AuditAction.WEBHOOK_CREATE,
        body={"url": HOOK, "events": ["score.generated"]},
        wrong_body={"url": "no", "events": []},
    ),
    ("POST", "/api/webhooks/portal-link"): Door(
        AuditAction.PORTAL_LINK_CREATE, body={}, wrong_body={"expiresIn": 1}
    ),
    ("PUT", "/api/webhooks/settings"): Door(
        AuditAction.WEBHOOK_SETTINGS_CHANGE, body={"retentionDays": 9}, wrong_body={"retentionDays": 0}
    ),
    ("PATCH", ONE): Door(AuditAction.WEBHOOK_CHANGE, a_webhook, {"description": "ours"}),
    ("DELETE", ONE): Door(AuditAction.WEBHOOK_DELETE, a_webhook),
    ("POST", f"{ONE}/enable"): Door(AuditAction.WEBHOOK_ENABLE, a_disabled_webhook),
    ("POST", f"{ONE}/disable"): Door(AuditAction.WEBHOOK_DISABLE, a_webhook),
    ("POST", f"{ONE}/verify"): Door(AuditAction.WEBHOOK_VERIFY, an_agreeing_webhook),
    ("POST", f"{ONE}/rotate-secret"): Door(AuditAction.WEBHOOK_ROTATE, a_webhook),
    ("POST", f"{ONE}/test"): Door(AuditAction.WEBHOOK_TEST, a_webhook, {"event": "score.generated"}),
    ("POST", f"{ONE}/replay"): Door(AuditAction.WEBHOOK_REPLAY, an_old_webhook, {"since": SINCE}),
    ("POST", "/api/webhooks/deliveries/{deliveryId}/replay"): Door(
        AuditAction.WEBHOOK_DELIVERY_REPLAY, a_delivery
    ),
}
EACH = pytest.mark.parametrize(("place", "door"), DOORS.items(), ids=[" ".join(place) for place in DOORS])


@pytest.fixture
def bench(tmp_path: Path) -> AuditBench:
    return AuditBench(tmp_path)


async def settled(bench: AuditBench) -> int:
    """How many entries there are once everything recorded has come, twice at that."""
    await bench.deliver()
    await bench.deliver()
    return len(await bench.audited())


def filled(path: str, object_id: str) -> str:
    return path.replace(path[path.find("{") : path.find("}") + 1], object_id) if "{" in path else path


def test_every_door_that_changes_something_is_in_the_table(bench: AuditBench) -> None:
    routes = [(each.path, each.methods or ()) for each in iter_route_contexts(bench.app.routes)]
    changing = {(method, path) for path, methods in routes for method in methods if method in CHANGING}
    assert changing - READING == DOORS.keys() | ACCOUNT_DOORS.keys()


def test_every_mutation_is_in_the_table(bench: AuditBench) -> None:
    root = build_schema(bench.parts.schema.as_str()).mutation_type
    assert set(root.fields if root else ()) == set(MUTATIONS)


@EACH
async def test_going_through_leaves_one_entry(bench: AuditBench, place: tuple[str, str], door: Door) -> None:
    object_id = await door.prepare(bench) if door.prepare else ""
    before = await settled(bench)
    async with bench.client(subject="ada") as client:
        answer = await client.request(
            place[0], filled(place[1], object_id), json=door.body, headers={"X-Correlation-ID": "corr-7"}
        )
    assert answer.is_success, answer.text
    assert await settled(bench) == before + 1
    entry = next(each for each in await bench.audited() if each.correlation_id == "corr-7")
    assert (entry.action, entry.organization_id) == (door.action.value, ACME)
    assert (entry.actor_id, entry.actor_kind, entry.actor_role) == ("ada", "user", "admin")
    assert entry.origin == "203.0.113.0/24"
    assert not object_id or entry.object_id == object_id


@EACH
async def test_being_refused_leaves_none(bench: AuditBench, place: tuple[str, str], door: Door) -> None:
    body = door.wrong_body if door.prepare is None else door.body
    async with bench.client() as client:
        answer = await client.request(place[0], filled(place[1], "nothing"), json=body)
    assert answer.status_code in {400, 404}, answer.text
    assert await settled(bench) == 0


async def test_a_use_and_a_sight_break_no_chain_of_digests(bench: AuditBench) -> None:
    async with bench.client() as client:
        made = (await client.post("/api/admin/api-keys", json={"name": "import"})).json()
        await bench.clock.advance(timedelta(minutes=2))
        async with bench.caller({"apiKey": made["key"]}) as user, bench.client(subject="eve") as eve:
            for number in range(2):
                await user.get("/api/job-result/x")
                await eve.get("/api/job-result/x")
                await bench.parts.access.write()
                name, role = (("weekly", "candidate"), ("daily", "interviewer"))[number]
                await client.patch(f"/api/admin/api-keys/{made['id']}", json={"name": name})
                await client.post("/api/admin/roles", json={"userId": "eve", "role": role})
                await bench.clock.advance(timedelta(minutes=2))
    entries = await bench.audited()
    for kind in ("api_key", "user_role"):
        states = [(each.before, each.after) for each in entries if each.object_kind == kind]
        assert [before for before, _ in states[1:]] == [after for _, after in states[:-1]]


async def test_repeating_a_submission_or_a_revocation_changes_nothing_and_leaves_none(
    bench: AuditBench,
) -> None:
    key_id = await a_key(bench)
    async with bench.client() as client:
        for _ in range(2):
            await client.delete(f"/api/admin/api-keys/{key_id}")
            await client.post("/api/interview-record", json=submission())
    told = {"api_key.create", "api_key.revoke", "interview.submit"}
    assert Counter(entry.action for entry in await bench.audited()) == Counter(told)


async def test_digests_tell_states_apart_and_lead_from_one_to_the_next(bench: AuditBench) -> None:
    webhook_id = await a_webhook(bench)
    await bench.notifier.wait(seconds=1)
    async with bench.client() as client:
        for description in ("one", "two"):
            await client.patch(f"/api/webhooks/{webhook_id}", json={"description": description})
            await bench.notifier.clock.advance(timedelta(seconds=1))
        await client.delete(f"/api/webhooks/{webhook_id}")
    await bench.deliver()
    made, first, second, gone = await bench.audited()
    assert made.before is None
    assert (first.before, second.before, gone.before) == (made.after, first.after, second.after)
    assert gone.after is None
    assert len({made.after, first.after, second.after}) == 3


async def test_a_commit_that_fails_takes_its_entry_with_it(bench: AuditBench) -> None:
    async with bench.client() as client:
        bench.database.away = True
        assert (await client.post("/api/admin/api-keys", json={"name": "import"})).status_code == 503
        bench.database.away = False
    assert await bench.audited() == []


async def test_who_holds_a_key_or_a_portal_link_is_told_by_its_id(bench: AuditBench) -> None:
    async with bench.client() as client:
        made = (await client.post("/api/admin/api-keys", json={"name": "import"})).json()
        link = (await client.post("/api/webhooks/portal-link", json={})).json()["url"]
    webhook_id = await a_webhook(bench)
    token = link.rpartition("=")[2]
    async with bench.caller({"apiKey": made["key"]}) as client:
        await client.patch(f"/api/webhooks/{webhook_id}", json={"description": "key"})
    async with bench.caller({"Authorization": f"Bearer {token}"}, peer="2001:db8:1:2::3") as client:
        await client.patch(f"/api/webhooks/{webhook_id}", json={"description": "portal"})
    await bench.deliver()
    entries = await bench.audited()
    linked = next(each for each in entries if each.action == "portal_link.create")
    changes = [each for each in entries if each.action == "webhook.change"]
    assert {(each.actor_id, each.actor_kind, each.origin) for each in changes} == {
        (f"key_{made['id']}", "api_key", "203.0.113.0/24"),
        (f"portal_{linked.object_id}", "portal", "2001:db8:1::/48"),
    }
