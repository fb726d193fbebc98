"""Does to a running stack what a plan says, and heals it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import CalledProcessError
from time import monotonic

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from tests.chaos.faults import FAULTS, faulty
from tests.chaos.plan import Act, Injury
from tests.chaos.poison import Poisoner
from tests.support.absences import frozen, stopped
from tests.support.live import LiveStack, eventually
from tests.support.tempers import Moody, Temper
from vivavoce.cli.home import Home
from vivavoce.cli.stack.names import BROKER, BROKER_SERVER, KAFKA_BROKERS
from vivavoce.cli.stack.status import ready_names, running_plan

BETWEEN_SIGNALS = 0.3
BACK_WITHIN = 60.0


@dataclass
class Injurer:
    """Performs acts on a stack, its subscribers and the site of its recordings.

    `forgot_at` is when the embedded broker was last back without its log, on the monotonic clock;
    `back` are the brokers that were killed and came back, in order.
    """

    stack: LiveStack
    database: str
    moods: Mapping[str, Moody]
    poisoner: Poisoner
    failed: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    forgot_at: float | None = None
    _cluster: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, plan: Iterable[Act]) -> None:
        """Perform every act at its time; returns when all that was done has been healed."""
        start = monotonic()
        async with asyncio.TaskGroup() as acting:
            for act in plan:
                acting.create_task(self._at(start, act))

    async def _at(self, start: float, act: Act) -> None:
        await asyncio.sleep(max(0.0, start + act.at - monotonic()))
        try:
            await self._perform(act)
        except (KafkaError, PyMongoError, OSError, TimeoutError, CalledProcessError) as error:
            # One act that can't be done must not spare the system the others.
            self.failed.append(f"{act.injury} {act.to} {act.how} at {act.at:g}: {type(error).__name__}")

    async def _perform(self, act: Act) -> None:
        do: dict[Injury, Callable[[Act], Awaitable[None]]] = {
            Injury.KILL: self._kill,
            Injury.TERM: self._term,
            Injury.TERM_TWICE: self._term,
            Injury.FREEZE: self._freeze,
            Injury.RESTART: self._restart,
            Injury.TEMPER: self._anger,
            Injury.FAULT: self._fault,
            Injury.POISON: self._poison,
        }
        if act.to in KAFKA_BROKERS:
            async with self._cluster:
                await do[act.injury](act)
                await in_sync(self.poisoner.kafka)
        else:
            await do[act.injury](act)

    async def _kill(self, act: Act) -> None:
        runner = BROKER if act.to == BROKER_SERVER else act.to
        before = self.stack.pids().get(runner)
        self._signal(act.to, signal.SIGKILL)
        if act.to in (BROKER_SERVER, *KAFKA_BROKERS):
            await eventually(lambda: self._is_new(runner, before), BACK_WITHIN)
            self.back.append(act.to)
        if act.to == BROKER_SERVER:
            self.forgot_at = monotonic()

    async def _is_new(self, part: str, before: int | None) -> bool:
        home = Home(self.stack.home)
        processes = [one for one in running_plan(home).processes if one.name == part]
        ready = await asyncio.to_thread(ready_names, home, processes)
        return self.stack.pids().get(part) != before and part in ready

    async def _term(self, act: Act) -> None:
        self._signal(act.to, signal.SIGTERM)
        if act.injury is Injury.TERM_TWICE:
            await asyncio.sleep(BETWEEN_SIGNALS)
            self._signal(act.to, signal.SIGTERM)

    def _signal(self, part: str, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):  # it is being started at this moment
            os.kill(self.stack.pids()[part], number)

    async def _freeze(self, act: Act) -> None:
        with suppress(ProcessLookupError):
            async with frozen(self.stack, act.to):
                await asyncio.sleep(act.lasts)

    async def _restart(self, act: Act) -> None:
        async with stopped(self.stack, act.to):
            await asyncio.sleep(act.lasts)

    async def _anger(self, act: Act) -> None:
        mood = self.moods[act.to]
        mood.temper = Temper(act.how)
        try:
            await asyncio.sleep(act.lasts)
        finally:
            mood.temper = Temper.WELL

    async def _fault(self, act: Act) -> None:
        async with faulty(self.database, FAULTS[act.how]):
            await asyncio.sleep(act.lasts)

    async def _poison(self, act: Act) -> None:
        await self.poisoner.put(act.how, act.to)


async def in_sync(kafka: str) -> None:
    """Return when every partition of the cluster has all its copies; raises TimeoutError."""

    async def whole() -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka.split(","))
        try:
            await admin.start()
            topics = await admin.describe_topics()
        except (KafkaError, OSError, TimeoutError):
            return False
        finally:
            await admin.close()
        partitions = [partition for topic in topics for partition in topic["partitions"]]
        return bool(partitions) and all(len(one["isr"]) == len(one["replicas"]) for one in partitions)

    await eventually(whole, BACK_WITHIN, every=1.0)
