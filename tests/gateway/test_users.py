"""Users and their roles: who has come, and who may do what from now on."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.gateway.users_suite import UsersSuite
from tests.support.databases import NOON, SOURCE
from tests.support.gateway import ACME, GLOBEX, GatewayBench, submission, token
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.contracts import AccessChanged, AccessKind

USERS = "/api/admin/users"
ROLES = "/api/admin/roles"
KEYS = "/api/admin/api-keys"


class TestUsersInMemory(UsersSuite):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(NOON)

    @pytest.fixture
    def database(self, clock: ManualClock) -> MemoryDatabase:
        return MemoryDatabase(source=SOURCE, clock=clock)


async def users(gateway: GatewayBench, organization: str = ACME, **query: str) -> list[dict[str, Any]]:
    """Who is listed, once what was noted is written."""
    await gateway.parts.access.write()
    async with gateway.client(organization, subject="root") as client:
        response = await client.get(USERS, params=query)
    assert response.status_code == 200, response.text
    return [each for each in response.json()["users"] if each["id"] != "root"]


async def assign(gateway: GatewayBench, user_id: Any, role: Any, organization: str = ACME) -> httpx.Response:
    async with gateway.client(organization, subject="root") as client:
        return await client.post(ROLES, json={"userId": user_id, "role": role})


async def may_manage_keys(gateway: GatewayBench, role: str = "candidate", subject: str = "ada") -> int:
    async with gateway.client(role=role, subject=subject) as client:
        return (await client.get(KEYS)).status_code


async def test_who_comes_with_a_token_is_noted_off_the_request_path(gateway: GatewayBench) -> None:
    await may_manage_keys(gateway)
    async with gateway.client(subject="root") as client:
        assert (await client.get(USERS)).json()["users"] == []
    [ada] = await users(gateway)
    assert ada == {
        "id": "ada",
        "number": 1,
        "role": "candidate",
        "tokenRole": "candidate",
        "assignedRole": None,
        "firstSeenAt": "2026-03-02T12:00:00Z",
        "lastSeenAt": "2026-03-02T12:00:00Z",
    }


async def test_who_comes_without_a_believed_token_is_not_noted(gateway: GatewayBench) -> None:
    async with gateway.caller({"Authorization": f"Bearer {token(aud='another')}"}) as client:
        await client.get(USERS)
    async with gateway.caller(peer="127.0.0.1") as client:
        await client.get(USERS)
    key = await key_of(gateway, scopes=["*"])
    async with gateway.caller({"apiKey": key}) as client:
        assert (await client.get(USERS)).status_code == 200
    assert await users(gateway) == []
    assert await users(gateway, "org_local") == []


async def key_of(gateway: GatewayBench, scopes: list[str], subject: str = "root") -> str:
    async with gateway.client(subject=subject) as client:
        return str((await client.post(KEYS, json={"name": "key", "scopes": scopes})).json()["key"])


async def test_an_assigned_role_outranks_the_tokens(gateway: GatewayBench) -> None:
    assert await may_manage_keys(gateway) == 403
    response = await assign(gateway, "ada", "admin")
    assert (response.status_code, response.json()["role"]) == (200, "admin")
    assert await may_manage_keys(gateway) == 200
    assert (await assign(gateway, "ada", "interviewer")).status_code == 200
    assert await may_manage_keys(gateway, role="admin") == 403


async def test_an_assigned_role_is_taken_back(gateway: GatewayBench) -> None:
    await assign(gateway, "ada", "candidate")
    assert await may_manage_keys(gateway, role="admin") == 403
    assert (await assign(gateway, "ada", None)).json()["assignedRole"] is None
    assert await may_manage_keys(gateway, role="admin") == 200


async def test_somebody_who_has_not_come_yet_can_be_given_a_role(gateway: GatewayBench) -> None:
    invited = (await assign(gateway, "ada", "interviewer")).json()
    assert (invited["number"], invited["firstSeenAt"], invited["tokenRole"]) == (1, None, None)
    async with gateway.client(role="candidate", subject="ada") as ada:
        assert (await ada.get("/api/candidate-links")).status_code == 200
    [listed] = await users(gateway)
    assert (listed["number"], listed["role"], listed["tokenRole"]) == (1, "interviewer", "candidate")
    assert listed["firstSeenAt"] is not None


async def test_nothing_is_taken_back_from_nobody(gateway: GatewayBench) -> None:
    assert (await assign(gateway, "nobody", None)).status_code == 404
    assert await users(gateway) == []


async def test_nobody_changes_their_own_role(gateway: GatewayBench) -> None:
    for role in ("admin", "candidate", None):
        assert (await assign(gateway, "root", role)).status_code == 403


async def test_nobody_changes_their_own_role_through_a_key_or_a_key_of_that_key(
    gateway: GatewayBench,
) -> None:
    key = await key_of(gateway, ["*"])
    async with gateway.caller({"apiKey": key}) as client:
        child = (await client.post(KEYS, json={"name": "child", "scopes": ["*"]})).json()["key"]
    for each in (key, child):
        async with gateway.caller({"apiKey": each}) as client:
            assert (await client.post(ROLES, json={"userId": "root", "role": "admin"})).status_code == 403
            assert (await client.post(ROLES, json={"userId": "ada", "role": "admin"})).status_code == 200


async def test_a_limited_key_makes_nobody_stronger_than_itself(gateway: GatewayBench) -> None:
    await assign(gateway, "ada", "candidate")
    await may_manage_keys(gateway, role="admin")
    await gateway.parts.access.write()
    key = await key_of(gateway, ["users:manage", "interviews:*"])
    async with gateway.caller({"apiKey": key}) as client:
        assert (await client.post(ROLES, json={"userId": "bob", "role": "candidate"})).status_code == 200
        assert (await client.post(ROLES, json={"userId": "bob", "role": "interviewer"})).status_code == 403
        assert (await client.post(ROLES, json={"userId": "ada", "role": None})).status_code == 403
    assert await may_manage_keys(gateway, role="admin") == 403


async def test_a_role_reaches_what_staff_see(gateway: GatewayBench) -> None:
    record = (await gateway.submit())["interviewRecordId"]
    async with gateway.client(role="candidate", subject="ada") as ada:
        assert (await ada.get(f"/api/interview-record/{record}")).status_code == 404
        await assign(gateway, "ada", "interviewer")
        assert (await ada.get(f"/api/interview-record/{record}")).status_code == 200
        assert (await ada.post("/api/interview-record", json=submission("mine"))).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"userId": "ada"},
        {"userId": "ada", "role": "root"},
        {"userId": "", "role": "admin"},
        {"userId": {"$gt": ""}, "role": "admin"},
        {"userId": "a\x00", "role": "admin"},
        {"userId": "ada", "role": ["admin"]},
    ],
)
async def test_an_assignment_that_is_none_is_refused(gateway: GatewayBench, body: Any) -> None:
    async with gateway.client(subject="root") as client:
        assert (await client.post(ROLES, json=body)).status_code == 400


@pytest.mark.parametrize("role", ["interviewer", "candidate"])
async def test_only_administrators_see_users_and_give_roles(gateway: GatewayBench, role: str) -> None:
    async with gateway.client(role=role) as client:
        assert (await client.get(USERS)).status_code == 403
        assert (await client.post(ROLES, json={"userId": "ada", "role": "admin"})).status_code == 403


async def test_users_are_filtered_by_the_role_they_act_in(gateway: GatewayBench) -> None:
    for name in ("ada", "bob", "eve"):
        await may_manage_keys(gateway, subject=name)
    await assign(gateway, "bob", "interviewer")
    assert [each["id"] for each in await users(gateway, role="candidate")] == ["ada", "eve"]
    assert [each["id"] for each in await users(gateway, role="interviewer")] == ["bob"]
    async with gateway.client(subject="root") as client:
        assert (await client.get(USERS, params={"role": "$ne"})).status_code == 400


async def test_another_organization_neither_sees_nor_changes_ours(gateway: GatewayBench) -> None:
    await may_manage_keys(gateway)
    assert [each["id"] for each in await users(gateway)] == ["ada"]
    assert await users(gateway, GLOBEX) == []
    assert (await assign(gateway, "ada", None, GLOBEX)).status_code == 404
    assert (await assign(gateway, "ada", "admin", GLOBEX)).status_code == 200
    assert await may_manage_keys(gateway) == 403
    [ada] = await users(gateway)
    assert ada["assignedRole"] is None


async def test_a_change_is_told_once_and_names_nobody(gateway: GatewayBench) -> None:
    for _ in range(2):
        await assign(gateway, "ada@example.org", "admin")
    [told] = [fact for _, fact in await gateway.emitted() if isinstance(fact, AccessChanged)]
    assert (told.organization_id, told.kind) == (ACME, AccessKind.USER_ROLE)
    assert "ada" not in told.model_dump_json()


async def test_a_name_that_is_no_text_is_refused(gateway: GatewayBench) -> None:
    async with gateway.client(subject="\ud800") as client:
        assert (await client.get(USERS)).status_code == 401


async def test_a_user_who_is_busy_is_noted_once_a_minute(gateway: GatewayBench) -> None:
    sights = set()
    for _ in range(13):
        await may_manage_keys(gateway)
        sights.add((await users(gateway))[0]["lastSeenAt"])
        await gateway.clock.advance(timedelta(seconds=10))
    assert len(sights) == 3
