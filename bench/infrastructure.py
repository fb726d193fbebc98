"""A broker and the embedded database alone, as the stack runs them, for two rivals in turn."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.tied import tied
from vivavoce.chassis.broker_topics import ensure_topics
from vivavoce.cli.home import Home
from vivavoce.cli.stack.names import BROKER
from vivavoce.cli.stack.plan import Process, embedded_broker, embedded_database
from vivavoce.cli.stack.ports import LOOPBACK

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60.0
END_SECONDS = 10.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Cluster:
    """How a kind of broker is run: its processes, where they listen, how many copies of a topic there are.

    `told` is what the services are told besides its address, by variable.
    """

    address: str
    processes: tuple[Process, ...]
    replicas: int = 1
    told: Mapping[str, str] = field(default_factory=dict)


ClusterOf = Callable[[Home], Cluster]
"""The cluster of a home, on ports that are free now."""


@dataclass(frozen=True)
class Infrastructure:
    """A running broker (host:port, comma-separated) and database (URI), and their processes by name."""

    kafka: str
    mongodb: str
    pids: dict[str, int]
    replicas: int = 1
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def idempotent(self) -> bool:
        """Whether the broker offers idempotent producers, so that both rivals have them."""
        return self.told.get("KAFKA_IDEMPOTENCE") == "true"


def embedded(_home: Home) -> Cluster:
    """The embedded broker, without the runner that the stack gives it."""
    port = free_port()
    server, _ = embedded_broker(port)
    alone = server.model_copy(update={"name": BROKER, "port": port})
    return Cluster(f"{LOOPBACK}:{port}", (alone,))


@contextmanager
def infrastructure(root: Path, cluster_of: ClusterOf = embedded) -> Iterator[Infrastructure]:
    """A fresh broker and database; `root` is emptied first. They end with the block or this process."""
    home = Home(root)
    shutil.rmtree(root, ignore_errors=True)
    for needed in (home.run, home.database, home.logs):
        needed.mkdir(parents=True)
    (home.run / "database.toml").write_text("# Empty: the command line says it all.\n")
    cluster, port = cluster_of(home), free_port()
    with ExitStack() as stack:
        pids = {
            process.name: stack.enter_context(started(home, process.name, process.command))
            for process in (*cluster.processes, embedded_database(home, port))
        }
        for listening in (port, *(process.port for process in cluster.processes if process.port)):
            _await_listening(listening)
        asyncio.run(ensure_topics(cluster.address, replication_factor=cluster.replicas))
        address = f"mongodb://{LOOPBACK}:{port}/?directConnection=true"
        yield Infrastructure(cluster.address, address, pids, cluster.replicas, cluster.told)


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


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _await_listening(port: int) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"nothing listens on port {port} after {READY_SECONDS:.0f} s")
