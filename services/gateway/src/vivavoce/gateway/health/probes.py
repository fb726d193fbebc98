"""Probes of what the gateway stands on, shared by all who ask within a second: a flood costs nothing."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.http import Check, CheckState, run_checks

FRESH = timedelta(seconds=1)


class Probes:
    """Runs all checks at once, one round at a time, at most one a second."""

    def __init__(self, checks: Mapping[str, Check], clock: Clock) -> None:
        self._checks = checks
        self._clock = clock
        self._states: dict[str, CheckState] = {}
        self._probed_at: datetime | None = None
        self._round: asyncio.Task[None] | None = None

    async def states(self) -> Mapping[str, CheckState]:
        """What each check said, at most a second ago."""
        if self._round is None and not self._is_fresh():
            self._round = asyncio.create_task(self._probe())
        if self._round is not None:
            await asyncio.shield(self._round)
        return self._states

    def _is_fresh(self) -> bool:
        probed_at = self._probed_at
        return probed_at is not None and timedelta(0) <= self._clock.now() - probed_at < FRESH

    async def _probe(self) -> None:
        try:
            self._states = await run_checks(self._checks)
            self._probed_at = self._clock.now()
        finally:
            self._round = None
