"""Circuit breakers around outside providers: who has failed often is left alone for a while."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from purgatory.domain.model import Context, HalfOpenedState

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import (
    CircuitOpen,
    DeadlineExceeded,
    InfrastructureAway,
    ProviderFault,
    ProviderRefused,
    VivaError,
)
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import BREAKER_CHANGES, BREAKER_REJECTED, BREAKER_STATE
from vivavoce.contracts import Circuit, CircuitState

LEVELS = {CircuitState.CLOSED: 0, CircuitState.HALF_OPEN: 1, CircuitState.OPEN: 2}
SOONEST_SECONDS = 1.0
_STATES = {
    "closed": CircuitState.CLOSED,
    "opened": CircuitState.OPEN,
    "half-opened": CircuitState.HALF_OPEN,
}
_FAILURES = (ProviderFault, InfrastructureAway, DeadlineExceeded, TimeoutError, OSError)

log = get_logger(__name__)


def is_failure(error: BaseException) -> bool | None:
    """Whether an error is a failure of the provider: no answer, no time left, or one that it gave as such.

    False: it answered, if only that this input is wrong or that it wants to be asked later. None: nothing
    can be said of it, such as after a cancellation or a fault of ours.
    """
    if isinstance(error, ProviderRefused):
        return False
    if isinstance(error, _FAILURES):
        return True
    return False if isinstance(error, VivaError) else None


class Breaker:
    """One breaker: opens after `failures` in a row; after `rest_seconds` one trial closes or opens it."""

    def __init__(self, name: str, clock: Clock, *, failures: int, rest_seconds: float) -> None:
        self._clock = clock
        self._rest = timedelta(seconds=rest_seconds)
        # The library's states and rules; when an open one has rested is decided here, on our clock.
        self._circuit = Context(name, failures, rest_seconds)
        self._failures = 0
        self._trying = False
        self._listeners: list[Callable[[], None]] = []
        self._state = Circuit(provider=name, state=CircuitState.CLOSED, since=clock.now())
        BREAKER_STATE.labels(name).set(LEVELS[self._state.state])
        BREAKER_REJECTED.labels(name)

    @property
    def name(self) -> str:
        """The provider's name."""
        return self._state.provider

    @property
    def state(self) -> Circuit:
        """How it is now."""
        return self._state

    def on_change(self, tell: Callable[[], None]) -> None:
        """Have it told when the breaker opens, closes or begins a trial."""
        self._listeners.append(tell)

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Run a block that asks the provider; what it raises is judged by `is_failure`.

        Raises CircuitOpen, and asks nothing, while the breaker is open or another trial is under way.
        """
        trial = self._let_in()
        try:
            yield
        except BaseException as error:
            self._count(error, trial)
            raise
        else:
            self._count(None, trial)
        finally:
            self._trying = self._trying and not trial

    def _let_in(self) -> bool:
        """Whether this call is a trial."""
        if self._state.state is CircuitState.OPEN:
            rested = self._clock.now() - self._state.since
            if timedelta(0) <= rested < self._rest:
                raise self._refusal((self._rest - rested).total_seconds())
            self._circuit.set_state(HalfOpenedState())
            self._note()
        if self._state.state is CircuitState.CLOSED:
            return False
        if self._trying:
            raise self._refusal(SOONEST_SECONDS)
        self._trying = True
        return True

    def _refusal(self, seconds: float) -> CircuitOpen:
        BREAKER_REJECTED.labels(self.name).inc()
        return CircuitOpen(
            f"{self.name} has failed too often and is left alone for a while: try again later.",
            retry_after=max(seconds, SOONEST_SECONDS),
        )

    def _count(self, error: BaseException | None, trial: bool) -> None:
        """A call that began before the breaker opened says nothing about what came since."""
        failed = False if error is None else is_failure(error)
        if failed is None or (self._state.state is not CircuitState.CLOSED and not trial):
            return
        if error is not None and failed:
            self._failures += 1
            self._circuit.handle_exception(error)
        else:
            self._failures = 0
            self._circuit.handle_end_request()
        self._note()

    def _note(self) -> None:
        self._circuit.messages.clear()
        state = _STATES[self._circuit.state]
        if state is self._state.state:
            self._state = self._state.model_copy(update={"failures": self._failures})
            return
        now = self._clock.now()
        until = now + self._rest if state is CircuitState.OPEN else None
        self._state = Circuit(
            provider=self.name, state=state, since=now, failures=self._failures, until=until
        )
        BREAKER_STATE.labels(self.name).set(LEVELS[state])
        BREAKER_CHANGES.labels(self.name, state).inc()
        log.warning("breaker_changed", breaker=self.name, state=state, failures=self._failures)
        for tell in self._listeners:
            tell()
