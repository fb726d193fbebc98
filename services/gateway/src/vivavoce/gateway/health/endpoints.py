"""Doors for those who watch the gateway; open to everyone."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from vivavoce.chassis.http import metrics_now, readiness
from vivavoce.gateway.auth.permissions import Anyone
from vivavoce.gateway.health.schemas import Health
from vivavoce.gateway.parts import PartsOf

router = APIRouter(tags=["system"])


class Pong(BaseModel):
    """The gateway answers."""

    status: Literal["ok"] = "ok"


@router.get(
    "/health",
    summary="Health",
    response_model_exclude_none=True,
    responses={503: {"model": Health, "description": "Nothing can be stored."}},
)
async def read_health(_: Anyone, parts: PartsOf, response: Response) -> Health:
    """Degraded still accepts submissions; unhealthy can't store them."""
    health = await parts.health.read()
    response.status_code = 503 if health.status == "unhealthy" else 200
    return health


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
