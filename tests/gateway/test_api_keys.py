"""API keys over their whole life: given, used, listed, renamed, ended."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.gateway import ACME, GLOBEX, NOON, GatewayBench, submission
from vivavoce.gateway.auth.principals import IMPLIED, Permission, grants
from vivavoce.gateway.auth.scopes import SCOPES

KEYS = "/api/admin/api-keys"
RECORD = "/api/interview-record"


async def made(gateway: GatewayBench, organization: str = ACME, **body: Any) -> dict[str, Any]:
    async with gateway.client(organization) as client:
        response = await client.post(KEYS, json={"name": "nightly import", **body})
    assert response.status_code == 201, response.text
    return dict(response.json())


async def refused(gateway: GatewayBench, **body: Any) -> Any:
    async with gateway.client() as client:
        response = await client.post(KEYS, json={"name": "nightly import", **body})
    assert response.status_code == 400, response.text
    return response.json()["fields"][0]["path"]


async def status_with(gateway: GatewayBench, key: str, path: str = "/api/job-result/x") -> int:
    async with gateway.caller({"apiKey": key}) as client:
        return (await client.get(path)).status_code


async def shown(gateway: GatewayBench, key_id: str) -> dict[str, Any]:
    async with gateway.client() as client:
        response = await client.get(f"{KEYS}/{key_id}")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_one_key_is_shown_without_its_secret(gateway: GatewayBench) -> None:
    created = await made(gateway, scopes=["interviews:read"])
    body = await shown(gateway, created["id"])
    assert body == {name: value for name, value in created.items() if name != "key"}
    assert (body["prefix"], body["createdBy"]) == (f"viva_{body['id']}", "user-1")


async def test_a_key_ends_by_itself(gateway: GatewayBench) -> None:
    expires_at = NOON + timedelta(days=1)
    created = await made(gateway, expiresAt=expires_at.isoformat())
    assert created["expiresAt"] == "2026-03-03T12:00:00Z"
    assert await status_with(gateway, created["key"]) == 404
    await gateway.clock.advance(timedelta(days=1))
    assert await status_with(gateway, created["key"]) == 401


@pytest.mark.parametrize(
    "expires_at",
    [
        "2026-03-02T12:00:00Z",
        "2020-01-01T00:00:00Z",
        "2027-03-04T00:00:00Z",
        "2026-05-01T00:00:00",
        "soon",
        7e18,
    ],
)
async def test_a_key_ends_in_time_or_is_refused(gateway: GatewayBench, expires_at: object) -> None:
    assert await refused(gateway, expiresAt=expires_at) == "expiresAt"


async def test_how_far_ahead_a_key_may_end_is_a_setting(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, api_key_longest_days=7)
    await made(gateway, expiresAt=(NOON + timedelta(days=7)).isoformat())
    assert await refused(gateway, expiresAt=(NOON + timedelta(days=8)).isoformat()) == "expiresAt"


async def test_a_wildcard_reaches_over_its_area_and_no_further(gateway: GatewayBench) -> None:
    key = (await made(gateway, scopes=["interviews:*"]))["key"]
    async with gateway.caller({"apiKey": key}) as client:
        assert (await client.post(RECORD, json=submission())).status_code == 202
        assert (await client.get("/api/job-result/x")).status_code == 404
        assert (await client.get(KEYS)).status_code == 403


async def test_who_may_view_results_does_not_read_everything_else(gateway: GatewayBench) -> None:
    key = (await made(gateway, scopes=["results:view"]))["key"]
    assert await status_with(gateway, key) == 404
    async with gateway.caller({"apiKey": key}) as client:
        assert (await client.post("/graphql", json={"query": "{ __typename }"})).status_code == 403


@pytest.mark.parametrize("scope", ["interviews", "interviews:everything", "**", "", "*:read", 7])
async def test_a_scope_that_is_none_is_refused(gateway: GatewayBench, scope: object) -> None:
    assert await refused(gateway, scopes=[scope]) == "scopes.0"


@pytest.mark.parametrize(
    ("held", "wanted", "expected"),
    [
        (["keys:manage", "interviews:read"], ["interviews:read"], 201),
        (["keys:manage", "interviews:read"], ["results:view"], 201),
        (["keys:manage", "interviews:read"], ["interviews:write"], 403),
        (["keys:manage", "interviews:read", "interviews:write"], ["interviews:*"], 403),
        (["keys:manage", "interviews:*"], ["interviews:*"], 201),
        (["keys:*"], ["*"], 403),
        (["*"], ["*"], 201),
    ],
)
async def test_nobody_gives_away_more_than_they_have(
    gateway: GatewayBench, held: list[str], wanted: list[str], expected: int
) -> None:
    key = (await made(gateway, scopes=held))["key"]
    async with gateway.caller({"apiKey": key}) as client:
        response = await client.post(KEYS, json={"name": "child", "scopes": wanted})
    assert response.status_code == expected


@given(held=st.frozensets(st.sampled_from(SCOPES)), given_away=st.frozensets(st.sampled_from(SCOPES)))
def test_what_is_given_away_grants_nothing_that_was_not_held(
    held: frozenset[str], given_away: frozenset[str]
) -> None:
    if all(grants(held, scope) for scope in given_away):
        granted = {permission for permission in Permission if grants(given_away, permission)}
        assert granted <= {permission for permission in Permission if grants(held, permission)}


def test_a_permission_that_comes_with_another_is_no_stronger() -> None:
    assert {Permission.VIEW: Permission.READ} == IMPLIED
    assert not grants({Permission.VIEW}, Permission.READ)


async def test_keys_are_listed_in_pages_oldest_first(gateway: GatewayBench) -> None:
    made_in_order = []
    for number in range(5):
        made_in_order.append((await made(gateway, name=f"key {number}"))["id"])
        await gateway.clock.advance(timedelta(seconds=1))
    await made(gateway, GLOBEX)
    assert await listed(gateway, limit=2) == made_in_order


async def test_keys_of_one_moment_are_each_listed_once(gateway: GatewayBench) -> None:
    ids = [(await made(gateway))["id"] for _ in range(5)]
    assert sorted(await listed(gateway, limit=2)) == sorted(ids)


async def listed(gateway: GatewayBench, limit: int) -> Sequence[str]:
    """The ids of all pages."""
    found: list[str] = []
    cursor: str | None = None
    async with gateway.client() as client:
        while True:
            query = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
            body = (await client.get(KEYS, params=query)).json()
            assert len(body["apiKeys"]) <= limit
            found += [key["id"] for key in body["apiKeys"]]
            cursor = body["nextCursor"]
            if cursor is None:
                return found


@pytest.mark.parametrize("cursor", ["", "nonsense", "W10", "WzFd", "é", "x" * 501, "WyJcdWQ4MDAiXQ"])
async def test_a_forged_cursor_is_refused(gateway: GatewayBench, cursor: str) -> None:
    async with gateway.client() as client:
        response = await client.get(KEYS, params={"cursor": cursor})
    assert (response.status_code, response.json()["fields"][0]["path"]) == (400, "cursor")


async def test_a_key_is_renamed_and_stays_what_it_is(gateway: GatewayBench) -> None:
    created = await made(gateway)
    async with gateway.client() as client:
        response = await client.patch(f"{KEYS}/{created['id']}", json={"name": "weekly", "scopes": ["*"]})
    assert response.json()["name"] == "weekly"
    assert response.json()["scopes"] == created["scopes"]
    assert await status_with(gateway, created["key"]) == 404


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": {"$gt": ""}}, {"name": "x" * 201}])
async def test_a_name_that_is_none_is_refused(gateway: GatewayBench, body: Any) -> None:
    created = await made(gateway)
    async with gateway.client() as client:
        assert (await client.patch(f"{KEYS}/{created['id']}", json=body)).status_code == 400


async def test_when_a_key_was_used_is_noted_off_the_request_path(gateway: GatewayBench) -> None:
    created = await made(gateway)
    await gateway.clock.advance(timedelta(minutes=5))
    await status_with(gateway, created["key"])
    assert (await shown(gateway, created["id"]))["lastUsedAt"] is None
    await gateway.parts.access.write()
    assert (await shown(gateway, created["id"]))["lastUsedAt"] == "2026-03-02T12:05:00Z"


async def test_a_use_is_written_at_most_once_a_minute(gateway: GatewayBench) -> None:
    created = await made(gateway)
    seen = set()
    for _ in range(13):
        await status_with(gateway, created["key"])
        await gateway.parts.access.write()
        seen.add((await shown(gateway, created["id"]))["lastUsedAt"])
        await gateway.clock.advance(timedelta(seconds=10))
    assert seen == {"2026-03-02T12:00:00Z", "2026-03-02T12:01:00Z", "2026-03-02T12:02:00Z"}


async def test_a_key_that_is_refused_was_not_used(gateway: GatewayBench) -> None:
    created = await made(gateway)
    await status_with(gateway, created["key"][:-1] + ("A" if created["key"][-1] != "A" else "B"))
    await gateway.parts.access.write()
    assert (await shown(gateway, created["id"]))["lastUsedAt"] is None


async def test_a_use_that_is_written_late_takes_no_revocation_back(gateway: GatewayBench) -> None:
    created = await made(gateway)
    await status_with(gateway, created["key"])
    async with gateway.client() as client:
        await client.delete(f"{KEYS}/{created['id']}")
    await gateway.parts.access.write()
    assert (await shown(gateway, created["id"]))["revokedAt"] is not None
    assert await status_with(gateway, created["key"]) == 401


async def test_another_organization_finds_no_key_by_its_id(gateway: GatewayBench) -> None:
    path = f"{KEYS}/{(await made(gateway))['id']}"
    async with gateway.client(GLOBEX) as other:
        answers = [
            await other.get(path),
            await other.patch(path, json={"name": "mine"}),
            await other.delete(path),
        ]
    assert [each.status_code for each in answers] == [404, 404, 404]


@pytest.mark.parametrize("role", ["interviewer", "candidate"])
async def test_only_administrators_see_keys(gateway: GatewayBench, role: str) -> None:
    path = f"{KEYS}/{(await made(gateway))['id']}"
    async with gateway.client(role=role) as client:
        assert (await client.get(path)).status_code == 403
        assert (await client.patch(path, json={"name": "mine"})).status_code == 403
