"""Runs the embedded broker and gives it its topics: its log is in memory, so every start is a first one.

The broker's clients come back on their own, and a broker without topics acknowledges what it then
loses. So whoever starts the broker creates the topics in the same breath, and both end together.
Called as `python -m vivavoce.cli.stack.broker_runner HOST:PORT`.
"""

import asyncio
import os
import signal
import subprocess
import sys
from types import FrameType

from vivavoce.chassis.broker_topics import ensure_topics
from vivavoce.chassis.log import configure_logging
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.cli.home import home_from, write_private
from vivavoce.cli.stack.names import BROKER, BROKER_SERVER, LAUNCH

TOPICS_WITHIN_SECONDS = 20.0
RETRY_SECONDS = 0.02
END_SECONDS = 3.0


def main() -> None:
    """Run until the broker ends or a signal comes; a broker that ended by itself is a failure."""
    home, address = home_from(os.environ), sys.argv[1]
    configure_logging(ServiceSettings(service_name=BROKER))
    signal.signal(signal.SIGTERM, _stop)
    home.topics_mark.unlink(missing_ok=True)
    server = subprocess.Popen([sys.executable, "-m", LAUNCH, BROKER_SERVER])
    try:
        asyncio.run(_create_topics(server, address))
        write_private(home.topics_mark, str(os.getpid()))
        code = server.wait()
    finally:
        home.topics_mark.unlink(missing_ok=True)
        _end(server)
    sys.exit(f"the broker ended by itself with exit code {code}")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


async def _create_topics(server: "subprocess.Popen[bytes]", address: str) -> None:
    async with asyncio.timeout(TOPICS_WITHIN_SECONDS):
        while True:
            if server.poll() is not None:
                sys.exit(f"the broker ended at once with exit code {server.returncode}")
            if await _listens(address):
                return await ensure_topics(address)
            await asyncio.sleep(RETRY_SECONDS)


async def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
