"""Circuit breakers around outside providers: who has failed often is left alone for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.messages.events import ContextChanged
from purgatory.domain.model import OpenedState

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import ProviderAway
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import BREAKER_STATE

BreakerLevel = Literal["closed", "half-opened", "opened"]
LEVELS: dict[BreakerLevel, int] = {"closed": 0, "half-opened": 1, "opened": 2}
SOONEST_SECONDS = 1.0

log = get_logger(__name__)


@dataclass(frozen=True)
class BreakerState:
    """How a breaker is, and since when (UTC): `closed`, `opened`, or `half-opened` for one trial."""

    name: str
    state: BreakerLevel
    since: datetime


class Breaker:
    """One breaker: opens after `failures` in a row, tries again after `rest_seconds`."""

    def __init__(self, name: str, clock: Clock, *, failures: int, rest_seconds: float) -> None:
        self._clock = clock
        self._rest = timedelta(seconds=rest_seconds)
        self._circuits = AsyncCircuitBreakerFactory(default_threshold=failures, default_ttl=rest_seconds)
        self._circuits.add_listener(self._hear)
        self._told(BreakerState(name, "closed", clock.now()))

    @property
    def state(self) -> BreakerState:
        """How it is now."""
        return self._state

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Run a block that asks the provider, an exception being a failure; raises ProviderAway if open."""
        circuit = await self._circuits.get_breaker(self._state.name)
        try:
            async with circuit:
                yield
        except OpenedState as error:
            rest = (self._state.since + self._rest - self._clock.now()).total_seconds()
            raise ProviderAway(
                f"{self._state.name} has failed too often and is left alone for a while.",
                retry_after=max(rest, SOONEST_SECONDS),
            ) from error

    def _hear(self, name: str, _: str, event: Any) -> None:
        if isinstance(event, ContextChanged):
            self._told(BreakerState(name, event.state, self._clock.now()))
            log.warning("breaker_changed", breaker=name, state=event.state)

    def _told(self, state: BreakerState) -> None:
        self._state = state
        BREAKER_STATE.labels(state.name).set(LEVELS[state.state])
