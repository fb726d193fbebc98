"""The embedded MongoDB for tests: one process on a free port, in a folder that goes with it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.support.tied import tied

BINARY = Path(sys.executable).with_name("secantusd-py")
READY_SECONDS = 30.0
FREEZE_SECONDS = 0.5


class EmbeddedMongo:
    """A database process that can be killed and started again over the same files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """Where clients connect; the same over a restart."""
        return f"mongodb://127.0.0.1:{self._port}/?directConnection=true"

    def start(self) -> None:
        """Start it and return when it answers."""
        command = tied(
            str(BINARY),
            *("--port", str(self._port), "--storage-path", str(self._folder / "data")),
            *("--sync-on-commit", "--enable-test-commands", "--log-level", "ERROR"),
        )
        with (self._folder / "log").open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        self._wait_until_ready()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def end_open_transactions(self) -> None:
        """Do at once what it does when a transaction has been silent for a minute, as a dead process's is."""
        with MongoClient[dict[str, object]](self.uri) as client:
            client.admin.command("killAllSessions", [])

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        self._signal(signal.SIGSTOP)
        # The signal is delivered in its own time: a thread may answer one request more.
        time.sleep(FREEZE_SECONDS)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        with MongoClient[dict[str, object]](self.uri, serverSelectionTimeoutMS=500) as client:
            while time.monotonic() < deadline:
                if self._process is not None and self._process.poll() is not None:
                    break
                with suppress(PyMongoError):
                    client.admin.command("ping")
                    return
        log = (self._folder / "log").read_text(errors="replace")
        raise RuntimeError(f"the embedded database did not start:\n{log[-2000:]}")


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_mongo() -> Iterator[EmbeddedMongo]:
    """A started database, killed and forgotten afterwards."""
    with tempfile.TemporaryDirectory(prefix="vivavoce-mongo-", ignore_cleanup_errors=True) as folder:
        mongo = EmbeddedMongo(Path(folder))
        try:
            mongo.start()
            yield mongo
        finally:
            mongo.kill()


@pytest.fixture(scope="session")
def embedded_mongo() -> Iterator[EmbeddedMongo]:
    """One database for the whole run; every test takes a database name of its own."""
    with running_mongo() as mongo:
        yield mongo
