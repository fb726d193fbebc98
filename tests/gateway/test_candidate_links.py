"""Candidate links: whoever has one sees one interview for a while, and nothing else."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest

from tests.support.gateway import ACME, GLOBEX, NOON, GatewayBench, question
from tests.support.interview_facts import AnswerFacts
from tests.support.sse import open_stream
from vivavoce.chassis.errors import NotFound
from vivavoce.gateway.auth.signing import key_for
from vivavoce.gateway.pages import PageQuery

SECRET = "a secret of at least thirty-two characters"
LINKS = "/api/candidate-links"
RECORD = "/api/interview-record"
ANSWER = AnswerFacts()
SHOWN = {
    f"{RECORD}/{{interviewRecordId}}",
    f"{RECORD}/{{interviewRecordId}}/events",
    "/api/job-result/by-job/{jobId}",
    "/api/job-result/{videoResponseId}",
}


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return GatewayBench(tmp_path, signing_secret=SECRET)


async def linked(
    gateway: GatewayBench, interview_id: str = ANSWER.interview_id, **body: Any
) -> dict[str, Any]:
    async with gateway.client() as client:
        response = await client.post(LINKS, json={"interviewRecordId": interview_id, **body})
    assert response.status_code == 201, response.text
    return dict(response.json())


def holder(gateway: GatewayBench, held: str) -> httpx.AsyncClient:
    return gateway.caller({"Authorization": f"Bearer {held}"})


async def status_of(gateway: GatewayBench, held: str, interview_id: str = ANSWER.interview_id) -> int:
    async with holder(gateway, held) as client:
        return (await client.get(f"{RECORD}/{interview_id}")).status_code


async def finished(gateway: GatewayBench) -> None:
    """An interview that has ended, and another with the same ids of the caller's own."""
    await gateway.submit()
    await gateway.submit(request_id="another", questions=[question()])
    await gateway.tell(ANSWER.features(), ANSWER.proctored(), ANSWER.scored(), ANSWER.completed())


async def test_a_link_has_its_token_where_no_server_sees_it(gateway: GatewayBench) -> None:
    await gateway.submit()
    made = await linked(gateway, expiresIn=3600)
    parts = urlsplit(made["url"])
    assert (parts.path, parts.query, parts.fragment) == ("/candidate", "", f"token={made['token']}")
    assert made["expiresAt"] == "2026-03-02T13:00:00Z"


async def test_a_link_leads_where_the_deployment_is_reached(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, signing_secret=SECRET, public_base_url="https://api.example.org/viva/")
    await gateway.submit()
    assert (await linked(gateway))["url"].startswith("https://api.example.org/viva/candidate#token=")


async def test_its_holder_sees_the_interview_and_its_results(gateway: GatewayBench) -> None:
    await finished(gateway)
    held = (await linked(gateway))["token"]
    async with holder(gateway, held) as client:
        state = await client.get(f"{RECORD}/{ANSWER.interview_id}")
        by_job = await client.get(f"/api/job-result/by-job/{ANSWER.answer_id}")
        by_own_id = await client.get("/api/job-result/video-1")
    assert state.json()["interviewRecordId"] == ANSWER.interview_id
    assert by_job.json()["interviewRecordId"] == ANSWER.interview_id
    assert by_own_id.json() == by_job.json()


async def test_its_holder_follows_the_interview(gateway: GatewayBench) -> None:
    await finished(gateway)
    headers = {"Authorization": f"Bearer {(await linked(gateway))['token']}"}
    async with open_stream(gateway.app, f"{RECORD}/{ANSWER.interview_id}/events", headers) as stream:
        await stream.until("interview.completed")


async def test_its_holder_sees_no_other_interview(gateway: GatewayBench) -> None:
    await finished(gateway)
    other = AnswerFacts(request_id="another")
    held = (await linked(gateway))["token"]
    async with holder(gateway, held) as client:
        for path in (
            f"{RECORD}/{other.interview_id}",
            f"{RECORD}/{other.interview_id}/events",
            f"/api/job-result/by-job/{other.answer_id}",
        ):
            assert (await client.get(path)).status_code == 404


