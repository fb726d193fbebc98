"""How the gateway is, what it stands on, and the services behind it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.http import Check
from vivavoce.contracts import Circuit, ServiceReported
from vivavoce.gateway.health import rules
from vivavoce.gateway.health.heard import MISSED_REPORTS, Heard
from vivavoce.gateway.health.probes import Probes
from vivavoce.gateway.health.schemas import Health
from vivavoce.gateway.settings import GatewaySettings


class HealthReader:
    """Probes what this process stands on, and adds what every process has reported.

    `breakers` are this process's own; of those it knows without being told.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        clock: Clock,
        checks: Mapping[str, Check],
        breakers: Sequence[Breaker],
    ) -> None:
        self._breakers = tuple(breakers)
        self.heard = Heard(clock, frozenset({settings.service_name, *settings.watched_services}))
        self._settings = settings
        self._clock = clock
        self._probes = Probes(checks, clock)
        self._silence_counts_from = clock.now() + timedelta(seconds=MISSED_REPORTS * settings.report_seconds)

    @property
    def breakers(self) -> tuple[Breaker, ...]:
        """This process's own."""
        return self._breakers

    def watch(self, *breakers: Breaker) -> None:
        """Tell of more breakers of this process, such as its store's."""
        self._breakers += breakers

    async def read(self) -> Health:
        """How everything is now."""
        probes, reports = await self._probes.states(), self.heard.reports()
        now = self._clock.now()
        breakers = rules.breakers(self._circuits(reports), now)
        watched = rules.watched_words(
            self._settings.watched_services, reports, listening_long=now > self._silence_counts_from
        )
        services = rules.services(probes, breakers, watched)
        return Health(
            status=rules.overall(services), timestamp=now, services=services, circuit_breakers=breakers
        )

    def _circuits(self, reports: Sequence[ServiceReported]) -> list[Circuit]:
        own = self._settings.service_name, self._settings.instance_name
        told = [
            each for report in reports if (report.service, report.instance) != own for each in report.circuits
        ]
        return [*(breaker.state for breaker in self.breakers), *told]
