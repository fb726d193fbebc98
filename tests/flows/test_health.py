"""A provider that fails in one service is seen at the door of every gateway, and so is its recovery."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.gateway import HOST
from tests.support.house import House
from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.broker import make_broker
from vivavoce.chassis.errors import CircuitOpen, ProviderAway
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.service import Service
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.store import make_store
from vivavoce.gateway import app as gateway
from vivavoce.gateway.settings import GatewaySettings

REST = timedelta(seconds=30)


class Judging:
    """A service that asks one provider, in a house with two gateways."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.breaker = Breaker("groq", house.clock, failures=3, rest_seconds=REST.total_seconds())
        settings = ServiceSettings(service_name="evaluation", instance_name="2")
        database = MemoryDatabase(source="/vivavoce/evaluation", clock=house.clock)
        self.service = Service(
            settings,
            database,
            make_broker(settings),
            checks={"consumers": database.ping},
            breakers=(self.breaker,),
            clock=house.clock,
        )
        house.bus.connect(self.service)
        self.doors = [house.gateway, self._second_door()]

    def _second_door(self) -> gateway.Gateway:
        settings = GatewaySettings(instance_name="2")
        database = self._house.databases["gateway"]
        store, broker = make_store("memory:///"), make_broker(settings)
        opened = gateway.assemble(settings, database, store, broker, self._house.clock)
        self._house.bus.connect(opened.service)
        return opened

    async def ask(self, *, well: bool) -> None:
        """Ask the provider, and tell how it went."""
        try:
            async with self.breaker.guard():
                if not well:
                    raise ProviderAway("groq doesn't answer")
        finally:
            await self.service.report()
            await self._house.bus.settle()

    async def told(self) -> dict[str, Any]:
        """What each gateway's health says of the provider, which is the same."""
        bodies = [await self._health(door) for door in self.doors]
        assert bodies[0] == bodies[1]
        return bodies[0]

    async def _health(self, door: gateway.Gateway) -> dict[str, Any]:
        transport = httpx.ASGITransport(door.app, client=("203.0.113.9", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            body = (await client.get("/health")).json()
        return {"service": body["services"]["groq"], **body["circuitBreakers"].get("groq", {})}


async def test_a_provider_goes_away_and_comes_back_and_every_gateway_says_so(tmp_path: Path) -> None:
    house = House(tmp_path)
    judging = Judging(house)
    assert await judging.told() == {"service": "not_configured"}
    for _ in range(3):
        with pytest.raises(ProviderAway):
            await judging.ask(well=False)
    with pytest.raises(CircuitOpen):
        await judging.ask(well=True)
    told = await judging.told()
    assert (told["service"], told["state"], told["retryAfter"]) == ("unreachable", "open", 30)
    await house.clock.advance(REST)
    async with judging.breaker.guard():
        await judging.service.report()
        await house.bus.settle()
        assert (await judging.told())["state"] == "half_open"
    await judging.ask(well=True)
    told = await judging.told()
    assert (told["service"], told["state"], told["instances"]) == ("connected", "closed", {"closed": 1})
