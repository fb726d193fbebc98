"""Keys of an issuer elsewhere: asked for seldom, renewed in time, and believed for a while without it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from tests.support.databases import turns
from tests.support.fake_issuer import FakeIssuer, fake_issuer, rsa_jwk
from tests.support.gateway import NOON, GatewayBench, token
from vivavoce.chassis.broker import make_broker
from vivavoce.chassis.errors import InvalidToken, ProviderAway
from vivavoce.gateway.app import assemble
from vivavoce.gateway.auth.principals import Role, user
from vivavoce.gateway.auth.remote_keys import MOST_UNKNOWN, RemoteKeys

READ = "/api/interview-record/unknown"
BETWEEN, UNKNOWN, RENEWED, KEPT = (timedelta(seconds=each) for each in (10, 60, 300, 3600))
ADA = user("user_2ada", "org_acme", Role.ADMIN)


@pytest.fixture
async def clerk() -> AsyncIterator[FakeIssuer]:
    async with fake_issuer() as issuer:
        yield issuer


@pytest.fixture
def gateway(clerk: FakeIssuer, tmp_path: Path) -> GatewayBench:
    return GatewayBench(tmp_path, clerk_issuer=clerk.url, clerk_breaker_failures=1000)


def keys_of(gateway: GatewayBench) -> RemoteKeys:
    assert gateway.parts.clerk_keys is not None
    return gateway.parts.clerk_keys


def forever(clerk: FakeIssuer, key: str = "ins_1", **claims: Any) -> str:
    """A token that outlives whatever the clock is moved by."""
    return clerk.token(key, exp=NOON + timedelta(days=30), **claims)


async def read(gateway: GatewayBench, credential: str) -> httpx.Response:
    async with gateway.caller({"Authorization": f"Bearer {credential}"}) as client:
        return await client.get(READ)


async def test_keys_are_asked_for_once(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    for subject in ("ada", "bob", "eve"):
        await gateway.parts.tokens.read(clerk.token(sub=subject))
    assert clerk.asked == 1


async def test_many_at_once_wait_for_one_answer(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    clerk.hold = asyncio.Event()
    reads = [asyncio.create_task(gateway.parts.tokens.read(clerk.token(sub=f"u{n}"))) for n in range(200)]
    await turns()
    clerk.hold.set()
    found = await asyncio.gather(*reads)
    assert {each.id for each in found} == {f"u{n}" for n in range(200)}
    assert clerk.asked == 1


async def test_a_caller_who_leaves_does_not_end_the_question(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    clerk.hold = asyncio.Event()
    leaves = asyncio.create_task(gateway.parts.tokens.read(clerk.token(sub="leaves")))
    stays = asyncio.create_task(gateway.parts.tokens.read(clerk.token()))
    await turns()
    leaves.cancel()
    clerk.hold.set()
    assert await stays == ADA
    assert clerk.asked == 1


async def test_a_new_key_is_found_at_its_first_token(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    await gateway.parts.tokens.read(forever(clerk))
    clerk.names = ["ins_1", "ins_2"]
    await gateway.clock.advance(BETWEEN)
    assert await gateway.parts.tokens.read(forever(clerk, "ins_2")) == ADA
    assert clerk.asked == 2


async def test_a_key_that_was_withdrawn_is_refused_once_that_is_known(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    await gateway.parts.tokens.read(forever(clerk))
    clerk.names = ["ins_2"]
    await gateway.clock.advance(BETWEEN)
    await gateway.parts.tokens.read(forever(clerk, "ins_2"))
    with pytest.raises(InvalidToken):
        await gateway.parts.tokens.read(forever(clerk))


async def test_a_flood_of_unknown_keys_asks_once_and_spares_the_known_ones(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    await gateway.parts.tokens.read(forever(clerk))
    await gateway.clock.advance(BETWEEN)
    flood = [clerk.token("forger", headers={"kid": f"made-up-{n}"}) for n in range(3000)]
    found = await asyncio.gather(*map(gateway.parts.tokens.read, flood), return_exceptions=True)
    assert all(isinstance(each, InvalidToken) for each in found)
    assert clerk.asked == 2
    assert await gateway.parts.tokens.read(forever(clerk, sub="user_2ada", sid="another")) == ADA
    assert clerk.asked == 2


async def test_a_flood_that_goes_on_asks_once_in_ten_seconds(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    await gateway.parts.tokens.read(forever(clerk))
    for second in range(60):
        await gateway.clock.advance(timedelta(seconds=1))
        with pytest.raises(InvalidToken):
            await gateway.parts.tokens.read(forever(clerk, "forger", headers={"kid": f"made-up-{second}"}))
    assert clerk.asked == 1 + 6


async def test_what_was_not_there_is_not_asked_for_again_soon(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    for _ in range(5):
        with pytest.raises(InvalidToken):
            await gateway.parts.tokens.read(forever(clerk, "forger"))
        await gateway.clock.advance(BETWEEN)
    assert clerk.asked == 1
    await gateway.clock.advance(UNKNOWN)
    with pytest.raises(InvalidToken):
        await gateway.parts.tokens.read(forever(clerk, "forger"))
    assert clerk.asked == 2


async def test_a_key_that_is_there_at_last_is_found_although_it_was_remembered_as_unknown(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    with pytest.raises(InvalidToken):
        await gateway.parts.tokens.read(forever(clerk, "ins_2"))
    clerk.names.append("ins_2")
    await gateway.clock.advance(BETWEEN)
    with pytest.raises(InvalidToken):
        await gateway.parts.tokens.read(forever(clerk, "another"))
    assert await gateway.parts.tokens.read(forever(clerk, "ins_2")) == ADA


async def test_what_is_remembered_of_unknown_keys_is_bounded(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    keys = keys_of(gateway)
    await keys.with_key("ins_1")
    for number in range(MOST_UNKNOWN + 500):
        await keys.with_key(f"made-up-{number}")
    assert keys.unknown == MOST_UNKNOWN


async def test_known_keys_go_on_while_the_issuer_is_away_and_then_it_is_503(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    assert (await read(gateway, forever(clerk))).status_code == 404
    clerk.fail()
    await gateway.clock.advance(KEPT - timedelta(seconds=1))
    assert (await read(gateway, forever(clerk))).status_code == 404
    await gateway.clock.advance(timedelta(seconds=1))
    response = await read(gateway, forever(clerk))
    assert response.status_code == 503
    assert 1 <= int(response.headers["retry-after"]) <= 10
    assert "www-authenticate" not in response.headers
    assert (await read(gateway, token())).status_code == 404


async def test_while_the_issuer_is_away_a_new_key_gets_503_for_it_may_be_good(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    await gateway.parts.tokens.read(forever(clerk))
    clerk.fail()
    await gateway.clock.advance(BETWEEN)
    assert (await read(gateway, forever(clerk, "ins_2"))).status_code == 503
    clerk.recover()
    clerk.names.append("ins_2")
    await gateway.clock.advance(BETWEEN)
    assert (await read(gateway, forever(clerk, "ins_2"))).status_code == 404


async def test_without_a_first_answer_requests_are_told_when_to_come_again(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    clerk.fail()
    for _ in range(20):
        response = await read(gateway, clerk.token())
        assert (response.status_code, response.headers["retry-after"]) == (503, "10")
    assert clerk.asked == 1
    clerk.recover()
    await gateway.clock.advance(BETWEEN)
    assert (await read(gateway, clerk.token())).status_code == 404


async def test_keys_are_renewed_before_they_grow_old_and_sooner_after_a_failure(
    gateway: GatewayBench, clerk: FakeIssuer
) -> None:
    async def pass_until_asked(times: int) -> timedelta:
        started = gateway.clock.now()
        async with asyncio.timeout(30):
            while clerk.asked < times:
                await gateway.clock.advance(timedelta(seconds=1))
                await asyncio.sleep(0.001)
        return gateway.clock.now() - started

    renewing = asyncio.create_task(keys_of(gateway).renew_forever())
    await pass_until_asked(1)
    clerk.fail()
    first = await pass_until_asked(2)
    clerk.recover()
    clerk.names = ["ins_2"]
    second = await pass_until_asked(3)
    assert RENEWED - BETWEEN < first < KEPT
    assert second < RENEWED
    assert await gateway.parts.tokens.read(forever(clerk, "ins_2")) == ADA
    assert clerk.asked == 3
    renewing.cancel()


async def test_a_running_gateway_renews_the_keys_in_the_background(gateway: GatewayBench) -> None:
    broker = make_broker(gateway.settings)
    running = assemble(gateway.settings, gateway.database, gateway.store, broker, gateway.clock)
    assert running.app.state.parts.clerk_keys.renew_forever in running.service.background


BROKEN = {
    "an error": web.Response(status=500),
    "a redirect to another host": web.Response(status=302, headers={"Location": "http://127.0.0.2:1/keys"}),
    "a redirect to another place": web.Response(status=307, headers={"Location": "/elsewhere"}),
    "no JSON": web.Response(text="<html>"),
    "no object": web.Response(text="[]"),
    "no keys": web.Response(text='{"keys": []}'),
    "keys of a wrong type": web.Response(text='{"keys": {"ins_1": 1}}'),
    "keys that are none": web.Response(text='{"keys": [1, null, {"kty": "RSA"}]}'),
    "a shared secret": web.Response(text='{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "ins_1"}]}'),
    "deep nesting": web.Response(text="[" * 100_000),
    "too much": web.Response(text=json.dumps({"keys": [rsa_jwk("ins_2")], "filler": "x" * 300_000})),
    "compressed": web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("answer", BROKEN)
async def test_an_answer_that_is_no_key_set_changes_nothing(
    gateway: GatewayBench, clerk: FakeIssuer, answer: str
) -> None:
    await gateway.parts.tokens.read(forever(clerk))
    clerk.answer = BROKEN[answer]
    await gateway.clock.advance(BETWEEN)
    with pytest.raises(ProviderAway):
        await gateway.parts.tokens.read(forever(clerk, "ins_2"))
    assert await gateway.parts.tokens.read(forever(clerk, sid="another")) == ADA
    assert clerk.elsewhere == []


async def test_an_issuer_that_does_not_answer_is_given_up_soon(clerk: FakeIssuer, tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, clerk_issuer=clerk.url, clerk_timeout_seconds=0.05)
    clerk.hold = asyncio.Event()
    with pytest.raises(ProviderAway):
        await gateway.parts.tokens.read(clerk.token())
    clerk.hold.set()


async def test_only_rsa_signing_keys_of_the_issuer_are_used(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    unfit = {**rsa_jwk("enc"), "use": "enc"}, {**rsa_jwk("pss"), "alg": "PS256"}
    clerk.answer = web.json_response({"keys": [rsa_jwk("ins_1"), *unfit]})
    assert await gateway.parts.tokens.read(clerk.token()) == ADA
    for name in ("enc", "pss"):
        with pytest.raises(InvalidToken):
            await gateway.parts.tokens.read(clerk.token(name))


async def test_an_issuer_that_fails_again_and_again_is_left_alone_and_health_tells_so(
    clerk: FakeIssuer, tmp_path: Path
) -> None:
    gateway = GatewayBench(tmp_path, clerk_issuer=clerk.url, clerk_breaker_failures=3)
    clerk.fail()
    waits = []
    for _ in range(5):
        await gateway.clock.advance(BETWEEN)
        response = await read(gateway, clerk.token())
        assert response.status_code == 503
        waits.append(response.headers["retry-after"])
    assert clerk.asked == 3
    assert waits == ["10", "10", "10", "20", "10"]
    async with gateway.caller() as client:
        told = (await client.get("/health")).json()["circuitBreakers"]
        metrics = (await client.get("/metrics")).text
    assert told["clerk"]["state"] == "open"
    assert (told["clerk"]["since"], told["clerk"]["failures"]) == ("2026-03-02T12:00:30.000Z", 3)
    assert 'viva_breaker_state{name="clerk"} 2.0' in metrics


async def test_health_tells_that_the_issuer_is_well(gateway: GatewayBench, clerk: FakeIssuer) -> None:
    await gateway.parts.tokens.read(clerk.token())
    async with gateway.caller() as client:
        told = (await client.get("/health")).json()["circuitBreakers"]
    assert told == {
        "clerk": {
            "state": "closed",
            "since": "2026-03-02T12:00:00.000Z",
            "failures": 0,
            "instances": {"closed": 1},
        }
    }
