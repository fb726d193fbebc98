"""A webhook subscriber: an HTTP server in a thread of its own that remembers what it was sent."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.tempers import Moody


@dataclass(frozen=True)
class Delivered:
    """One request as it came, and whether it was answered well."""

    headers: dict[str, str]
    body: str
    accepted: bool = True

    @property
    def event_id(self) -> str:
        """The id that stays the same over every try."""
        return {name.lower(): value for name, value in self.headers.items()}["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        """The body as JSON."""
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """Answers with the next of `statuses`, then with 204 while its mood is good; its address stays."""

    statuses: list[int] = field(default_factory=list)
    mood: Moody = field(default_factory=Moody)
    delivered: list[Delivered] = field(default_factory=list)
    url: str = ""
    port: int | None = None

    @contextmanager
    def running(self) -> Iterator["Receiver"]:
        """The server for the length of a block."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        app = web.Application()
        app.router.add_post("/hook", self._take)
        server = TestServer(app, host="127.0.0.1", port=self.port)
        asyncio.run_coroutine_threadsafe(server.start_server(), loop).result(timeout=30)
        self.port, self.url = server.port, f"http://127.0.0.1:{server.port}/hook"
        yield self
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)

    def ids_of(self, interview_id: str) -> dict[tuple[str, str], set[str]]:
        """For every (type, subject) of an interview, the event ids that were delivered."""
        found: dict[tuple[str, str], set[str]] = {}
        for delivery in list(self.delivered):
            data = delivery.message["data"]
            if data["interview_id"] == interview_id:
                subject = (delivery.message["type"], str(data.get("answer_id", interview_id)))
                found.setdefault(subject, set()).add(delivery.event_id)
        return found

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.text()
        refused = await self.mood.refusal(request)
        answer = refused or web.Response(status=self.statuses.pop(0) if self.statuses else 204)
        accepted = refused is None and answer.status == HTTPStatus.NO_CONTENT
        self.delivered.append(Delivered(dict(request.headers), body, accepted))
        return answer
