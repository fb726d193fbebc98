"""Whole services over the bus in memory: the same promises as over a broker."""

from collections.abc import Callable

import pytest

from tests.support import facts
from tests.support.databases import CONTEXT, NOON
from tests.support.delivery import SOON, Heard, commit, memory_database, of, record, service
from vivavoce.chassis.broadcasts import broadcast, hear
from vivavoce.chassis.broker import Publisher
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import InvalidInput
from vivavoce.chassis.memory_bus import MemoryBus, NeverSettles
from vivavoce.chassis.metrics import PROGRESS_DROPPED
from vivavoce.chassis.service import Service
from vivavoce.chassis.subscriptions import Group, Received, on
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import Fact, PipelineProgress, RecordingIngested, RecordingRequested


class Town:
    """A gateway that asks for recordings, a worker that ingests them, a witness that hears of it."""

    def __init__(self, *failures: Exception) -> None:
        self.bus = MemoryBus()
        self.clock = ManualClock(NOON)
        self.worker_database = memory_database(self.clock)
        self.worked = Heard(*failures, emits=facts.ingested())
        self.witnessed = Heard()
        self.gateway = self._service("gateway")
        work = Group("work", (on(RecordingRequested, self.worked, within=SOON),))
        witness = Group("witness", (on(RecordingIngested, self.witnessed, within=SOON),))
        self.bus.connect(self.gateway)
        self.bus.connect(self._service("worker", groups=[work], database=self.worker_database))
        self.bus.connect(self._service("witness", groups=[witness]))

    def _service(self, name: str, **parts: object) -> Service:
        make: Callable[..., Service] = service
        return make(name, clock=self.clock, **parts)


async def test_a_fact_runs_through_all_services() -> None:
    town = Town()
    await commit(town.gateway, facts.requested())

    await town.bus.settle()

    assert len(town.worked.ids) == len(town.witnessed.ids) == 1
    assert town.witnessed.received[0].envelope.causation_id == town.worked.ids[0]


async def test_everything_delivered_again_has_no_second_effect() -> None:
    town = Town()
    await commit(town.gateway, facts.requested())
    await town.bus.settle()

    town.bus.redeliver()
    await town.bus.settle()

    assert len(town.worked.ids) == len(town.witnessed.ids) == 1


async def test_a_forgotten_log_is_published_again_without_a_second_effect() -> None:
    town = Town()
    await commit(town.gateway, facts.requested())
    await town.bus.settle()

    town.bus.forget()
    await commit(town.gateway, of("interview-2", facts.requested()))
    await town.bus.settle()

    assert len(town.bus.records("recording.requested")) == 2
    assert len(town.worked.ids) == len(town.witnessed.ids) == 2


async def test_what_cannot_be_handled_is_found_among_the_dead_letters() -> None:
    town = Town(InvalidInput("never"))
    await commit(town.gateway, facts.requested())

    await town.bus.settle()

    [dead] = town.bus.records("recording.requested.dlq")
    assert dead.value == town.bus.records("recording.requested")[0].value


async def test_nothing_is_lost_while_the_broker_or_a_database_is_away() -> None:
    town = Town()
    await commit(town.gateway, facts.requested())

    town.bus.wire.away = True
    await town.bus.settle()
    assert town.worked.ids == []
    town.bus.wire.away = False
    town.worker_database.away = True
    await town.bus.settle()
    assert town.worked.ids == []
    town.worker_database.away = False
    await town.bus.settle()

    assert len(town.worked.ids) == len(town.witnessed.ids) == 1


async def test_services_that_answer_each_other_without_end_are_found_out() -> None:
    async def again(received: Received[RecordingRequested], uow: UnitOfWork) -> None:
        uow.emit(received.fact)

    bus = MemoryBus()
    looping = service("loop", groups=[Group("loop", (on(RecordingRequested, again, within=SOON),))])
    bus.connect(looping)
    await commit(looping, facts.requested())

    with pytest.raises(NeverSettles):
        await bus.settle()


async def test_progress_is_heard_at_once_by_every_listener_and_a_failing_one_disturbs_none() -> None:
    heard: list[Fact] = []

    async def note(received: Received[PipelineProgress]) -> None:
        heard.append(received.fact)

    async def fail(_: Received[PipelineProgress]) -> None:
        raise RuntimeError("a broken screen")

    bus = MemoryBus()
    giver = service("giver")
    for handle in (note, fail, note):
        bus.connect(service("gateway", broadcasts=[broadcast(PipelineProgress, handle)]))
    bus.connect(giver)

    await Publisher(giver.broker, service_name="giver", clock=giver.clock).publish_now(
        facts.progress(), CONTEXT
    )
    await bus.settle()

    assert heard == [facts.progress()] * 2


async def test_progress_that_cannot_be_decoded_is_passed_over() -> None:
    async def fail(_: Received[PipelineProgress]) -> None:
        raise AssertionError("must not be heard")

    await hear(broadcast(PipelineProgress, fail), record(facts.requested()))


async def test_progress_is_dropped_while_the_broker_is_away_and_nobody_waits() -> None:
    bus = MemoryBus()
    giver = service("giver")
    bus.connect(giver)
    bus.wire.away = True
    dropped = PROGRESS_DROPPED.labels("pipeline.progress")
    before = dropped._value.get()

    publisher = Publisher(giver.broker, service_name="giver", clock=giver.clock)
    for _ in range(150):
        await publisher.publish_now(facts.progress(), CONTEXT)
    await bus.settle()

    assert bus.records("pipeline.progress") == []
    assert dropped._value.get() == before + 150


async def test_a_durable_fact_may_not_be_published_past_the_outbox() -> None:
    giver = service("giver")

    with pytest.raises(TypeError):
        await Publisher(giver.broker, service_name="giver", clock=giver.clock).publish_now(
            facts.requested(), CONTEXT
        )
