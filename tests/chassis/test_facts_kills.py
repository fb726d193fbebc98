"""A process that is killed at any of its steps loses nothing, and nothing happens twice in effect."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support import facts
from tests.support.databases import NOON
from tests.support.delivery import SOON, commit, memory_database, of, service
from vivavoce.chassis import memory_bus
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.memory_bus import MemoryBus
from vivavoce.chassis.service import Service
from vivavoce.chassis.subscriptions import Group, Received, on, work
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import RecordingIngested, RecordingRequested

INTERVIEWS = ("one", "two")
MOST_STEPS = 200


class Killed(BaseException):
    """What a process at this step would have done next is not done."""


class Steps:
    """Counts what a process asks of the world, and kills it before or after one of these steps."""

    def __init__(self, last: int) -> None:
        self.taken = 0
        self._last = last

    def of(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same function as two steps: it is asked for, and it is done."""

        async def stepped(*arguments: Any, **options: Any) -> Any:
            self._step()
            result = await call(*arguments, **options)
            self._step()
            return result

        return stepped

    def _step(self) -> None:
        self.taken += 1
        if self.taken == self._last:
            raise Killed


class Line:
    """A giver asks for recordings, a worker ingests them and says so, a witness counts what was said."""

    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.clock = ManualClock(NOON)
        self.witnessed: Counter[str] = Counter()
        self.databases: list[MemoryDatabase] = []
        ingest = Group("ingest", (work(RecordingRequested, self._prepare, self._ingest, within=SOON),))
        witness = Group("witness", (on(RecordingIngested, self._witness, within=SOON),))
        self.giver = self._service("giver")
        self.worker = self._service("worker", ingest)
        self._service("witness", witness)

    def _service(self, name: str, *groups: Group) -> Service:
        self.databases.append(memory_database(self.clock))
        made = service(name, groups=groups, database=self.databases[-1], clock=self.clock)
        self.bus.connect(made)
        return made

    async def _prepare(self, _: Received[RecordingRequested]) -> None:
        """The slow part."""

    async def _ingest(self, received: Received[RecordingRequested], _: None, uow: UnitOfWork) -> None:
        uow.emit(of(received.fact.interview_id, facts.ingested()))

    async def _witness(self, received: Received[RecordingIngested], uow: UnitOfWork) -> None:
        uow.after_commit(lambda: self.witnessed.update([received.fact.interview_id]))

    def step_by(self, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every step of every process be one at which it may be killed."""
        for database in self.databases:
            for part, name in (
                (database, "transact"),
                (database.inbox, "seen"),
                (database.outbox, "pending"),
                (database.outbox, "mark_sent"),
            ):
                monkeypatch.setattr(part, name, steps.of(getattr(part, name)))
        monkeypatch.setattr(self.bus.wire, "send", steps.of(self.bus.wire.send))

    def start_again(self) -> None:
        """What processes had in memory is gone."""
        self.bus._relays = [memory_bus._relay(each) for each in self.bus._services]


async def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Line, bool]:
    """The line after a kill at that step, if it took as many, and after it went on."""
    line, steps = Line(), Steps(step)
    for interview in INTERVIEWS:
        await commit(line.giver, of(interview, facts.requested()))
    with monkeypatch.context() as patching:
        line.step_by(steps, patching)
        try:
            await line.bus.settle()
        except Killed:
            line.start_again()
    await line.bus.settle()
    return line, steps.taken >= step


async def test_whatever_step_a_process_is_killed_at_nothing_is_lost_and_nothing_happens_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    effects: list[Counter[str]] = []
    repeated = 0
    for step in range(1, MOST_STEPS):
        line, killed = await killed_at(step, monkeypatch)
        effects.append(line.witnessed)
        repeated += len(line.bus.records("recording.ingested")) > len(INTERVIEWS)
        if not killed:
            break

    assert effects == [Counter(INTERVIEWS)] * len(effects)
    assert 20 < len(effects) < MOST_STEPS
    assert repeated > 0
