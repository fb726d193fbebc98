"""Drives interviews through a pipeline: so many at once, each from its submission to its stored end."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.wire import Record

READ_MODEL_POLL_SECONDS = 0.005
PATIENCE_SECONDS = 120.0
PATIENCE_PER_INTERVIEW = 2.0

Submit = Callable[[int], Awaitable[str]]
IsStored = Callable[[str], Awaitable[bool]]


@dataclass(frozen=True)
class Load:
    """A bounded load and how long everything took, in seconds; `begun` and `ended` bound it."""

    interviews: int
    concurrency: int
    begun: datetime
    ended: datetime
    wall: float
    accepted: list[float]
    completed: list[float]

    @property
    def per_second(self) -> float:
        """Interviews from submission to end per second."""
        return self.interviews / self.wall


class Endings:
    """Which interviews have ended: heard on their topic, then looked for in the read model."""

    def __init__(self, is_stored: IsStored) -> None:
        self._is_stored = is_stored
        self._heard: dict[str, asyncio.Event] = {}

    async def hear(self, record: Record) -> None:
        """Note the interview that a message is keyed by."""
        self._of((record.key or b"").decode()).set()

    async def wait(self, interview: str) -> None:
        """Return once the interview's end can be read."""
        await self._of(interview).wait()
        while True:
            if await self._is_stored(interview):
                del self._heard[interview]
                return
            await asyncio.sleep(READ_MODEL_POLL_SECONDS)

    def _of(self, interview: str) -> asyncio.Event:
        return self._heard.setdefault(interview, asyncio.Event())


@asynccontextmanager
async def endings(kafka: str, topic: str, is_stored: IsStored) -> AsyncIterator[Endings]:
    """Hear of the ends of interviews for the length of a block."""
    heard = Endings(is_stored)
    wire = KafkaWire(ServiceSettings(service_name="bench", kafka_bootstrap_servers=kafka))
    at_once = asyncio.Event()
    at_once.set()
    async with wire.listen(topic, heard.hear, awaited=at_once):
        yield heard
    await wire.stop()


async def drive(submit: Submit, ends: Endings, interviews: int, concurrency: int) -> Load:
    """Submit so many interviews, each client its next one when its last has ended.

    Raises TimeoutError when they don't end.
    """
    numbers = iter(range(interviews))
    accepted: list[float] = []
    completed: list[float] = []

    async def client() -> None:
        for number in numbers:
            started = time.perf_counter()
            interview = await submit(number)
            accepted.append(time.perf_counter() - started)
            await ends.wait(interview)
            completed.append(time.perf_counter() - started)

    begun, started = datetime.now(UTC), time.perf_counter()
    async with asyncio.timeout(PATIENCE_SECONDS + PATIENCE_PER_INTERVIEW * interviews):
        async with asyncio.TaskGroup() as clients:
            for _ in range(concurrency):
                clients.create_task(client())
    wall = time.perf_counter() - started
    return Load(interviews, concurrency, begun, datetime.now(UTC), wall, accepted, completed)
