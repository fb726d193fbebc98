"""Bounds the work on requests: how many are worked on at once, and for how long each."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.chassis.errors import Overloaded
from vivavoce.chassis.http import Render
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.guards.settings import GuardSettings
from vivavoce.gateway.limits.rules import EXEMPT

STREAMS = ("text/event-stream", "multipart/mixed")
SOON_SECONDS = 1

log = get_logger(__name__)


class NoRoom(Overloaded):
    """As many requests are worked on as may be."""

    code = "too_many_requests_at_once"


class TookTooLong(Overloaded):
    """The work on the request was cancelled: it took longer than any may."""

    code = "request_timed_out"


class WorkMiddleware:
    """Answers 503 when there is no room, and when the work takes too long: then it is cancelled.

    An answer that has begun to stream events has neither limit any more: its readers stay for long. What
    watches the gateway takes no room, so that a gateway with much to do doesn't look dead.
    """

    def __init__(self, app: ASGIApp, settings: GuardSettings, render: Render) -> None:
        self._app = app
        self._room = settings.max_requests
        self._seconds = settings.request_seconds
        self._render = render
        self._busy = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in EXEMPT:
            await self._app(scope, receive, send)
        elif self._busy >= self._room:
            error = NoRoom("Too many requests are being worked on.", retry_after=SOON_SECONDS)
            await self._render(scope, error)(scope, receive, send)
        else:
            await self._work(scope, receive, send)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = 1
        started = False

        async def watched(message: Message) -> None:
            nonlocal place, started
            if message["type"] == "http.response.start":
                started = True
                if place and is_stream(message):
                    self._busy, place = self._busy - place, 0
                    deadline.reschedule(None)
            await send(message)

        self._busy += place
        try:
            async with asyncio.timeout(self._seconds) as deadline:
                await self._app(scope, receive, watched)
        except TimeoutError:
            if started or not deadline.expired():
                raise
            log.warning("request_timed_out", path=scope["path"], seconds=self._seconds)
            await self._render(scope, self._took_too_long())(scope, receive, send)
        finally:
            self._busy -= place

    def _took_too_long(self) -> TookTooLong:
        return TookTooLong(f"This took longer than {self._seconds:g} seconds and was given up.")


def is_stream(start: Message) -> bool:
    """Whether the start of an answer begins a stream of events."""
    return Headers(raw=start.get("headers", [])).get("content-type", "").startswith(STREAMS)
