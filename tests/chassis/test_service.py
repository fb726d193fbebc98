"""The shell of a process: what it waits for, what it keeps going, and how it stops."""

import asyncio

import pytest

from tests.support import facts
from tests.support.databases import until
from tests.support.delivery import commit, joined, memory_database, service
from vivavoce.chassis import service as shell
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.http import run_checks
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.memory_wire import MemoryWire
from vivavoce.chassis.service import Service


class Started:
    """A service over a wire in memory, with a background task that tells what became of it."""

    def __init__(self, *failures: Exception) -> None:
        self.told: list[str] = []
        self._failures = list(failures)
        self.database: MemoryDatabase = memory_database(SystemClock())
        self.wire = MemoryWire()
        self.service: Service = service(
            "tested", database=self.database, background=[self._background], prepare=[self._prepare]
        )
        self.service.broker.wire = self.wire

    async def _prepare(self) -> None:
        self.told.append("prepared")

    async def _background(self) -> None:
        self.told.append("begun")
        if self._failures:
            raise self._failures.pop(0)
        try:
            await asyncio.Event().wait()
        finally:
            self.told.append("ended")

    def published(self) -> int:
        return sum(len(found) for _, _, found in self.wire.partitions(["recording.requested"]))


async def test_a_service_prepares_runs_and_ends_its_background() -> None:
    house = Started()

    async with house.service.lifespan():
        await until(lambda: house.told == ["prepared", "begun"])

    assert house.told == ["prepared", "begun", "ended"]


async def test_a_background_task_that_fails_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "RESTART_SECONDS", 0)
    house = Started(RuntimeError("a fault"), InfrastructureAway("no answer"))

    async with house.service.lifespan():
        await until(lambda: house.told.count("begun") == 3)

    assert house.told[-1] == "ended"


async def test_a_service_waits_for_its_database_before_anything_else() -> None:
    house = Started()
    house.database.away = True
    asyncio.get_running_loop().call_later(0.1, setattr, house.database, "away", False)

    async with house.service.lifespan():
        assert not house.database.away
        assert house.told[0] == "prepared"


async def test_a_service_runs_without_its_broker_and_is_ready_when_that_comes() -> None:
    house = Started()
    house.wire.away = True

    async with house.service.lifespan():
        await commit(house.service, facts.requested())
        states = await run_checks(house.service.all_checks())
        assert {name for name, state in states.items() if not state.ok} == {"broker", "consumers"}

        house.wire.away = False
        await until(lambda: joined(house.service))
        await until(lambda: house.published() == 1)
        assert all(state.ok for state in (await run_checks(house.service.all_checks())).values())


async def test_what_was_committed_last_is_published_before_the_process_ends() -> None:
    house = Started()

    async with house.service.lifespan():
        await until(lambda: joined(house.service))
        for number in range(20):
            await commit(house.service, facts.requested().model_copy(update={"answer_id": f"a{number}"}))

    assert house.published() == 20


async def test_a_service_stops_without_a_broker_too() -> None:
    house = Started()
    house.wire.away = True

    async with house.service.lifespan():
        await commit(house.service, facts.requested())

    assert (await house.database.outbox.backlog()).depth == 1
