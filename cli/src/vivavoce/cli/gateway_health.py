"""What the gateway says at `/health`: the services and providers behind it, in one line for people."""

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

CHECK_SECONDS = 3.0
MOST_BYTES = 100_000
NOT_WORTH_SAYING = "not_configured"


class BreakerHealth(BaseModel):
    """The breaker of a provider."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True, serialize_by_alias=True)

    state: str
    retry_after: int | None = Field(default=None, alias="retryAfter")


class GatewayHealth(BaseModel):
    """The gateway's own words; what a newer one adds is kept."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True, serialize_by_alias=True)

    status: str
    services: dict[str, str]
    breakers: dict[str, BreakerHealth] = Field(default_factory=dict, alias="circuitBreakers")


def gateway_health(base_url: str) -> GatewayHealth | None:
    """What the gateway says; None when it doesn't answer."""
    target = urlsplit(base_url)
    connection = HTTPConnection(target.hostname or "", target.port, timeout=CHECK_SECONDS)
    try:
        connection.request("GET", "/health")
        return GatewayHealth.model_validate_json(connection.getresponse().read(MOST_BYTES))
    except (OSError, HTTPException, ValidationError):
        return None
    finally:
        connection.close()


def health_line(health: GatewayHealth | None) -> str:
    """The services by how they are, and the breakers that aren't closed."""
    if health is None:
        return "health: the gateway doesn't answer"
    by_word: dict[str, list[str]] = {}
    for name, word in health.services.items():
        if word != NOT_WORTH_SAYING:
            by_word.setdefault(word, []).append(name)
    parts = [f"{', '.join(names)} {word}" for word, names in sorted(by_word.items())]
    parts += [_breaker(name, each) for name, each in health.breakers.items() if each.state != "closed"]
    return "; ".join((f"health: {health.status}", *parts))


def _breaker(name: str, breaker: BreakerHealth) -> str:
    wait = f" for {breaker.retry_after} s" if breaker.retry_after is not None else ""
    return f"breaker of {name} {breaker.state.replace('_', ' ')}{wait}"
