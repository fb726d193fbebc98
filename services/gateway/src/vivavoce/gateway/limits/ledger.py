"""The limits as all instances of the gateway keep them together, with few questions to the database."""

import asyncio
import math
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.counters import Counters
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.limits.metrics import REPORTS, STORE_FAILURES
from vivavoce.gateway.limits.rules import Rule
from vivavoce.gateway.limits.window import Verdict, Window

AWAY_SECONDS = 5.0
"""For how long the store isn't asked again after it has failed."""
KEPT = timedelta(minutes=1)
MOST_WINDOWS = 50_000
SWEEP_AT = 1_000

log = get_logger(__name__)


class Taken(NamedTuple):
    """Whether a use was admitted, how much is left after it, and the seconds until it is given back."""

    admitted: bool
    left: int
    wait: int


class Ledger:
    """Takes from windows that are aligned to the clock, so that all instances speak of the same ones.

    While the store is away each instance admits by what it knows itself: being available comes before
    being exact.
    """

    def __init__(self, counters: Counters, clock: Clock) -> None:
        self._counters = counters
        self._clock = clock
        self._windows: dict[str, Window] = {}
        self._sweep_at = SWEEP_AT
        self._away_until = 0.0

    async def take(self, rule: Rule, caller: str, cost: int) -> Taken:
        """Have a caller use so much, if it may."""
        now = self._now()
        window = self._window(rule, caller, now)
        verdict = window.take(cost)
        while verdict is Verdict.UNSURE:
            verdict = await self._ask(window, cost)
        if window.due:
            self._begin_report(window)
        return Taken(verdict is Verdict.ADMITTED, window.left, max(1, math.ceil(window.ends - now)))

    def _now(self) -> float:
        """Seconds of the clock that windows are aligned to."""
        return self._clock.now().timestamp()

    def _window(self, rule: Rule, caller: str, now: float) -> Window:
        number = int(now // rule.seconds)
        key = f"{rule.tier}/{caller}"
        window = self._windows.get(key)
        if window is None or window.number != number:
            name = f"{key}/{rule.seconds}/{number}"
            window = Window(rule, name, number, float((number + 1) * rule.seconds))
            self._windows[key] = window
            if len(self._windows) > self._sweep_at:
                self._sweep(now)
        return window

    async def _ask(self, window: Window, cost: int) -> Verdict:
        """Decide with the store's help; unsure again when it only told what the others have used."""
        if self._now() < self._away_until:
            window.unreported += cost
            return Verdict.ADMITTED
        if window.unreported:
            self._begin_report(window)
        if window.reporting is not None:
            await asyncio.shield(window.reporting)
            return window.take(cost)
        return await self._count(window, cost)

    async def _count(self, window: Window, cost: int) -> Verdict:
        """Count what is too much to be admitted uncounted, if it fits."""
        try:
            counted = await self._counters.add(
                window.name, cost, expires_at=_expiry(window), most=window.rule.limit
            )
        except VivaError as error:
            self._failed(error)
            return window.take(cost)
        window.settle(0, counted.total)
        return Verdict.ADMITTED if counted.added else Verdict.REFUSED

    def _begin_report(self, window: Window) -> None:
        if window.reporting is None and self._now() >= self._away_until:
            window.reporting = asyncio.create_task(self._report(window))

    async def _report(self, window: Window) -> None:
        amount = window.unreported
        try:
            counted = await self._counters.add(window.name, amount, expires_at=_expiry(window))
            window.settle(amount, counted.total)
            REPORTS.labels(window.rule.tier).inc()
        except VivaError as error:
            self._failed(error)
        finally:
            window.reporting = None

    def _failed(self, error: VivaError) -> None:
        STORE_FAILURES.inc()
        self._away_until = self._now() + AWAY_SECONDS
        log.warning("limits_are_counted_locally", error=error.code, reason=error.message)

    def _sweep(self, now: float) -> None:
        """Forget the windows that have ended, and the oldest ones if there are too many all the same."""
        live = [(key, window) for key, window in self._windows.items() if window.ends > now]
        self._windows = dict(live if len(live) < MOST_WINDOWS else live[-MOST_WINDOWS // 2 :])
        self._sweep_at = max(SWEEP_AT, min(MOST_WINDOWS, 2 * len(self._windows)))


def _expiry(window: Window) -> datetime:
    return datetime.fromtimestamp(window.ends, UTC) + KEPT