async def test_on_every_other_route_its_holder_is_refused(gateway: GatewayBench) -> None:
    await gateway.submit()
    gateway.asker.answer = NotFound("no webhook")
    held = (await linked(gateway))["token"]
    guarded = 0
    async with holder(gateway, held) as client, gateway.caller() as nobody:
        for path, methods in gateway.app.openapi()["paths"].items():
            for method in methods:
                asked = method.upper(), path.replace("{", "").replace("}", "")
                if (await nobody.request(*asked)).status_code != httpx.codes.UNAUTHORIZED:
                    continue
                guarded += 1
                answer = await client.request(*asked)
                assert answer.status_code == (404 if path in SHOWN else 403), f"{method} {path}"
    assert guarded > len(SHOWN)


async def test_a_link_ends(gateway: GatewayBench) -> None:
    await gateway.submit()
    held = (await linked(gateway, expiresIn=60))["token"]
    await gateway.clock.advance(timedelta(seconds=59))
    assert await status_of(gateway, held) == 200
    await gateway.clock.advance(timedelta(seconds=1))
    assert await status_of(gateway, held) == 401


async def test_a_link_is_revoked_at_once_and_others_are_not(gateway: GatewayBench) -> None:
    await gateway.submit()
    first, second = await linked(gateway), await linked(gateway)
    assert await status_of(gateway, first["token"]) == 200
    async with gateway.client() as client:
        assert (await client.delete(f"{LINKS}/{first['id']}")).status_code == 204
        assert (await client.delete(f"{LINKS}/{first['id']}")).status_code == 204
        assert (await client.delete(f"{LINKS}/unknown")).status_code == 404
    assert await status_of(gateway, first["token"]) == 401
    assert await status_of(gateway, second["token"]) == 200


async def test_an_open_stream_tells_nothing_more_once_its_link_is_revoked(gateway: GatewayBench) -> None:
    await gateway.submit()
    made = await linked(gateway)
    headers = {"Authorization": f"Bearer {made['token']}"}
    async with open_stream(gateway.app, f"{RECORD}/{ANSWER.interview_id}/events", headers) as stream:
        await stream.until("interview.submitted")
        async with gateway.client() as client:
            await client.delete(f"{LINKS}/{made['id']}")
        await gateway.tell(ANSWER.scored())
        told = await stream.until_ended()
    assert [event["event"] for event in told] == ["interview.submitted"]


@pytest.mark.parametrize(
    "change",
    [
        {"org": GLOBEX},
        {"interview": "0" * 24},
        {"jti": "0" * 24},
        {"aud": "vivavoce-portal"},
        {"purpose": "everything"},
        {"exp": NOON + timedelta(days=300)},
        {"org": None},
        {"jti": None},
    ],
)
async def test_a_token_that_says_more_than_its_record_is_refused(
    gateway: GatewayBench, change: dict[str, Any]
) -> None:
    await gateway.submit()
    held = (await linked(gateway))["token"]
    key = key_for("candidate links", SECRET)
    claims = jwt.decode(held, options={"verify_signature": False}) | change
    kept = {name: value for name, value in claims.items() if value is not None}
    forged = jwt.encode(kept, key, algorithm="HS256", headers={"typ": "candidate-link+jwt"})
    assert await status_of(gateway, forged) == 401


@pytest.mark.parametrize("key", [SECRET.encode(), key_for("portal links", SECRET), b"x" * 32])
async def test_a_token_that_is_signed_for_something_else_is_refused(
    gateway: GatewayBench, key: bytes
) -> None:
    await gateway.submit()
    held = (await linked(gateway))["token"]
    claims = jwt.decode(held, options={"verify_signature": False})
    forged = jwt.encode(claims, key, algorithm="HS256", headers={"typ": "candidate-link+jwt"})
    assert await status_of(gateway, forged) == 401


