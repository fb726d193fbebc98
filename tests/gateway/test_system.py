"""What operators see: health, liveness, metrics."""

import pytest

from tests.support.gateway import GatewayBench
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.http import CheckState
from vivavoce.gateway.health.service import overall, services


async def test_health_has_the_platforms_body(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        response = await client.get("/health")
    assert response.json() == {
        "status": "ok",
        "timestamp": "2026-03-02T12:00:00Z",
        "services": {
            "mongo": "connected",
            "redis": "not_configured",
            "groq": "not_configured",
            "piston": "not_configured",
        },
        "circuitBreakers": {},
    }


async def test_without_its_database_the_gateway_is_unhealthy(gateway: GatewayBench) -> None:
    gateway.database.away = True
    async with gateway.caller() as client:
        response = await client.get("/health")
    assert (response.status_code, response.json()["status"]) == (503, "unhealthy")
    assert response.json()["services"]["mongo"] == "disconnected"


def test_without_anything_else_the_gateway_is_degraded() -> None:
    states = {"mongo": CheckState(ok=True), "kafka": CheckState(ok=False, error=InfrastructureAway.code)}
    assert overall(states) == "degraded"
    assert services(states)["kafka"] == "disconnected"


@pytest.mark.parametrize("path", ["/ping", "/metrics", "/health", "/ready"])
async def test_operators_need_no_credentials(gateway: GatewayBench, path: str) -> None:
    async with gateway.caller() as client:
        assert (await client.get(path)).status_code == 200
