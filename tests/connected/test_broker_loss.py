"""A broker that is killed and comes back without its log: nothing is lost, nothing happens twice."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support import facts
from tests.support.databases import until
from tests.support.delivery import SOON, commit, of, parcel, running, service
from tests.support.kafka import Kafka, embedded_only, running_kafka
from vivavoce.chassis.answers import answer
from vivavoce.chassis.ask import Asker
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.service import Service
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.subscriptions import Group, Received, on
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.chassis.wire import Parcel, Record
from vivavoce.contracts import ListWebhooks, RecordingIngested, RecordingRequested, WebhooksListed
from vivavoce.contracts.topics import REPLY_TOPIC

pytestmark = [pytest.mark.connected, embedded_only]

INTERVIEWS = 40
ASKED_BEFORE = 40
REJOINING_SECONDS = 2.0


class Pipeline:
    """Three services: one asks for recordings, one ingests them, one counts what was ingested."""

    def __init__(self, servers: str) -> None:
        self.ingested: Counter[str] = Counter()
        self.counted: Counter[str] = Counter()
        ingest = Group("ingest", (on(RecordingRequested, self._ingest, within=SOON),))
        count = Group("count", (on(RecordingIngested, self._count, within=SOON),))
        self.giver: Service = service("giver", bootstrap_servers=servers)
        self.worker = service(
            "worker",
            groups=[ingest],
            answers=[answer(ListWebhooks, self._list)],
            bootstrap_servers=servers,
        )
        self.counter = service("counter", groups=[count], bootstrap_servers=servers)
        self.giver.asker = Asker(
            self.giver.broker, self.giver.database, service_name="giver", owner="1", clock=SystemClock()
        )

    async def _ingest(self, received: Received[RecordingRequested], uow: UnitOfWork) -> None:
        uow.after_commit(lambda: self.ingested.update([received.fact.interview_id]))
        uow.emit(of(received.fact.interview_id, facts.ingested()))

    async def _count(self, received: Received[RecordingIngested], uow: UnitOfWork) -> None:
        uow.after_commit(lambda: self.counted.update([received.fact.interview_id]))

    async def _list(self, _: ListWebhooks, __: Context) -> WebhooksListed:
        return WebhooksListed(endpoints=())

    async def give(self, numbers: range) -> None:
        for number in numbers:
            await commit(self.giver, of(f"interview-{number}", facts.requested()))
            await asyncio.sleep(0.005)

    async def answers(self) -> bool:
        context = Context(organization_id="org", correlation_id="corr")
        question = ListWebhooks(organization_id="org")
        try:
            assert self.giver.asker is not None
            await self.giver.asker.ask(question, context, within=timedelta(seconds=2))
        except VivaError:
            return False
        return True


async def test_a_broker_that_was_killed_and_forgot_everything_loses_nothing_in_effect() -> None:
    with running_kafka() as kafka:
        pipeline = Pipeline(kafka.bootstrap_servers)
        async with running(pipeline.giver, pipeline.worker, pipeline.counter):
            await pipeline.give(range(INTERVIEWS))
            giving = asyncio.create_task(pipeline.give(range(INTERVIEWS, 2 * INTERVIEWS)))
            await until(lambda: len(pipeline.counted) > INTERVIEWS // 2)
            kafka.kill()
            await giving
            await asyncio.to_thread(
                kafka.start
            )  # without topics, as clients may meet it before its supervisor has made them

            await until(lambda: len(pipeline.counted) == 2 * INTERVIEWS)
            await until(pipeline.answers)

    expected = Counter(f"interview-{number}" for number in range(2 * INTERVIEWS))
    assert pipeline.ingested == expected
    assert pipeline.counted == expected


@pytest.mark.parametrize("reading", ["always", "while awaited"])
async def test_a_listener_hears_the_first_word_of_a_broker_that_forgot_all_earlier_ones(reading: str) -> None:
    heard: list[bytes | None] = []
    awaited = asyncio.Event() if reading == "while awaited" else None

    async def keep(record: Record) -> None:
        heard.append(record.value)

    async def say(word: bytes) -> None:
        if awaited is not None:
            awaited.set()
        await wire.send(Parcel(REPLY_TOPIC, None, word, partition=0))
        await until(lambda: word in heard)
        if awaited is not None:
            awaited.clear()

    with running_kafka() as kafka:
        wire = KafkaWire(ServiceSettings(kafka_bootstrap_servers=kafka.bootstrap_servers))
        async with wire.listen(REPLY_TOPIC, keep, partition=0, awaited=awaited):
            for word in (b"one", b"two", b"three"):
                await say(word)
            await restart(kafka)
            await say(b"four")
        await wire.stop()
    assert heard == [b"one", b"two", b"three", b"four"]


async def test_what_nobody_awaited_is_passed_on_when_somebody_does() -> None:
    heard: list[bytes | None] = []
    awaited = asyncio.Event()

    async def keep(record: Record) -> None:
        heard.append(record.value)

    with running_kafka() as kafka:
        wire = KafkaWire(ServiceSettings(kafka_bootstrap_servers=kafka.bootstrap_servers))
        async with wire.listen(REPLY_TOPIC, keep, partition=0, awaited=awaited):
            await wire.send(Parcel(REPLY_TOPIC, None, b"early", partition=0))
            awaited.set()
            await until(lambda: heard == [b"early"])
        await wire.stop()


async def test_questions_are_answered_again_however_many_were_answered_before() -> None:
    with running_kafka() as kafka:
        pipeline = Pipeline(kafka.bootstrap_servers)
        async with running(pipeline.giver, pipeline.worker):
            for _ in range(ASKED_BEFORE):
                assert await pipeline.answers()

            await restart(kafka)

            await until(pipeline.answers)
            assert await pipeline.answers()


@pytest.mark.parametrize("after", [("one",), ("one", "two", "three", "four", "five", "six")], ids=len)
async def test_a_group_that_acknowledges_an_old_message_to_the_new_log_reads_that_log(
    after: tuple[str, ...], tmp_path: Path
) -> None:
    heard: list[str] = []
    held, let_go = asyncio.Event(), asyncio.Event()

    async def hear(received: Received[RecordingRequested], uow: UnitOfWork) -> None:
        uow.after_commit(lambda: heard.append(received.envelope.id))
        if received.envelope.id == "held":
            held.set()
            await let_go.wait()

    with running_kafka() as kafka:
        group = Group("hear", (on(RecordingRequested, hear, within=SOON),))
        servers = kafka.bootstrap_servers
        worker = service("worker", groups=[group], bootstrap_servers=servers, doorbells=tmp_path)
        async with running(worker):
            for name in ("first", "second", "third", "held"):
                await worker.broker.wire.send(parcel(facts.requested(), name))
            await held.wait()

            await restart(kafka)
            for name in after:
                await worker.broker.wire.send(parcel(facts.requested(), name))
            # The group is told that it is forgotten, and waits for its message before it joins again.
            await asyncio.sleep(REJOINING_SECONDS)
            let_go.set()

            await until(lambda: set(after) <= set(heard))


async def restart(kafka: Kafka) -> None:
    """The broker is killed and comes back with topics and without a log."""
    kafka.kill()
    await asyncio.to_thread(kafka.start_with_topics)
