"""With an Idempotency-Key a request is done once, and however often it is sent it is answered the same."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.gateway import ACME, GLOBEX, GatewayBench, submission
from vivavoce.chassis.errors import Unauthenticated
from vivavoce.gateway.documentation import describe
from vivavoce.gateway.failure_documents import takes_key
from vivavoce.gateway.idempotency.claims import Claim
from vivavoce.gateway.idempotency.keys import Key, Scope

KEYS = "/api/admin/api-keys"
SECRET = "s" * 32
SAFE_TO_REPEAT = {"/api/v1/auth/register"}
"""Nobody is known there, whose key it could be. Sent again it signs in to the account that is there."""
ONE = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return GatewayBench(tmp_path, signing_secret=SECRET)


async def create(
    client: httpx.AsyncClient, name: str = "import", headers: dict[str, str] | None = None
) -> httpx.Response:
    return await client.post(KEYS, json={"name": name}, headers=ONE if headers is None else headers)


async def names(client: httpx.AsyncClient) -> list[str]:
    return [each["name"] for each in (await client.get(KEYS)).json()["apiKeys"]]


async def test_a_repeat_gets_the_same_answer_and_does_nothing(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        first, second = await create(client), await create(client)
        assert await names(client) == ["import"]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["x-correlation-id"] != first.headers["x-correlation-id"]


async def test_a_repeats_answer_keeps_its_place(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        answers = [
            await client.post("/api/interview-record", json=submission(), headers=ONE) for _ in range(2)
        ]
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].headers["location"] == answers[1].headers["location"]


async def test_the_same_key_for_another_request_is_refused(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        await create(client)
        refused = await create(client, "another")
        assert await names(client) == ["import"]
    assert refused.status_code == 422
    assert "used for another request" in refused.json()["error"]


async def test_a_key_counts_for_one_principal_and_one_route(gateway: GatewayBench) -> None:
    async with gateway.client() as ada, gateway.client(subject="user-2") as ben:
        async with gateway.client(GLOBEX) as namesake:
            answers = [await create(each) for each in (ada, ben, namesake)]
        link = await ada.post("/api/webhooks/portal-link", json={}, headers=ONE)
    assert {each.json()["key"] for each in answers} == {each.json()["key"] for each in answers}
    assert len({each.json()["key"] for each in answers}) == 3
    assert link.status_code == 201


async def test_while_the_first_runs_a_repeat_is_told_to_wait(gateway: GatewayBench) -> None:
    working, go_on = asyncio.Event(), asyncio.Event()
    store = gateway.parts.api_keys.issue

    async def slowly(*args: Any, **named: Any) -> Any:
        working.set()
        await go_on.wait()
        return await store(*args, **named)

    vars(gateway.parts.api_keys)["issue"] = slowly
    async with gateway.client() as client:
        first = asyncio.create_task(create(client))
        await working.wait()
        early = await create(client)
        go_on.set()
        assert (await first).status_code == 201
        late = await create(client)
    assert (early.status_code, early.headers["retry-after"]) == (409, "1")
    assert late.content == (await first).content


async def test_what_is_refused_can_be_mended_under_the_same_key(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        assert (await client.post(KEYS, json={"name": ""}, headers=ONE)).status_code == 400
        assert (await create(client)).status_code == 201


async def test_after_a_failure_of_ours_a_repeat_runs(gateway: GatewayBench) -> None:
    issue = gateway.parts.api_keys.issue

    async def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("it breaks")

    async with gateway.client() as client:
        vars(gateway.parts.api_keys)["issue"] = fails
        broken = await create(client)
        vars(gateway.parts.api_keys)["issue"] = issue
        assert (broken.status_code, (await create(client)).status_code) == (500, 201)
        assert await names(client) == ["import"]


async def test_a_repeat_after_a_crash_waits_for_the_lease_and_then_meets_what_was_stored(
    gateway: GatewayBench,
) -> None:
    """The process died after it had stored the API key, and before it could keep the answer."""
    settle = gateway.parts.idempotency.settle
    lost: list[str] = []

    async def dies(*_: Any) -> None:
        raise asyncio.CancelledError

    async with gateway.client() as client:
        vars(gateway.parts.idempotency)["settle"] = dies
        with pytest.raises(asyncio.CancelledError):
            await create(client)
        vars(gateway.parts.idempotency)["settle"] = settle
        lost = await names(client)
        assert (await create(client)).status_code == 409
        await gateway.clock.advance(timedelta(seconds=61))
        again = await create(client)
        assert again.status_code == 201
        assert await names(client) == lost == ["import"]
    assert (await gateway.parts.api_keys.recognize(again.json()["key"])).organization_id == ACME


async def test_a_run_that_was_taken_for_lost_doesnt_undo_what_came_after(gateway: GatewayBench) -> None:
    idempotency, scope = gateway.parts.idempotency, Scope(ACME, "user-1", "POST /x")
    first = await idempotency.claim("k", scope, b"body")
    await gateway.clock.advance(timedelta(seconds=61))
    second = await idempotency.claim("k", scope, b"body")
    assert isinstance(first, Claim)
    assert isinstance(second, Claim)
    await idempotency.settle(first, None)
    with pytest.raises(Exception, match="still being worked on"):
        await idempotency.claim("k", scope, b"body")


async def test_after_a_day_a_key_is_new(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        first = await create(client, "import")
        await gateway.clock.advance(timedelta(hours=25))
        second = await create(client, "another")
    assert (first.status_code, second.status_code) == (201, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "ümlaut"])
async def test_a_key_that_is_none_is_refused(gateway: GatewayBench, key: str) -> None:
    async with gateway.client() as client:
        headers: Any = {b"Idempotency-Key": key.encode("latin-1")}
        refused = await client.post(KEYS, json={"name": "import"}, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["fields"][0]["path"] == "Idempotency-Key"


async def test_two_keys_at_once_are_refused(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        headers: Any = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
        assert (await client.post(KEYS, json={"name": "import"}, headers=headers)).status_code == 400


async def test_a_quoted_key_is_the_key_that_it_quotes(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        first = await create(client, headers={"Idempotency-Key": '"abc"'})
        second = await create(client, headers={"Idempotency-Key": "abc"})
    assert first.content == second.content


async def test_a_repeat_must_be_allowed_too(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        await create(client)
    async with gateway.client(role="interviewer") as demoted:
        assert (await create(demoted)).status_code == 403


async def test_nothing_that_is_stored_shows_the_answer_or_the_key(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        secret = (await create(client)).json()["key"]
    stored = repr(gateway.database._tables._tables)
    assert "idempotency" in stored
    assert secret not in stored
    assert ONE["Idempotency-Key"] not in stored


async def test_without_the_deployments_secret_a_key_is_refused_rather_than_ignored(tmp_path: Path) -> None:
    async with GatewayBench(tmp_path).client() as client:
        refused = await create(client)
        assert (await create(client, headers={})).status_code == 201
    assert refused.status_code == 503
    assert "SIGNING_SECRET" in refused.json()["error"]


async def test_an_unknown_caller_learns_nothing_of_a_key(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        await create(client)
    async with gateway.caller() as stranger:
        assert (await create(stranger)).status_code == Unauthenticated.status


def test_every_post_that_creates_takes_a_key(gateway: GatewayBench) -> None:
    missing = [
        path
        for path, operations in describe(gateway.app)["paths"].items()
        if "post" in operations
        and {"201", "202"} & operations["post"]["responses"].keys()
        and not takes_key(operations["post"])
        and path not in SAFE_TO_REPEAT
    ]
    assert missing == []


def test_keys_of_different_scopes_have_nothing_in_common() -> None:
    scopes = [Scope("a", "b", "r"), Scope("a", "b\0r", ""), Scope("a", "c", "r"), Scope("b", "b", "r")]
    keys = [Key("k", scope, b"secret") for scope in scopes]
    assert len({key.id for key in keys}) == len(scopes)
    assert len({key.digest(b"same") for key in keys}) == len(scopes)
    assert keys[0].digest(b"ab", b"c") != keys[0].digest(b"a", b"bc")
    assert keys[0].open(keys[0].seal(json.dumps({"a": 1}).encode())) == b'{"a": 1}'
