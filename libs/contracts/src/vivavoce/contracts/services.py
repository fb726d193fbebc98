"""Services: how a process and the providers outside that it asks fare. Best effort, about no interview."""

from datetime import timedelta
from enum import StrEnum

from pydantic import AwareDatetime, Field

from vivavoce.contracts.fact import Fact, Value


class CircuitState(StrEnum):
    """How a breaker is: `closed` is well, `open` asks nothing, `half_open` has one trial under way."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Circuit(Value):
    """The breaker of one provider in one process; `failures` in a row.

    An open one lets a trial through at `until`.
    """

    provider: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    state: CircuitState
    since: AwareDatetime
    failures: int = Field(default=0, ge=0)
    until: AwareDatetime | None = None


class ServiceReported(Fact, type="service.reported", key="service"):
    """Emitted by every process now and then, and at once when one of its breakers changes.

    `ready`: it consumes, and what it stands on answers. `circuits` are those of the providers that it
    is configured to ask. The next report comes within `every_seconds`.
    """

    partitions = 1
    retention = timedelta(hours=1)
    durable = False

    service: str = Field(min_length=1, max_length=100)
    instance: str = Field(min_length=1, max_length=200)
    ready: bool
    circuits: tuple[Circuit, ...] = Field(default=(), max_length=20)
    every_seconds: float = Field(gt=0, le=300)
