"""A reader of server-sent events that sees them while the response is still being made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

WAIT_SECONDS = 20.0


@dataclass
class Stream:
    """An open response: its status, and its text so far."""

    status: int = 0
    text: str = ""
    ended: bool = False
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, message: Message) -> None:
        """What the application sends."""
        async with self._changed:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            else:
                self.text += message.get("body", b"").decode()
                self.ended = not message.get("more_body", False)
            self._changed.notify_all()

    async def until(self, text: str) -> None:
        """Return when the text has been sent."""
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: text in self.text)

    async def until_ended(self) -> list[dict[str, str]]:
        """Return the events when the response is complete."""
        async with asyncio.timeout(WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: self.ended)
        return events_of(self.text)


def events_of(text: str) -> list[dict[str, str]]:
    """The events of a stream as their fields; comments are left out."""
    blocks = (block.splitlines() for block in text.split("\n\n"))
    found = [dict(line.split(": ", 1) for line in block if not line.startswith(":")) for block in blocks]
    return [event for event in found if event]


@asynccontextmanager
async def open_stream(
    app: ASGIApp, path: str, headers: dict[str, str], query: str = ""
) -> AsyncIterator[Stream]:
    """GET a path and read while it goes on; at the end of the block the reader goes away."""
    stream, gone = Stream(), asyncio.Event()
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await gone.wait()
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    task = asyncio.create_task(_serve(app, path, headers, query, receive, stream))
    try:
        yield stream
    finally:
        gone.set()
        await asyncio.wait_for(task, WAIT_SECONDS)


async def _serve(
    app: ASGIApp, path: str, headers: dict[str, str], query: str, receive: Any, stream: Stream
) -> None:
    raw = [
        (name.lower().encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": raw,
        "client": ("203.0.113.9", 50_000),
        "server": ("localhost", 80),
    }
    await app(scope, receive, stream.take)
