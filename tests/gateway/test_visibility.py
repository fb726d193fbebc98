"""What wildcards cover, and which interviews a candidate sees: their own, and nothing else."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.gateway import ACME, GLOBEX, GatewayBench, submission, token
from tests.support.interview_facts import AnswerFacts
from vivavoce.gateway.auth.principals import PERMISSIONS, Kind, Permission, Role, grants, user

ANSWER = AnswerFacts()
ADA = "ada.y@example.org"
READS = (
    f"/api/interview-record/{ANSWER.interview_id}",
    f"/api/interview-record/{ANSWER.interview_id}/events",
    f"/api/job-result/by-job/{ANSWER.answer_id}",
    "/api/job-result/video-1",
)


@pytest.mark.parametrize(
    ("held", "wanted", "expected"),
    [
        ({"*"}, "keys:manage", True),
        ({"interviews:*"}, "interviews:read", True),
        ({"interviews:*"}, "interviews:write", True),
        ({"interviews:*"}, "scores:write", False),
        ({"interviews:read"}, "interviews:read", True),
        ({"interviews:read"}, "interviews:write", False),
        ({"interviews:read"}, "interviews:*", False),
        ({"interviews:*"}, "interviews:*", True),
        ({"interviews:*"}, "*", False),
        ({"*"}, "*", True),
        ({"*:read"}, "interviews:read", False),
        ({"inter*"}, "interviews:read", False),
        ({"interviews"}, "interviews:read", False),
        (set(), "interviews:read", False),
    ],
)
def test_a_wildcard_covers_its_subject_or_everything(held: set[str], wanted: str, expected: bool) -> None:
    assert grants(held, wanted) is expected


@settings(deadline=None, derandomize=True)
@given(st.sets(st.sampled_from([*Permission, "interviews:*", "keys:*"])), st.sampled_from([*Permission]))
def test_nothing_but_the_permission_and_its_wildcards_grants_it(held: set[str], wanted: Permission) -> None:
    subject = wanted.split(":")[0]
    implying = {Permission.READ, "interviews:*"} if wanted is Permission.VIEW else set()
    assert grants(held, wanted) is bool({wanted, f"{subject}:*", *implying} & held)


def test_an_admin_may_do_everything_and_others_what_their_role_names() -> None:
    assert PERMISSIONS[Role.ADMIN] == {"*"}
    assert all(user("u", ACME, Role.ADMIN).allows(each) for each in Permission)
    assert not user("u", ACME, Role.INTERVIEWER).allows(Permission.KEYS)
    assert not user("u", ACME, Role.CANDIDATE).allows(Permission.WEBHOOKS)


async def test_a_principal_says_what_it_is_known_by(gateway: GatewayBench) -> None:
    assert (await gateway.parts.tokens.read(token())).kind is Kind.USER
    async with gateway.client() as client:
        key = (await client.post("/api/admin/api-keys", json={"name": "nightly"})).json()["key"]
    assert (await gateway.parts.api_keys.recognize(key)).kind is Kind.API_KEY


def candidate(gateway: GatewayBench, organization: str = ACME, **claims: Any) -> httpx.AsyncClient:
    signed = token(organization, "candidate", "ada", **claims)
    return gateway.caller({"Authorization": f"Bearer {signed}"})


async def finish(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.scored(), ANSWER.completed())


@pytest.mark.parametrize("path", READS)
async def test_a_candidate_with_a_verified_address_reads_their_interview(
    gateway: GatewayBench, path: str
) -> None:
    await finish(gateway)
    async with candidate(gateway, email="ADA.Y@example.org", email_verified=True) as ada:
        assert (await ada.get(path)).status_code == 200


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": ADA},
        {"email": ADA, "email_verified": False},
        {"email": "eve@example.org", "email_verified": True},
        {"email": "ada.y@example.org.evil.example", "email_verified": True},
        {"email": "@", "email_verified": True},
    ],
)
async def test_without_it_the_interview_does_not_exist(
    gateway: GatewayBench, path: str, claims: dict[str, Any]
) -> None:
    await finish(gateway)
    async with candidate(gateway, **claims) as eve:
        assert (await eve.get(path)).status_code == 404


@pytest.mark.parametrize("path", READS)
async def test_the_same_address_in_another_organization_sees_nothing(
    gateway: GatewayBench, path: str
) -> None:
    await finish(gateway)
    async with candidate(gateway, GLOBEX, email=ADA, email_verified=True) as ada:
        assert (await ada.get(path)).status_code == 404


async def listed(client: httpx.AsyncClient, user_id: str) -> list[str]:
    query = f'{{ interviews(userId: "{user_id}") {{ id answers {{ id }} }} }}'
    data = (await client.post("/graphql", json={"query": query})).json()["data"]
    return [each["id"] for each in data["interviews"] if each["answers"]]


async def test_a_candidate_lists_what_they_submitted_and_what_is_about_them(gateway: GatewayBench) -> None:
    about_ada = (await gateway.submit())["interviewRecordId"]
    other = {"name": "Bob", "surname": "Roe", "email": "bob@example.org"}
    await gateway.submit(request_id="req-2", candidate=other)
    async with candidate(gateway, email=ADA, email_verified=True) as ada:
        body = submission(request_id="req-3", candidate=other)
        handed_in = (await ada.post("/api/interview-record", json=body)).json()["interviewRecordId"]
        assert sorted(await listed(ada, "ada")) == sorted([about_ada, handed_in])
        assert await listed(ada, " Ada.Y@Example.org ") == [about_ada]
        assert await listed(ada, "bob@example.org") == []
        assert await listed(ada, "user-1") == []
    async with candidate(gateway) as unverified:
        assert await listed(unverified, "ada") == [handed_in]
        assert await listed(unverified, ADA) == []


async def test_of_two_answers_under_one_id_a_candidate_gets_their_own_latest(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.clock.advance(timedelta(minutes=1))
    other = {"name": "Bob", "surname": "Roe", "email": "bob@example.org"}
    await gateway.submit(request_id="req-2", candidate=other)
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.scored(), ANSWER.completed())
    async with candidate(gateway, email=ADA, email_verified=True) as ada, gateway.client() as admin:
        assert (await ada.get("/api/job-result/video-1")).status_code == 200
        assert (await admin.get("/api/job-result/video-1")).status_code == 404


async def test_seeing_an_interview_is_all_that_a_candidate_may(gateway: GatewayBench) -> None:
    await finish(gateway)
    async with candidate(gateway, email=ADA, email_verified=True) as ada:
        for path in ("/api/admin/api-keys", "/api/webhooks", "/api/webhooks/deliveries"):
            assert (await ada.get(path)).status_code == 403
        body = (await ada.post("/graphql", json={"query": "{ webhooks { nodes { id } } }"})).json()
    assert body["data"] is None
    assert body["errors"][0]["extensions"]["code"] == "forbidden"
