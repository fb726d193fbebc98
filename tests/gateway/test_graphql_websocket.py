"""The graphql-transport-ws protocol, message by message: who is let in, what is refused, how it ends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import until
from tests.support.gateway import GatewayBench, token
from tests.support.interview_facts import AnswerFacts
from tests.support.serving import Served, served
from tests.support.streams import a_stream, line
from vivavoce.contracts import Stage

ANSWER = AnswerFacts()
NAME = "{ __typename }"
WATCH = "subscription { interviewCompleted { id } }"


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    limits: dict[str, Any] = {"graphql_streams_per_principal": 2, "graphql_operations_per_connection": 2}
    return GatewayBench(tmp_path, graphql_init_seconds=1.0, graphql_recheck_seconds=0.1, **limits)


@pytest.fixture
async def server(gateway: GatewayBench) -> AsyncIterator[Served]:
    async with served(gateway.app) as server:
        yield server


def bearer(**claims: Any) -> str:
    return f"Bearer {token(**claims)}"


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
async def test_credentials_may_come_with_the_first_message(server: Served, name: str) -> None:
    async with line(server.base_url) as talk:
        await talk.begin(**{name: bearer()})
        await talk.subscribe(NAME)
        assert (await talk.hear())["payload"]["data"] == {"__typename": "Query"}
        assert await talk.hear() == {"id": "1", "type": "complete"}


@pytest.mark.parametrize("name", ["apiKey", "X-API-Key"])
async def test_an_api_key_may_come_with_the_first_message(
    server: Served, gateway: GatewayBench, name: str
) -> None:
    async with gateway.client() as client:
        key = (await client.post("/api/admin/api-keys", json={"name": "ws"})).json()["key"]
    async with line(server.base_url) as talk:
        await talk.begin(**{name: key})


async def test_credentials_may_come_with_the_handshake(server: Served) -> None:
    async with line(server.base_url, Authorization=bearer()) as talk:
        await talk.begin()


async def test_those_of_the_first_message_count_before_those_of_the_handshake(server: Served) -> None:
    async with line(server.base_url, Authorization=bearer()) as talk:
        await talk.say("connection_init", payload={"Authorization": "Bearer nonsense"})
        assert (await talk.closed())[0] == 4403


async def test_a_program_on_this_machine_needs_none(server: Served) -> None:
    async with line(server.base_url) as talk:
        await talk.begin()


async def test_a_page_of_another_site_is_not_taken_for_it(server: Served) -> None:
    async with line(server.base_url, Origin="https://evil.example") as talk:
        await talk.say("connection_init")
        assert (await talk.closed())[0] == 4403


async def test_who_may_not_read_is_not_let_in(server: Served, gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        scopes = {"name": "hooks", "scopes": ["webhooks:manage"]}
        key = (await client.post("/api/admin/api-keys", json=scopes)).json()["key"]
    async with line(server.base_url) as talk:
        await talk.say("connection_init", payload={"apiKey": key})
        code, reason = await talk.closed()
    assert (code, "interviews:read" in reason) == (4403, True)


async def test_another_protocol_is_not_spoken(server: Served) -> None:
    async with line(server.base_url, protocol="graphql-ws") as talk:
        assert (await talk.closed())[0] == 4406


async def test_who_says_nothing_is_not_waited_for(server: Served) -> None:
    async with line(server.base_url) as talk:
        assert (await talk.closed())[0] == 4408


async def test_nothing_is_run_before_it_is_said_who_asks(server: Served) -> None:
    async with line(server.base_url) as talk:
        await talk.subscribe(NAME)
        assert (await talk.closed())[0] == 4401


async def test_it_is_said_once_who_asks(server: Served) -> None:
    async with line(server.base_url) as talk:
        await talk.begin()
        await talk.say("connection_init")
        assert (await talk.closed())[0] == 4429


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01",
        "{",
        "[]",
        "1",
        "{}",
        '{"type": 1}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}',
        '{"type": "subscribe", "id": "1", "payload": "{ a }"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "complete"}',
        '{"type": "start", "id": "1"}',
        '{"type": "connection_init", "payload": ' + "[" * 5_000,
    ],
)
async def test_what_is_not_the_protocols_ends_the_connection(server: Served, raw: str | bytes) -> None:
    async with line(server.base_url) as talk:
        await talk.begin()
        await talk.send(raw)
        assert (await talk.closed())[0] == 4400


async def test_an_operations_id_is_its_own(server: Served) -> None:
    async with line(server.base_url) as talk:
        await talk.begin()
        await talk.subscribe(WATCH)
        await talk.subscribe(WATCH)
        assert (await talk.closed())[0] == 4409


async def test_operations_are_limited_and_free_their_place(server: Served) -> None:
    async with line(server.base_url) as talk:
        await talk.begin()
        for name in ("1", "2", "3"):
            await talk.subscribe(WATCH, name)
        refused = await talk.hear()
        await talk.say("complete", id="1")
        await talk.subscribe(NAME, "4")
        told = await talk.hear()
    assert (refused["id"], refused["type"]) == ("3", "error")
    assert (told["id"], told["type"]) == ("4", "next")


async def test_connections_are_limited(server: Served, gateway: GatewayBench) -> None:
    async with line(server.base_url) as one, line(server.base_url) as two, line(server.base_url) as three:
        await one.begin()
        await two.begin()
        await three.say("connection_init")
        assert (await three.closed())[0] == 4429
        with gateway.parts.streams.open(a_stream("somebody else", "org_local")):
            assert len(gateway.parts.streams) == 3


async def test_a_connection_that_is_gone_frees_its_place(server: Served, gateway: GatewayBench) -> None:
    async with line(server.base_url) as talk:
        await talk.begin()
        await talk.subscribe(WATCH)
    following = gateway.parts.following
    await until(lambda: not (len(gateway.parts.streams) or following.completions.followers))


async def test_pings_are_answered(server: Served) -> None:
    async with line(server.base_url) as talk:
        await talk.say("ping")
        assert await talk.hear() == {"type": "pong"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "graphql_validation_failed"),
        ("{", "graphql_parse_failed"),
        ("", "invalid_input"),
        ("query A { __typename } query B { __typename }", "graphql_validation_failed"),
        ('subscription { interviewProgress(interviewId: "x") { share } }', "not_found"),
    ],
)
async def test_what_cannot_be_run_is_an_error_with_its_code(server: Served, query: str, code: str) -> None:
    async with line(server.base_url) as talk:
        await talk.begin()
        await talk.subscribe(query)
        told = await talk.hear()
    assert (told["id"], told["type"]) == ("1", "error")
    assert told["payload"][0]["extensions"]["code"] == code
    assert told["payload"][0]["extensions"]["correlationId"]


async def test_a_fault_of_ours_is_told_by_its_id_only(
    server: Served, gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the inside of it")

    monkeypatch.setattr(type(gateway.parts.reader), "interview", broken)
    async with line(server.base_url) as talk:
        await talk.begin()
        await talk.subscribe('{ interview(id: "x") { id } }')
        told = await talk.hear()
    assert told["payload"]["errors"][0]["extensions"]["code"] == "internal_error"
    assert "inside" not in str(told)


async def test_a_token_that_runs_out_ends_the_connection(server: Served, gateway: GatewayBench) -> None:
    now = gateway.clock.now()
    credential = bearer(iat=now, exp=now + timedelta(minutes=5))
    async with line(server.base_url) as talk:
        await talk.begin(Authorization=credential)
        await gateway.clock.advance(timedelta(minutes=6))
        code, reason = await talk.closed()
    assert (code, "expired" in reason) == (4403, True)


async def test_a_reader_that_does_not_keep_up_misses_progress_and_never_the_end(
    gateway: GatewayBench,
) -> None:
    await gateway.submit()
    principal = a_stream().principal
    told = gateway.parts.following.progress(principal, ANSWER.interview_id)
    reading = asyncio.create_task(anext(told))
    await until(lambda: gateway.parts.board.listeners(ANSWER.interview_id) > 0)
    for share in range(1000):
        gateway.parts.board.note(ANSWER.progress(Stage.ANALYSING, share / 1000))
    await gateway.tell(ANSWER.completed())
    await gateway.broadcast(ANSWER.completed())
    await reading
    seen = [progress.share async for _, progress in told]
    assert 0 < len(seen) < 999
