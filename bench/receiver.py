"""Whom webhooks are sent to: a process of its own that answers as it is told and notes what came, and when.

`python -m bench.receiver [--hanging]` prints its port once it listens. `POST /NAME` is an endpoint, for
the names of `ENDPOINTS`: steady ones answer 204, the failing one answers 500 to every
`FAILING_EVERY`th request, and the doubtful one answers 204 too, unless it is told to hang: then it
answers nothing until the client has given up. `GET /count` says how many ids each endpoint has accepted,
`GET /receipts` everything that came.
"""

import argparse
import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import httpx
from aiohttp import web

from bench.deliveries import ENDPOINTS, FAILING, HANGING, Receipt
from bench.infrastructure import ROOT, ended_with
from tests.support.tied import tied
from vivavoce.cli.stack.ports import LOOPBACK

FAILING_EVERY = 33
"""3 % of all requests."""
CALL_SECONDS = 30.0
NO_CONTENT, BROKEN = 204, 500


class Subscriber:
    """All endpoints of one measurement and what they were sent."""

    def __init__(self, *, hanging: bool) -> None:
        self._hanging = hanging
        self._receipts: list[Receipt] = []
        self._accepted: dict[str, set[str]] = {name: set() for name in ENDPOINTS}
        self._requests_to_failing = 0

    def app(self) -> web.Application:
        """The HTTP application."""
        app = web.Application()
        app.router.add_get("/count", self._count)
        app.router.add_get("/receipts", self._list)
        app.router.add_post("/{endpoint}", self._take)
        return app

    async def _take(self, request: web.Request) -> web.Response:
        at, endpoint = time.time(), request.match_info["endpoint"]
        await request.read()
        event_id = request.headers["webhook-id"]
        status = self._status(endpoint)
        self._receipts.append(Receipt(endpoint, event_id, at, status))
        if status is None:
            await asyncio.Event().wait()
        if status == NO_CONTENT:
            self._accepted[endpoint].add(event_id)
        return web.Response(status=status or BROKEN)

    def _status(self, endpoint: str) -> int | None:
        if endpoint == HANGING and self._hanging:
            return None
        if endpoint == FAILING:
            self._requests_to_failing += 1
            return BROKEN if self._requests_to_failing % FAILING_EVERY == 0 else NO_CONTENT
        return NO_CONTENT

    async def _count(self, _request: web.Request) -> web.Response:
        return web.json_response({name: len(ids) for name, ids in self._accepted.items()})

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response([asdict(receipt) for receipt in self._receipts])


@dataclass(frozen=True)
class Receiver:
    """A running receiver, asked from outside."""

    base_url: str
    pid: int

    def accepted(self) -> dict[str, int]:
        """How many ids each endpoint has accepted so far."""
        return dict(self._get("/count"))

    def receipts(self) -> list[Receipt]:
        """Everything that came, in its order."""
        return [Receipt(**receipt) for receipt in self._get("/receipts")]

    def _get(self, path: str) -> Any:
        response = httpx.get(self.base_url + path, timeout=CALL_SECONDS, trust_env=False)
        response.raise_for_status()
        return response.json()


@contextmanager
def running_receiver(*, hanging: bool) -> Iterator[Receiver]:
    """A receiver for the length of a block; it ends with this process too."""
    command = [sys.executable, "-m", "bench.receiver", *(["--hanging"] if hanging else [])]
    process = subprocess.Popen(tied(*command), stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with ended_with(process):
        port = process.stdout.readline().strip() if process.stdout else ""
        if not port:
            raise RuntimeError("the receiver did not start")
        yield Receiver(f"http://{LOOPBACK}:{port}", process.pid)


async def serve(*, hanging: bool) -> None:
    """Listen on a free port, print it, and answer until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    runner = web.AppRunner(
        Subscriber(hanging=hanging).app(), access_log=None, handler_cancellation=True, shutdown_timeout=1.0
    )
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    print(runner.addresses[0][1], flush=True)
    await stopping.wait()
    await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.receiver", description=__doc__.split("\n")[0])
    parser.add_argument("--hanging", action="store_true", help="let the doubtful endpoint hang")
    asyncio.run(serve(hanging=parser.parse_args().hanging))