async def test_a_token_without_a_signature_is_refused(gateway: GatewayBench) -> None:
    await gateway.submit()
    claims = jwt.decode((await linked(gateway))["token"], options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"typ": "candidate-link+jwt"})
    assert await status_of(gateway, unsigned) == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"interviewRecordId": ""},
        {"interviewRecordId": {"$gt": ""}},
        {"interviewRecordId": ANSWER.interview_id, "purpose": "everything"},
        {"interviewRecordId": ANSWER.interview_id, "expiresIn": 59},
        {"interviewRecordId": ANSWER.interview_id, "expiresIn": 90 * 86_400 + 1},
        {"interviewRecordId": ANSWER.interview_id, "expiresIn": "600"},
    ],
)
async def test_a_wish_that_is_none_is_refused(gateway: GatewayBench, body: Any) -> None:
    await gateway.submit()
    async with gateway.client() as client:
        assert (await client.post(LINKS, json=body)).status_code == 400


@pytest.mark.parametrize(("role", "expected"), [("admin", 201), ("interviewer", 201), ("candidate", 403)])
async def test_staff_make_links(gateway: GatewayBench, role: str, expected: int) -> None:
    await gateway.submit()
    async with gateway.client(role=role) as client:
        response = await client.post(LINKS, json={"interviewRecordId": ANSWER.interview_id})
    assert response.status_code == expected


async def test_a_key_that_sees_nothing_makes_no_link_that_does(gateway: GatewayBench) -> None:
    await gateway.submit()
    async with gateway.client() as client:
        body = {"name": "links only", "scopes": ["links:manage"]}
        key = (await client.post("/api/admin/api-keys", json=body)).json()["key"]
    async with gateway.caller({"apiKey": key}) as limited:
        response = await limited.post(LINKS, json={"interviewRecordId": ANSWER.interview_id})
    assert response.status_code == 403


async def test_another_organization_makes_lists_and_revokes_none_of_ours(gateway: GatewayBench) -> None:
    await gateway.submit()
    made = await linked(gateway)
    async with gateway.client(GLOBEX) as other:
        ours = await other.post(LINKS, json={"interviewRecordId": ANSWER.interview_id})
        unknown = await other.post(LINKS, json={"interviewRecordId": "0" * 24})
        assert (ours.status_code, unknown.status_code) == (404, 404)
        assert (await other.get(LINKS)).json() == {"links": [], "nextCursor": None}
        assert (await other.delete(f"{LINKS}/{made['id']}")).status_code == 404
    assert await status_of(gateway, made["token"]) == 200


async def test_links_are_listed_by_page_and_by_interview_without_their_tokens(gateway: GatewayBench) -> None:
    await finished(gateway)
    other = AnswerFacts(request_id="another").interview_id
    ids = [(await linked(gateway))["id"] for _ in range(3)]
    await linked(gateway, other)
    async with gateway.client() as client:
        query = {"interviewRecordId": ANSWER.interview_id, "limit": "2"}
        first = (await client.get(LINKS, params=query)).json()
        rest = (await client.get(LINKS, params={**query, "cursor": first["nextCursor"]})).json()
        everything = (await client.get(LINKS)).json()
    assert sorted(link["id"] for link in first["links"] + rest["links"]) == sorted(ids)
    assert (len(first["links"]), rest["nextCursor"], len(everything["links"])) == (2, None, 4)
    assert "eyJ" not in json.dumps(everything)
    assert first["links"][0]["createdBy"] == "user-1"


async def test_without_a_secret_there_are_no_links(tmp_path: Path) -> None:
    signing = GatewayBench(tmp_path, signing_secret=SECRET)
    await signing.submit()
    held = (await linked(signing))["token"]
    gateway = GatewayBench(tmp_path)
    await gateway.submit()
    async with gateway.client() as client:
        refused = await client.post(LINKS, json={"interviewRecordId": ANSWER.interview_id})
    assert (refused.status_code, refused.json()["details"]["code"]) == (503, "links_off")
    assert await status_of(gateway, held) == 401


async def test_no_token_gets_into_an_event_or_the_database(gateway: GatewayBench) -> None:
    await gateway.submit()
    made = await linked(gateway)
    async with gateway.client() as client:
        await client.delete(f"{LINKS}/{made['id']}")
    told = [fact.model_dump_json() for _, fact in await gateway.emitted()]
    assert any(made["id"] in each for each in told)
    signature = made["token"].rpartition(".")[2]
    page = await gateway.parts.links.list(ACME, PageQuery(), None)
    assert signature not in "".join(told)
    assert signature not in "".join(record.model_dump_json() for record in page.items)
