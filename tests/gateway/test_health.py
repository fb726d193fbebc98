"""`/health`: what was probed and heard, in the words of the platform's reference."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.gateway import NOON, GatewayBench
from vivavoce.chassis.ask import error_of, failure_of
from vivavoce.chassis.broadcasts import hear
from vivavoce.chassis.errors import CircuitOpen, InfrastructureAway
from vivavoce.chassis.http import CheckState
from vivavoce.contracts import Circuit, CircuitState, ServiceReported
from vivavoce.gateway.health.probes import Probes
from vivavoce.gateway.health.rules import breakers, overall, services, watched_words
from vivavoce.gateway.health.schemas import Word

WORKERS = ("media", "proctoring", "evaluation", "notifier")
MINUTE = timedelta(minutes=1)


def circuit(state: str = "open", provider: str = "groq", **changes: Any) -> Circuit:
    until = NOON + timedelta(seconds=30) if state == "open" else None
    told = {"provider": provider, "state": state, "since": NOON, "failures": 0, "until": until}
    return Circuit.model_validate({**told, **changes})


def report(service: str = "evaluation", *circuits: Circuit, **changes: Any) -> ServiceReported:
    told = {"service": service, "instance": "1", "ready": True, "circuits": circuits, "every_seconds": 10}
    return ServiceReported.model_validate({**told, **changes})


async def health_of(gateway: GatewayBench) -> dict[str, Any]:
    async with gateway.caller() as client:
        body: dict[str, Any] = (await client.get("/health")).json()
    return body


async def test_health_has_the_platforms_body(gateway: GatewayBench) -> None:
    assert await health_of(gateway) == {
        "status": "ok",
        "timestamp": "2026-03-02T12:00:00.000Z",
        "services": {
            "mongo": "connected",
            **dict.fromkeys(("redis", "groq", "piston", "issuer"), "not_configured"),
            **dict.fromkeys(WORKERS, "unknown"),
        },
        "circuitBreakers": {},
    }


async def test_without_its_database_the_gateway_is_unhealthy(gateway: GatewayBench) -> None:
    gateway.database.away = True
    async with gateway.caller() as client:
        response = await client.get("/health")
    assert (response.status_code, response.json()["status"]) == (503, "unhealthy")
    assert response.json()["services"]["mongo"] == "disconnected"


async def test_head_tells_by_its_status_alone(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        well = await client.head("/health")
        gateway.database.away = True
        await gateway.clock.advance(MINUTE)
        ill = await client.head("/health")
    assert (well.status_code, ill.status_code, well.content, ill.content) == (200, 503, b"", b"")


async def test_services_that_report_are_connected_and_silent_ones_unreachable(gateway: GatewayBench) -> None:
    await gateway.clock.advance(MINUTE)
    await gateway.broadcast(*(report(name) for name in WORKERS))
    assert (await health_of(gateway))["status"] == "ok"
    await gateway.clock.advance(MINUTE)
    await gateway.broadcast(report("media"))
    body = await health_of(gateway)
    assert body["status"] == "degraded"
    assert [body["services"][name] for name in WORKERS] == ["connected", *["unreachable"] * 3]


async def test_a_provider_that_is_left_alone_is_told_with_its_breaker(gateway: GatewayBench) -> None:
    await gateway.broadcast(
        report("evaluation", circuit("open", failures=5), instance="a"),
        report("evaluation", circuit("closed", since=NOON - MINUTE), instance="b"),
    )
    await gateway.clock.advance(timedelta(seconds=10.5))
    body = await health_of(gateway)
    assert (body["status"], body["services"]["groq"]) == ("degraded", "unreachable")
    assert body["circuitBreakers"] == {
        "groq": {
            "state": "open",
            "since": "2026-03-02T12:00:00.000Z",
            "failures": 5,
            "retryAfter": 20,
            "instances": {"open": 1, "closed": 1},
        }
    }


async def test_a_provider_that_recovers_or_whose_process_is_gone_degrades_nothing(
    gateway: GatewayBench,
) -> None:
    await gateway.broadcast(report("evaluation", circuit("open")))
    await gateway.broadcast(report("evaluation", circuit("closed")))
    body = await health_of(gateway)
    assert (body["status"], body["services"]["groq"]) == ("ok", "connected")
    await gateway.clock.advance(timedelta(seconds=31))
    body = await health_of(gateway)
    assert (body["services"]["groq"], body["circuitBreakers"]) == ("not_configured", {})


async def test_two_gateways_tell_the_same(gateway: GatewayBench, tmp_path: Path) -> None:
    second = GatewayBench(tmp_path, beside=gateway, instance_name="2")
    for each in (gateway, second):
        await each.broadcast(*(report(name) for name in WORKERS))
        await each.broadcast(report("gateway", circuit(provider="clerk"), instance="3"))
    first = await health_of(gateway)
    assert first == await health_of(second)
    assert (first["services"]["issuer"], first["services"]["media"]) == ("unreachable", "connected")


async def test_what_a_gateway_has_said_of_itself_does_not_outrank_what_it_knows(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, clerk_issuer="https://clerk.test")
    await gateway.broadcast(report("gateway", circuit(provider="clerk")))
    body = await health_of(gateway)
    assert body["circuitBreakers"]["clerk"]["instances"] == {"closed": 1}


async def test_no_stranger_learns_a_name_or_an_address_of_a_process(gateway: GatewayBench) -> None:
    await gateway.broadcast(report("evaluation", circuit(), instance="evaluation-7f.internal"))
    assert "internal" not in str(await health_of(gateway))


@pytest.mark.parametrize(
    "change",
    [
        {"service": ""},
        {"instance": "x" * 300},
        {"every_seconds": 1e9},
        {"circuits": [{"provider": "<script>", "state": "open", "since": "2026-03-02T12:00:00Z"}]},
        {"circuits": [{"provider": "groq", "state": "ajar", "since": "2026-03-02T12:00:00Z"}]},
        {"circuits": [{"provider": "groq", "state": "open", "since": "2026-03-02T12:00:00"}]},
    ],
)
async def test_a_report_that_is_none_is_passed_over(gateway: GatewayBench, change: dict[str, Any]) -> None:
    good = gateway.record(report("evaluation"), "none")
    broken = json.dumps({**report("evaluation").model_dump(mode="json"), **change}).encode()
    row = next(each for each in gateway.broadcasts() if each.fact is ServiceReported)
    await hear(row, replace(good, value=broken))
    assert (await health_of(gateway))["services"]["evaluation"] == "unknown"


async def test_services_that_are_not_watched_are_passed_over(gateway: GatewayBench) -> None:
    await gateway.broadcast(report("stranger", circuit(provider="mongo")))
    body = await health_of(gateway)
    assert ("stranger" in body["services"], body["circuitBreakers"]) == (False, {})


async def test_processes_without_end_are_forgotten(gateway: GatewayBench) -> None:
    await gateway.broadcast(*(report("media", instance=str(number)) for number in range(600)))
    assert len(gateway.parts.health.heard.reports()) == 500


async def test_a_flood_costs_one_probe_a_second(gateway: GatewayBench) -> None:
    probed = 0

    async def check() -> None:
        nonlocal probed
        probed += 1
        await asyncio.sleep(0)

    probes = Probes({"mongo": check}, gateway.clock)
    await asyncio.gather(*(probes.states() for _ in range(100)))
    await probes.states()
    assert probed == 1
    await gateway.clock.advance(timedelta(seconds=1))
    assert await probes.states() == {"mongo": CheckState(ok=True)}
    assert probed == 2


async def test_a_caller_who_leaves_does_not_end_the_probe_for_others(gateway: GatewayBench) -> None:
    there = asyncio.Event()

    async def check() -> None:
        await there.wait()

    probes = Probes({"mongo": check}, gateway.clock)
    leaving, staying = (asyncio.create_task(probes.states()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    there.set()
    assert (await staying)["mongo"].ok


async def test_an_open_breaker_of_a_service_is_503_with_the_time_to_wait(gateway: GatewayBench) -> None:
    refusal = CircuitOpen("groq has failed too often.", retry_after=7)
    gateway.asker.answer = error_of(failure_of(refusal))
    async with gateway.client() as client:
        response = await client.get("/api/webhooks")
    assert (response.status_code, response.headers["retry-after"]) == (503, "7")


def test_only_what_is_away_degrades() -> None:
    well: dict[str, Word] = {"mongo": "connected", "redis": "not_configured", "media": "unknown"}
    assert overall(well) == "ok"
    assert overall({**well, "kafka": "disconnected"}) == "degraded"
    assert overall({**well, "groq": "unreachable"}) == "degraded"
    assert overall({**well, "mongo": "disconnected", "groq": "unreachable"}) == "unhealthy"


def test_a_probe_outranks_a_breaker() -> None:
    away = CheckState(ok=False, error=InfrastructureAway.code)
    told = breakers([circuit("closed", "store")], NOON)
    assert services({"store": away}, told, {})["store"] == "disconnected"


def test_one_ready_process_is_enough() -> None:
    reports = [report("media", instance="1", ready=True), report("media", instance="2", ready=False)]
    assert watched_words(["media"], reports, listening_long=True) == {"media": "connected"}
    assert watched_words(["media"], reports[1:], listening_long=False) == {"media": "unreachable"}


def test_a_breaker_is_told_as_its_worst_process_has_it() -> None:
    states = ["closed", "half_open", "open"]
    for most in range(1, 4):
        told = breakers([circuit(state) for state in states[:most]], NOON)["groq"]
        assert told.state == states[most - 1]
        assert sum(told.instances.values()) == most
    late = breakers([circuit("open")], NOON + MINUTE)["groq"]
    assert (late.state, late.retry_after) == (CircuitState.OPEN, 1)
