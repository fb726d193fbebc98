"""The gateway as a process of its own, over the embedded database and broker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.embedded_mongo import EmbeddedMongo, free_port
from tests.support.kafka import Kafka
from tests.support.tied import tied

SIGNING_SECRET = "what links are signed with in tests"
READY_SECONDS = 60.0
STOP_SECONDS = 30.0


class GatewayProcess:
    """One gateway on a free port; it can be killed and started again over the same data."""

    def __init__(
        self, folder: Path, mongo: EmbeddedMongo, kafka: Kafka, database: str, instance: str = "1"
    ) -> None:
        self._port = free_port()
        self._log = folder / f"gateway-{instance}.log"
        self._environment = {
            **os.environ,
            "INSTANCE_NAME": instance,
            "MONGODB_URI": mongo.uri,
            "MONGODB_DATABASE": database,
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "STORE_URL": (folder / "store").as_uri(),
            "HTTP_PORT": str(self._port),
            "OPEN_TO_LOOPBACK": "true",
            "LIMIT_SCALE": "1000",
            "ATTESTED_CONSENT_ORGANIZATIONS": "org_local",
            "SHUTDOWN_GRACE": "3",
            "SIGNING_SECRET": SIGNING_SECRET,
            "WATCHED_SERVICES": "",
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Where it listens; the same over a restart."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and return when it is ready."""
        self.launch()
        self._wait(self._ready)

    def launch(self) -> None:
        """Start it and return at once."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                tied(sys.executable, "-m", "vivavoce.gateway"),
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_for_log(self, text: str) -> None:
        """Return when it has logged the text."""
        self._wait(lambda: text in self.log())

    def log(self) -> str:
        """What it has logged so far."""
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """Ask it to end; returns its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        finally:
            process.kill()

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not condition():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"the gateway did not come so far:\n{self.log()[-3000:]}")
            time.sleep(0.1)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.base_url}/ready", timeout=5.0).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


@contextmanager
def running_gateway(
    folder: Path, mongo: EmbeddedMongo, kafka: Kafka, database: str, instance: str = "1"
) -> Iterator[GatewayProcess]:
    """A started gateway, killed afterwards."""
    gateway = GatewayProcess(folder, mongo, kafka, database, instance)
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.kill()
