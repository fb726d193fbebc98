"""A worker process from its start without a broker to its end at SIGTERM."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer
from pymongo import MongoClient

from tests.support import facts
from tests.support.databases import until
from tests.support.delivery import headers_of, parcel, service
from tests.support.embedded_mongo import EmbeddedMongo, free_port
from tests.support.kafka import Kafka, planned_kafka, running_kafka
from tests.support.tied import tied
from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.wire import Record

pytestmark = pytest.mark.connected

START_TRIES = 900
EVENTS = [f"e{number}" for number in range(6)]
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Worker:
    """A running worker process."""

    command: list[str]
    environment: dict[str, str]
    notes: Path
    port: int

    def __post_init__(self) -> None:
        self.process = self._started()

    @property
    def name(self) -> str:
        return self.environment["SERVICE_NAME"]

    @property
    def group(self) -> str:
        return f"{self.name}.work"

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def kill_and_start_again(self) -> None:
        self.kill()
        self.process = self._started()

    def lines(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    async def status(self, path: str) -> int:
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"http://127.0.0.1:{self.port}{path}")).status_code
            except httpx.TransportError:
                return 0

    async def ready(self) -> bool:
        return await self.status("/ready") == 200

    async def answers(self) -> None:
        """Return once it serves HTTP: on a busy machine its imports alone take a while."""
        for _ in range(START_TRIES):
            if await self.status("/health") == 200:
                return
            await asyncio.sleep(0.1)
        raise TimeoutError("the worker does not serve HTTP")

    async def ended(self) -> bool:
        return self.process.poll() is not None


@contextmanager
def worker(
    folder: Path, servers: str, *, seconds: float, grace: float = 10.0, mongodb: str | None = None
) -> Iterator[Worker]:
    port = free_port()
    notes = folder / f"notes-{port}"
    environment = {
        **os.environ,
        "SERVICE_NAME": f"worker-{port}",
        "KAFKA_BOOTSTRAP_SERVERS": servers,
        "KAFKA_SESSION_TIMEOUT": "3",
        "HTTP_PORT": str(port),
        "SHUTDOWN_GRACE": str(grace),
        "MONGODB_DATABASE": f"worker-{port}",
        **({"MONGODB_URI": mongodb} if mongodb else {}),
    }
    command = tied(sys.executable, "-m", "tests.support.worker_process", str(notes), str(seconds))
    running = Worker(command, environment, notes, port)
    try:
        yield running
    finally:
        running.kill()


async def test_a_worker_waits_for_its_broker_works_and_ends_in_order(tmp_path: Path) -> None:
    ingested: list[Record] = []

    async def keep(record: Record) -> None:
        ingested.append(record)

    with (
        planned_kafka() as kafka,
        worker(tmp_path, kafka.bootstrap_servers, seconds=0.5) as running,
    ):
        await running.answers()
        assert not await running.ready()

        await asyncio.to_thread(kafka.start_with_topics)
        await until(running.ready)

        wire = service("giver", bootstrap_servers=kafka.bootstrap_servers).broker.wire
        async with wire.listen("recording.ingested", keep):
            await wire.send(parcel(facts.requested(), "e1"))
            await until(lambda: running.lines() == ["begun e1"])
            running.process.send_signal(signal.SIGTERM)
            running.process.send_signal(signal.SIGTERM)
            await until(running.ended)
            await until(lambda: {headers_of(record)["ce_id"] for record in ingested} == {"e1/ingested"})
        await wire.stop()

        assert running.process.returncode == 0
        assert running.lines() == ["begun e1", "committed e1"]
        assert await acknowledged(kafka, running.group) == 1


async def test_what_does_not_finish_in_the_grace_is_not_acknowledged(tmp_path: Path) -> None:
    with (
        running_kafka() as kafka,
        worker(tmp_path, kafka.bootstrap_servers, seconds=60, grace=0.2) as running,
    ):
        wire = service("giver", bootstrap_servers=kafka.bootstrap_servers).broker.wire
        await running.answers()
        await until(running.ready)
        await wire.send(parcel(facts.requested(), "e2"))
        await until(lambda: "begun e2" in running.lines())
        running.process.terminate()
        await until(running.ended)

        assert running.process.returncode == 0
        assert running.lines() == ["begun e2"]
        assert await acknowledged(kafka, running.group) == 0
        await wire.stop()


async def test_a_worker_that_is_killed_at_any_instant_loses_nothing_and_repeats_no_effect(
    tmp_path: Path, embedded_mongo: EmbeddedMongo
) -> None:
    instants = ("begun e0", "committed e2")
    with ExitStack() as open_until_the_end:
        kafka = open_until_the_end.enter_context(running_kafka())
        workers = [
            open_until_the_end.enter_context(
                worker(tmp_path, kafka.bootstrap_servers, seconds=0.05, mongodb=embedded_mongo.uri)
            )
            for _ in instants
        ]
        wire = service("giver", bootstrap_servers=kafka.bootstrap_servers).broker.wire
        for running in workers:
            await running.answers()
            await until(running.ready)
        for event_id in EVENTS:
            await wire.send(parcel(facts.requested(), event_id))
        for running, instant in zip(workers, instants, strict=True):
            await until(partial(noted, running, instant))
            running.kill_and_start_again()
        for running in workers:
            await running.answers()
            await until(running.ready)
        embedded_mongo.end_open_transactions()
        for running in workers:
            await until(partial(told_all, running, embedded_mongo))
        await wire.stop()

        told = [told_by(running, embedded_mongo) for running in workers]
    assert told == [Counter(f"{event_id}/ingested" for event_id in EVENTS)] * len(workers)


def noted(running: Worker, line: str) -> bool:
    return line in running.lines()


def told_all(running: Worker, mongo: EmbeddedMongo) -> bool:
    return len(told_by(running, mongo)) == len(EVENTS)


def told_by(running: Worker, mongo: EmbeddedMongo) -> Counter[str]:
    """What a worker has committed and published, by event id."""
    with MongoClient[dict[str, Any]](mongo.uri) as client:
        rows = client[running.environment["MONGODB_DATABASE"]]["outbox"].find({"sent_at": {"$ne": None}})
        return Counter(str(row["event_id"]) for row in rows)


async def acknowledged(kafka: Kafka, group: str) -> int:
    """How many messages of the topic a group has acknowledged."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap_servers, group_id=group)
    await consumer.start()
    try:
        places = await existing_partitions(consumer, ["recording.requested"])
        consumer.assign(places)
        return sum([await consumer.committed(place) or 0 for place in places])
    finally:
        await consumer.stop()
