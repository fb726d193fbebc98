"""The embedded broker and database alone, as the embedded stack runs them, for two rivals in turn."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.tied import tied
from vivavoce.chassis.broker_topics import ensure_topics
from vivavoce.cli.home import Home
from vivavoce.cli.stack.plan import embedded_broker, embedded_database
from vivavoce.cli.stack.ports import LOOPBACK

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60.0
END_SECONDS = 10.0
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Infrastructure:
    """A running broker (host:port) and database (URI), and their processes by name."""

    kafka: str
    mongodb: str
    pids: dict[str, int]


@contextmanager
def infrastructure(root: Path) -> Iterator[Infrastructure]:
    """A fresh broker and database; `root` is emptied first. They end with the block or this process."""
    home = Home(root)
    shutil.rmtree(root, ignore_errors=True)
    for needed in (home.run, home.database, home.logs):
        needed.mkdir(parents=True)
    (home.run / "database.toml").write_text("# Empty: the command line says it all.\n")
    ports = _free_port(), _free_port()
    server, _ = embedded_broker(ports[0])
    database = embedded_database(home, ports[1])
    with (
        started(home, "broker", server.command) as broker_pid,
        started(home, "database", database.command) as database_pid,
    ):
        for port in ports:
            _await_listening(port)
        pids = {"broker": broker_pid, "database": database_pid}
        asyncio.run(ensure_topics(f"{LOOPBACK}:{ports[0]}"))
        address = f"mongodb://{LOOPBACK}:{ports[1]}/?directConnection=true"
        yield Infrastructure(f"{LOOPBACK}:{ports[0]}", address, pids)


@contextmanager
def started(home: Home, name: str, command: tuple[str, ...]) -> Iterator[int]:
    """A process for the length of a block, its output in the home's logs; yields its id."""
    with home.log_of(name).open("ab") as log:
        process = subprocess.Popen(
            tied(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True, cwd=ROOT
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


def _free_port() -> int:
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
