"""Doors for those who watch the gateway; open to everyone."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.chassis.http import metrics_now, readiness, run_checks
from vivavoce.gateway.auth.permissions import Anyone
from vivavoce.gateway.health.service import BreakerBody, Overall, breaker_bodies, overall, services
from vivavoce.gateway.parts import PartsOf

router = APIRouter(tags=["system"])


class Health(BaseModel):
    """How the gateway and what it stands on are."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    status: Overall
    timestamp: datetime
    services: dict[str, str] = Field(
        examples=[{"mongo": "connected", "kafka": "connected", "redis": "not_configured"}]
    )
    circuit_breakers: dict[str, BreakerBody] = Field(
        default_factory=dict, alias="circuitBreakers", description="Of providers outside, by name."
    )


class Pong(BaseModel):
    """The gateway answers."""

    status: Literal["ok"] = "ok"


@router.get(
    "/health",
    summary="Health",
    responses={503: {"model": Health, "description": "Nothing can be stored."}},
)
async def read_health(_: Anyone, parts: PartsOf, response: Response) -> Health:
    """Degraded still accepts submissions; unhealthy can't store them."""
    states = await run_checks(parts.checks)
    status = overall(states)
    response.status_code = 503 if status == "unhealthy" else 200
    return Health(
        status=status,
        timestamp=parts.clock.now(),
        services=services(states),
        circuit_breakers=breaker_bodies(parts.breakers()),
    )


@router.get("/ready", include_in_schema=False)
async def read_readiness(_: Anyone, parts: PartsOf) -> Response:
    """200 when everything works that serving needs, for whoever routes traffic."""
    return await readiness(parts.readiness)


@router.get("/ping", summary="Liveness")
async def ping(_: Anyone) -> Pong:
    """Answers as long as the process lives."""
    return Pong()


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Metrics."}},
)
async def metrics(_: Anyone, request: Request) -> Response:
    """Prometheus' text format; OpenMetrics, with exemplars, for those who accept it."""
    return metrics_now(request)
