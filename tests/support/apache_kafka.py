"""Apache Kafka for tests: the stack's own three brokers, on ports and in a folder of a test's own."""

import asyncio
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.embedded_mongo import free_port
from tests.support.shared import ROOT
from tests.support.tied import tied
from vivavoce.chassis.broker import ensure_topics
from vivavoce.chassis.errors import VivaError
from vivavoce.cli.home import Home, home_from
from vivavoce.cli.stack.kafka import addresses_of, is_fetched, kafka_brokers, kafka_folder, kafka_ports
from vivavoce.cli.stack.parts import Process

READY_SECONDS = 120.0


class ApacheKafka:
    """Three broker processes that can be killed, all or one, and started again over the same data."""

    def __init__(self, folder: Path) -> None:
        self._home = Home(folder)
        ports = {name: free_port() for name in kafka_ports()}
        self._ports = ports
        self._planned = {broker.name: broker for broker in kafka_brokers(self._home, ports, os.environ)}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect; the same over a restart."""
        return addresses_of(self._ports)

    @property
    def brokers(self) -> tuple[str, ...]:
        """Their names, in the order of the numbers that they have in the cluster: from 1 upwards."""
        return tuple(self._planned)

    @property
    def pids(self) -> dict[str, int]:
        """The ids of the processes that were started and not killed since, by name."""
        return {name: process.pid for name, process in self._processes.items()}

    def start(self) -> None:
        """Start all that don't run, and return when topics can be made: all brokers have joined."""
        link_jars(self._home)
        for name in self.brokers:
            if name not in self._processes:
                self.start_broker(name)
        self._until_joined()

    def start_with_topics(self) -> None:
        """Start it; the topics of the contracts come with that."""
        self.start()

    def start_broker(self, name: str) -> None:
        """Start one and return at once."""
        self._processes[name] = _start(self._planned[name], self._home.root / f"{name}.log")

    def kill_broker(self, name: str) -> None:
        """End one as a power cut would."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def kill(self) -> None:
        """End all as a power cut would; their data stay."""
        for name in tuple(self._processes):
            self.kill_broker(name)

    def _until_joined(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._makes_topics():
            if any(process.poll() is not None for process in self._processes.values()):
                raise RuntimeError(f"Apache Kafka did not start:\n{self._last_words()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Apache Kafka is not ready in time:\n{self._last_words()}")
            time.sleep(0.2)

    def _makes_topics(self) -> bool:
        making = ensure_topics(self.bootstrap_servers, replication_factor=len(self.brokers))
        try:
            with ThreadPoolExecutor(1) as elsewhere:  # the caller may have a running event loop
                elsewhere.submit(asyncio.run, making).result()
        except VivaError:
            return False
        return True

    def _last_words(self) -> str:
        logs = (self._home.root / f"{name}.log" for name in self.brokers)
        return "\n".join(log.read_text(errors="replace")[-1000:] for log in logs)


def _start(broker: Process, log: Path) -> "subprocess.Popen[bytes]":
    for path, text in broker.files.items():
        Path(path).write_text(text)
    with log.open("ab") as output:
        return subprocess.Popen(tied(*broker.command), stdout=output, stderr=subprocess.STDOUT)


def link_jars(home: Home) -> None:
    """Give a home the jars that `make kafka` has fetched for this project."""
    fetched = home_from({"VIVA_HOME": str(ROOT / ".viva"), **os.environ})
    if not is_fetched(fetched):
        raise RuntimeError(f"There is no Apache Kafka in {kafka_folder(fetched)}: run `make kafka` first.")
    kafka_folder(home).mkdir(parents=True, exist_ok=True)
    jars = kafka_folder(home) / "jars"
    if not jars.exists():
        jars.symlink_to(kafka_folder(fetched) / "jars")
