"""The body of `/health`, as the platform's reference has it."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from vivavoce.contracts import CircuitState

Overall = Literal["ok", "degraded", "unhealthy"]
Word = Literal["connected", "disconnected", "unreachable", "not_configured", "unknown"]


def show_moment(moment: datetime) -> str:
    """A moment in UTC with three digits of milliseconds, as JavaScript's `toISOString` writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(show_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


class BreakerBody(BaseModel):
    """A provider's breaker, as the worst-off process has it; `failures` in a row.

    `instances` says in how many processes it is how; `retryAfter` after how many seconds an open one
    lets a trial through.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    state: CircuitState
    since: Moment
    failures: int
    retry_after: int | None = Field(default=None, alias="retryAfter")
    instances: dict[CircuitState, int]


class Health(BaseModel):
    """How the gateway is, what it stands on, and the services behind it.

    `not_configured` is what this installation doesn't use; `unknown` is a service that hasn't been heard
    since this gateway started, a moment ago.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    status: Overall
    timestamp: Moment
    services: dict[str, Word]
    circuit_breakers: dict[str, BreakerBody] = Field(
        default_factory=dict, alias="circuitBreakers", description="Of providers outside, by name."
    )
