"""Callers learn what they may ask for, are told when it is used up, and get it back with the next window."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from starlette.requests import Request

from tests.support.gateway import ACME, GLOBEX, GatewayBench
from tests.support.people import People, accounts_bench, tokens
from vivavoce.chassis.errors import RateLimited
from vivavoce.gateway.auth.principals import Role, user
from vivavoce.gateway.description.shared import resolved
from vivavoce.gateway.documentation import describe
from vivavoce.gateway.limits.addresses import address_of
from vivavoce.gateway.limits.metrics import DECISIONS, STORE_FAILURES
from vivavoce.gateway.limits.rules import EXEMPT, Tier, address_tiers_of, rules_of, tier_of
from vivavoce.gateway.settings import GatewaySettings

KEYS = "/api/admin/api-keys"


def bench(folder: Path, **settings: Any) -> GatewayBench:
    return GatewayBench(folder, **{"limit_scale": 1, "environment": "production", **settings})


async def statuses(client: httpx.AsyncClient, path: str, count: int) -> list[int]:
    return [(await client.get(path)).status_code for _ in range(count)]


async def test_every_answer_says_which_limits_hold_and_what_is_left(tmp_path: Path) -> None:
    gateway = bench(tmp_path)
    await gateway.clock.advance(timedelta(seconds=18))
    async with gateway.client() as client:
        first, second = await client.get(KEYS), await client.get(KEYS)
    assert first.headers["ratelimit-policy"] == '"address";q=3000;w=60, "general";q=600;w=60'
    assert first.headers["ratelimit"] == '"address";r=2999;t=42, "general";r=599;t=42'
    assert second.headers["ratelimit"] == '"address";r=2998;t=42, "general";r=598;t=42'


async def test_a_used_up_limit_is_429_until_its_window_ends(tmp_path: Path) -> None:
    gateway = bench(tmp_path, limit_general="3/minute")
    await gateway.clock.advance(timedelta(seconds=18.5))
    async with gateway.client() as client:
        assert await statuses(client, KEYS, 3) == [200, 200, 200]
        refused = await client.get(KEYS)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "42"
        assert refused.headers["ratelimit"] == '"address";r=2996;t=42, "general";r=0;t=42'
        assert refused.json()["error"] == (
            "The limit general of 3 in 60 seconds is used up: try again in 42 seconds."
        )
        await gateway.clock.advance(timedelta(seconds=42))
        assert await statuses(client, KEYS, 1) == [200]


async def test_callers_dont_use_up_each_others_limits(tmp_path: Path) -> None:
    gateway = bench(tmp_path, limit_general="2/minute")
    async with gateway.client() as ada, gateway.client(subject="user-2") as ben:
        assert await statuses(ada, KEYS, 3) == [200, 200, 429]
        assert await statuses(ben, KEYS, 1) == [200]
    async with gateway.client(GLOBEX) as namesake:
        assert await statuses(namesake, KEYS, 1) == [200]


async def test_a_forbidden_request_counts_too(tmp_path: Path) -> None:
    gateway = bench(tmp_path, limit_general="2/minute")
    async with gateway.client(role="candidate") as client:
        assert await statuses(client, KEYS, 3) == [403, 403, 429]


async def test_failed_authentications_are_limited_by_address(tmp_path: Path) -> None:
    gateway = bench(tmp_path, limit_address="3/minute")
    async with gateway.caller({"Authorization": "Bearer wrong"}) as guesser:
        assert await statuses(guesser, KEYS, 4) == [401, 401, 401, 429]
        assert (await guesser.get("/api/nowhere")).status_code == 429
    async with gateway.caller({"Authorization": "Bearer wrong"}, peer="203.0.113.10") as other:
        assert await statuses(other, KEYS, 1) == [401]


async def test_logins_have_a_strict_limit_by_address_in_v1s_shape(tmp_path: Path) -> None:
    gateway = bench(tmp_path, limit_v1_auth="2/minute")
    async with gateway.caller() as client:
        answers = [await client.post("/api/v1/auth/login", json={}) for _ in range(3)]
        elsewhere = await client.get("/api/v1/nothing")
    assert answers[-1].status_code == 429
    assert answers[-1].json().keys() == {"detail", "status_code"}
    assert '"v1_auth";q=2;w=60' in answers[0].headers["ratelimit-policy"]
    assert elsewhere.status_code == 404


async def test_a_refused_body_is_not_read(tmp_path: Path) -> None:
    gateway = bench(tmp_path, limit_address="1/minute")

    async def body() -> Any:
        raise AssertionError("it is read")
        yield b""

    async with gateway.caller() as client:
        await client.get("/api/nowhere")
        refused = await client.post("/api/interview-record", content=body())
    assert refused.status_code == 429


@pytest.mark.parametrize("path", sorted(EXEMPT))
async def test_what_watches_the_gateway_is_never_turned_away(tmp_path: Path, path: str) -> None:
    gateway = bench(tmp_path, limit_address="1/minute")
    async with gateway.caller() as client:
        assert await statuses(client, path, 3) == [200, 200, 200]
        assert "ratelimit" not in (await client.get(path)).headers


async def test_graphql_is_charged_by_points(tmp_path: Path) -> None:
    gateway = bench(tmp_path, limit_graphql="100/minute")
    principal = user("user-1", ACME, Role.ADMIN)
    await gateway.parts.limits.spend(principal, "graphql", 98)
    async with gateway.client() as client:
        answer = await client.post("/graphql", json={"query": "{ __typename }"})
    assert answer.headers["ratelimit-policy"].endswith('"graphql";q=100;w=60;qu="points"')
    assert answer.headers["ratelimit"].endswith('"graphql";r=1;t=60')
    with pytest.raises(RateLimited) as refused:
        await gateway.parts.limits.spend(principal, "graphql", 2)
    assert refused.value.retry_after == 60
    with pytest.raises(RateLimited, match="costs 101 points, more than the 100"):
        await gateway.parts.limits.spend(principal, "graphql", 101)


async def test_without_the_shared_counts_the_gateway_limits_by_itself(tmp_path: Path) -> None:
    gateway = bench(tmp_path, limit_general="3/minute")
    failed = STORE_FAILURES._value.get()
    async with gateway.client() as client:
        assert await statuses(client, KEYS, 1) == [200]
        gateway.database.away = True
        assert await statuses(client, "/api/admin/nothing", 1) == [404]
        answers = await statuses(client, KEYS, 3)
    assert answers[-1] == 429
    assert 429 not in answers[:2]
    assert STORE_FAILURES._value.get() > failed


async def test_decisions_are_counted_by_tier(tmp_path: Path) -> None:
    def counted(outcome: str) -> float:
        return float(DECISIONS.labels("general", outcome)._value.get())

    before = counted("admitted"), counted("refused")
    async with bench(tmp_path, limit_general="2/minute").client() as client:
        await statuses(client, KEYS, 5)
    assert (counted("admitted") - before[0], counted("refused") - before[1]) == (2, 3)


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("/api/chat", Tier.AI),
        ("/api/compiler/execute", Tier.AI),
        ("/api/multimodal-ai/analyze", Tier.AI),
        ("/api/chatter", Tier.GENERAL),
        ("/api/resume/upload", Tier.UPLOAD),
        ("/api/v1/interviews/", Tier.V1_INTERVIEWS),
        ("/api/v1/interviews/7/start", Tier.V1_INTERVIEWS),
        ("/api/v1/sandbox/execute", Tier.V1_SANDBOX),
        ("/api/v1/sandbox/languages", Tier.GENERAL),
        ("/api/v1/voice/tts", Tier.V1_TTS),
        ("/api/v1/auth/me", Tier.GENERAL),
        ("/api/v2/ai-interviews/generate-interview", Tier.GENERAL),
        ("/graphql", Tier.GRAPHQL),
    ],
)
def test_a_path_has_one_tier(path: str, tier: Tier) -> None:
    assert tier_of(path) is tier


@pytest.mark.parametrize(
    ("door", "guesses"),
    [
        ("register", True),
        ("login", True),
        ("refresh", True),
        ("password", True),
        ("me", False),
        ("logout", False),
        ("logout-all", False),
        ("logins", False),
    ],
)
def test_only_what_could_be_guessing_has_a_second_limit_by_address(door: str, guesses: bool) -> None:
    tiers = (Tier.ADDRESS, Tier.V1_AUTH) if guesses else (Tier.ADDRESS,)
    assert address_tiers_of(f"/api/v1/auth/{door}") == tiers


async def test_who_signed_in_may_ask_who_they_are_more_often_than_sign_in(tmp_path: Path) -> None:
    people = People(accounts_bench(tmp_path, limit_scale=1).app)
    mine = await tokens(people.register())
    answers = [await people.me(mine["access_token"]) for _ in range(25)]
    assert {each.status_code for each in answers} == {200}
    assert answers[0].json() == {
        **mine["user"],
        "organization_id": ACME,
        "permissions": ["interviews:read", "interviews:write"],
    }
    assert '"general";q=600' in answers[0].headers["ratelimit-policy"]
    assert "v1_auth" not in answers[0].headers["ratelimit-policy"]


def test_the_references_limits_are_the_defaults() -> None:
    rules = rules_of(GatewaySettings())
    told = {tier: (rule.limit, rule.seconds, rule.batch) for tier, rule in rules.items()}
    assert told[Tier.V1_INTERVIEWS] == (10, 60, 0)
    assert told[Tier.V1_SANDBOX] == (20, 60, 0)
    assert told[Tier.V1_TTS] == (30, 60, 0)
    assert told[Tier.AI][0] < told[Tier.GENERAL][0]


@pytest.mark.parametrize("rate", ["", "600", "minute", "0/minute", "1/minute;2/hour", "-1/minute"])
def test_a_rate_that_is_none_is_refused_at_the_start(rate: str) -> None:
    with pytest.raises(ValidationError, match="limit_general"):
        GatewaySettings(limit_general=rate)


def sent_from(peer: str | None, forwarded: str | None = None) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "nonsense", "unknown"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", None, "fe80::/64"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        (None, None, "unknown"),
    ],
)
def test_an_address_is_believed_from_trusted_proxies_only(
    peer: str | None, forwarded: str | None, address: str
) -> None:
    settings = GatewaySettings.model_validate({"limit_trusted_proxies": "10.0.0.0/8"})
    assert address_of(sent_from(peer, forwarded), settings.limit_trusted_proxies) == address


def test_every_operation_describes_its_limits(tmp_path: Path) -> None:
    document = describe(bench(tmp_path).app)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            limited = path not in EXEMPT
            assert ("429" in operation["responses"]) is limited
            answers = {status: resolved(document, told) for status, told in operation["responses"].items()}
            for response in answers.values():
                assert ({"RateLimit", "RateLimit-Policy"} <= response.get("headers", {}).keys()) is limited
            if limited:
                assert "Retry-After" in answers["429"]["headers"]
    assert document["components"]["headers"].keys() == {"RateLimit", "RateLimit-Policy"}


async def test_a_refused_web_socket_is_closed_before_it_is_open(tmp_path: Path) -> None:
    gateway, sent = bench(tmp_path, limit_address="1/minute"), []
    scope = {**sent_from("203.0.113.9"), "type": "websocket", "path": "/nowhere", "query_string": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    extended = {**scope, "extensions": {"websocket.http.response": {}}}
    for each in (scope, scope, extended):
        sent.clear()
        await gateway.app({**each, "subprotocols": []}, receive, send)
        told = [(message["type"], message.get("code"), message.get("status")) for message in sent]
        if each is extended:
            assert ("websocket.http.response.start", None, 429) in told
    await gateway.app(dict(scope), receive, send)
    assert sent[-1] == {"type": "websocket.close", "code": 1013, "reason": "rate_limited"}


def test_policies_are_structured_fields(tmp_path: Path) -> None:
    item = re.compile(r'"[a-z0-9_]+";q=\d+;w=\d+(;qu="[a-z]+")?')
    assert all(item.fullmatch(rule.policy) for rule in rules_of(GatewaySettings()).values())


async def test_an_endpoint_of_any_kind_can_be_admitted_by_hand(gateway: GatewayBench) -> None:
    scope = {"type": "http", "path": "/api/chat", "headers": []}
    await gateway.parts.limits.admit(Request(scope), user("user-1", ACME, Role.ADMIN))
