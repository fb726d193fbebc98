"""How a process fares, told to whoever listens: whether it is ready, and how its providers' breakers are."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.broker import Publisher
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.http import Check, run_checks
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.contracts import ServiceReported
from vivavoce.contracts.ids import new_id

NO_ORGANIZATION = "none"
"""The organization of facts that are about nobody's data; nothing that is stored has it."""


class Reporter:
    """Tells it every `report_seconds`, and at once when a breaker changes; a report may get lost."""

    def __init__(
        self,
        settings: ServiceSettings,
        publisher: Publisher,
        clock: Clock,
        checks: Callable[[], Mapping[str, Check]],
        breakers: Sequence[Breaker],
    ) -> None:
        self._settings = settings
        self._publisher = publisher
        self._clock = clock
        self._checks = checks
        self._breakers = breakers
        self._changed = asyncio.Event()
        for breaker in breakers:
            breaker.on_change(self.tell_now)

    def tell_now(self) -> None:
        """Report without waiting for the time, because something has changed."""
        self._changed.set()

    async def run_forever(self) -> None:
        """Report until cancelled."""
        while True:
            self._changed.clear()
            await self.report()
            await self._pause()

    async def report(self) -> None:
        """Tell how the process fares now."""
        settings, states = self._settings, await run_checks(self._checks())
        fact = ServiceReported(
            service=settings.service_name,
            instance=settings.instance_name,
            ready=all(state.ok for state in states.values()),
            circuits=tuple(breaker.state for breaker in self._breakers),
            every_seconds=settings.report_seconds,
        )
        await self._publisher.publish_now(fact, Context(NO_ORGANIZATION, new_id()))

    async def _pause(self) -> None:
        waits = [
            asyncio.create_task(self._changed.wait()),
            asyncio.create_task(self._clock.sleep(self._settings.report_seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
