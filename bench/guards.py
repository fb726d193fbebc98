"""What each guard of the gateway's door adds to a request, in microseconds: `python -m bench.guards`.

A request goes through the guards in this process, without a server, to an endpoint that does nothing. Each
row is what the guards down to it cost less those without it; rounds take turns, the quickest counts.
"""

import asyncio
import time
from typing import Any

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.gateway.failures import Renderer
from vivavoce.gateway.guards.order import guards
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.web import make_parts
from vivavoce.gateway.webhooks.notifier import NobodyAsks

ROUNDS, REQUESTS = 15, 2_000
BODY = b'{"meta": {"apiVersion": "1.0.0"}, "list": [[1, 2], [3, {"a": "b"}]]}' * 20
HEADERS = [
    (b"host", b"localhost"),
    (b"user-agent", b"bench"),
    (b"accept", b"*/*"),
    (b"authorization", b"Bearer " + b"x" * 700),
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
]


async def endpoint(_: Scope, receive: Receive, send: Send) -> None:
    """Read the body and answer."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok"})


def stack(rows: list[Middleware]) -> ASGIApp:
    """The endpoint behind these guards, the first outermost."""
    app: ASGIApp = endpoint
    for row in reversed(rows):
        app = row.cls(app, *row.args, **row.kwargs)
    return app


async def seconds(app: ASGIApp) -> float:
    """How long one request takes, over many."""

    async def receive() -> Message:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(_: Message) -> None:
        """Taken."""

    began = time.perf_counter()
    for _ in range(REQUESTS):
        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": "/api/interview-record",
            "raw_path": b"/api/interview-record",
            "query_string": b"",
            "headers": HEADERS,
            "client": ("203.0.113.9", 1),
        }
        await app(scope, receive, send)
    return (time.perf_counter() - began) / REQUESTS


async def measure() -> list[tuple[str, float]]:
    """Each guard and what it adds, in seconds, and all of them at the end."""
    settings = GatewaySettings(cors_origins=("https://app.example.org",), limit_scale=1_000_000)
    clock = SystemClock()
    database = MemoryDatabase(source="/bench", clock=clock)
    rows = guards(make_parts(settings, database, NobodyAsks(), clock, {}), Renderer(settings))
    stacks = [stack(rows[:count]) for count in range(len(rows) + 1)]
    best = [float("inf")] * len(stacks)
    for _ in range(ROUNDS):
        for number, app in enumerate(stacks):
            best[number] = min(best[number], await seconds(app))
    added = [
        (getattr(row.cls, "__name__", "?"), best[number + 1] - best[number])
        for number, row in enumerate(rows)
    ]
    return [*added, ("all", best[-1] - best[0])]


def main() -> None:
    """Print the table."""
    for name, added in asyncio.run(measure()):
        print(f"{name:24} {added * 1e6:7.1f} µs")


if __name__ == "__main__":
    main()
