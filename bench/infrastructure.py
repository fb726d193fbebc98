"""A broker and the embedded database alone, as the stack runs them, for two rivals in turn."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.apache_kafka import ApacheKafka
from tests.support.embedded_mongo import free_port
from tests.support.tied import tied
from vivavoce.chassis.broker_topics import ensure_topics
from vivavoce.cli.home import Home
from vivavoce.cli.stack.kafka import kafka_environment
from vivavoce.cli.stack.names import BROKER, DATABASE
from vivavoce.cli.stack.plan import embedded_broker, embedded_database
from vivavoce.cli.stack.ports import LOOPBACK

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60.0
END_SECONDS = 10.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Broker:
    """A running broker: host:port, comma-separated where there are several, and its processes by name.

    `replicas` is how many copies of a topic it keeps; `told` is what the services are told besides its
    address, by variable.
    """

    address: str
    pids: dict[str, int]
    replicas: int = 1
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def idempotent(self) -> bool:
        """Whether it offers idempotent producers, so that both rivals have them."""
        return self.told.get("KAFKA_IDEMPOTENCE") == "true"


BrokerOf = Callable[[Home], AbstractContextManager[Broker]]
"""Runs a broker in a home for the length of a block."""


@dataclass(frozen=True)
class Infrastructure:
    """A running broker and database (URI), and the processes of both by name."""

    broker: Broker
    mongodb: str
    pids: dict[str, int]


@contextmanager
def embedded(home: Home) -> Iterator[Broker]:
    """The embedded broker, without the runner that the stack gives it."""
    port = free_port()
    server, _ = embedded_broker(port)
    with started(home, BROKER, server.command) as pid:
        _await_listening(port)
        yield Broker(f"{LOOPBACK}:{port}", {BROKER: pid})


@contextmanager
def apache_kafka(home: Home) -> Iterator[Broker]:
    """Three brokers of Apache Kafka; raises RuntimeError where `make kafka` hasn't fetched it."""
    kafka = ApacheKafka(home.root)
    try:
        kafka.start()
        yield Broker(kafka.bootstrap_servers, kafka.pids, len(kafka.brokers), kafka_environment())
    finally:
        kafka.kill()


@contextmanager
def infrastructure(root: Path, broker_of: BrokerOf = embedded) -> Iterator[Infrastructure]:
    """A fresh broker and database; `root` is emptied first. They end with the block or this process."""
    home, port = Home(root), free_port()
    shutil.rmtree(root, ignore_errors=True)
    for needed in (home.run, home.database, home.logs):
        needed.mkdir(parents=True)
    database = embedded_database(home, port)
    for path, text in database.files.items():
        Path(path).write_text(text)
    with broker_of(home) as broker, started(home, DATABASE, database.command) as pid:
        _await_listening(port)
        asyncio.run(ensure_topics(broker.address, replication_factor=broker.replicas))
        address = f"mongodb://{LOOPBACK}:{port}/?directConnection=true"
        yield Infrastructure(broker, address, {**broker.pids, DATABASE: pid})


@contextmanager
def started(
    home: Home, name: str, command: tuple[str, ...], environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """A process for the length of a block, its output in the home's logs; yields its id.

    `environment` is all of its own; without one it has this process's.
    """
    with home.log_of(name).open("ab") as log:
        process = subprocess.Popen(
            tied(*command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            text=True,
            cwd=ROOT,
            env=environment,
        )
    with ended_with(process):
        yield process.pid


@contextmanager
def ended_with(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """End a process with the block: ask it first, insist after a while."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_listening(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"nothing listens on port {port} after {READY_SECONDS:.0f} s")
