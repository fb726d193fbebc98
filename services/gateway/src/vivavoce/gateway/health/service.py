"""What the gateway stands on, in the words of the platform's reference."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from vivavoce.chassis.breaker import BreakerState
from vivavoce.chassis.http import CheckState

Overall = Literal["ok", "degraded", "unhealthy"]

VITAL = "mongo"
NOT_CONFIGURED = "not_configured"
UNUSED = ("redis", "groq", "piston")


class BreakerBody(BaseModel):
    """A provider's breaker: `opened` while it is left alone, `half-opened` for one trial."""

    state: Literal["closed", "half-opened", "opened"]
    since: datetime


def breaker_bodies(states: Iterable[BreakerState]) -> dict[str, BreakerBody]:
    """The breakers by name."""
    return {each.name: BreakerBody(state=each.state, since=each.since) for each in states}


def overall(states: Mapping[str, CheckState]) -> Overall:
    """Unhealthy when nothing can be stored; degraded when something else is away."""
    if all(state.ok for state in states.values()):
        return "ok"
    vital = states.get(VITAL)
    return "unhealthy" if vital is not None and not vital.ok else "degraded"


def services(states: Mapping[str, CheckState]) -> dict[str, str]:
    """Every service of the reference: what isn't part of this installation says so."""
    found = {name: "connected" if state.ok else "disconnected" for name, state in states.items()}
    return found | {name: NOT_CONFIGURED for name in UNUSED if name not in found}
