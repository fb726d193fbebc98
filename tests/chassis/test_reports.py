"""Every process tells whether it is ready and how its providers fare, and nothing fails when nobody hears."""

import asyncio
from datetime import timedelta

import pytest

from tests.support.databases import until
from tests.support.gateway import NOON
from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.broker import make_broker
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import InfrastructureAway, ProviderFault
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.memory_bus import MemoryBus
from vivavoce.chassis.reading import read_fact
from vivavoce.chassis.service import Service
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.contracts import FACTS, ServiceReported


class Bench:
    """A service that asks one provider, on a bus in memory; its reporter runs, nothing else of it."""

    def __init__(self) -> None:
        self.clock, self.bus = ManualClock(NOON), MemoryBus()
        self.breaker = Breaker("groq", self.clock, failures=1, rest_seconds=30)
        self.away = False
        settings = ServiceSettings(service_name="evaluation", report_seconds=10)
        self.service = Service(
            settings,
            MemoryDatabase(source="/vivavoce/evaluation", clock=self.clock),
            make_broker(settings),
            checks={"store": self._check, "consumers": self._check},
            breakers=(self.breaker,),
            clock=self.clock,
        )
        self.bus.connect(self.service)

    async def _check(self) -> None:
        if self.away:
            raise InfrastructureAway("away")

    def reports(self) -> list[ServiceReported]:
        """What was told so far."""
        return [read_fact(record, FACTS).fact for record in self.bus.records("service.reported")]

    async def told(self, times: int) -> list[ServiceReported]:
        """The reports, once there are so many."""
        await until(lambda: len(self.reports()) >= times)
        return self.reports()

    async def fail(self) -> None:
        """The provider fails once, which opens the breaker."""
        with pytest.raises(ProviderFault):
            async with self.breaker.guard():
                raise ProviderFault("away")


async def test_a_report_tells_of_readiness_and_breakers_and_of_no_organization() -> None:
    bench = Bench()
    await bench.service.report()
    bench.away = True
    await bench.service.report()
    well, ill = await bench.told(2)
    assert (well.service, well.ready, ill.ready, well.every_seconds) == ("evaluation", True, False, 10)
    assert [(each.provider, each.state) for each in well.circuits] == [("groq", "closed")]
    (record, _) = bench.bus.records("service.reported")
    assert dict(record.headers)["ce_organizationid"] == b"none"


async def test_it_is_told_at_once_when_a_breaker_changes_and_otherwise_now_and_then() -> None:
    bench = Bench()
    reporting = asyncio.create_task(bench.service.run_reports())
    await bench.told(1)
    await bench.fail()
    assert (await bench.told(2))[-1].circuits[0].state == "open"
    await asyncio.sleep(0)
    await bench.clock.advance(timedelta(seconds=10))
    await bench.told(3)
    reporting.cancel()


async def test_a_report_that_nobody_can_be_told_is_dropped() -> None:
    bench = Bench()
    bench.bus.wire.away = True
    await bench.service.report()
    await asyncio.sleep(0)
    bench.bus.wire.away = False
    await bench.service.report()
    assert len(await bench.told(1)) == 1
