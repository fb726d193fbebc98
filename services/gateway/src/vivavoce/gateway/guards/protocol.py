"""What the server suffers from those who send slowly, badly or too much, before there is a request.

Refusals have the shape of the family whose path was begun. uvicorn's own protocol knows no time for a
head, answers in plain text, and reads on for as long as a refused body is sent.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import ClassVar, cast

import h11
from starlette.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from vivavoce.chassis.errors import HeadTooLarge, InvalidInput, TooSlow, UrlTooLong
from vivavoce.chassis.http import CORRELATION_HEADER
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.failure_shapes import SHAPES, Told
from vivavoce.gateway.families import family_of
from vivavoce.gateway.guards.answer_heads import ALWAYS
from vivavoce.gateway.guards.settings import GuardSettings

BAD_REQUEST, TIMED_OUT, URL_TOO_LONG, HEAD_TOO_LARGE = 400, 408, 414, 431
CODES = {each.status: each.code for each in (InvalidInput, TooSlow, UrlTooLong, HeadTooLarge)}
LINGER_SECONDS = 2.0
"""For how long what is sent after a refusal is thrown away, so that its sender gets to read the refusal."""
MESSAGES = {
    TIMED_OUT: "The head of the request took too long to arrive.",
    URL_TOO_LONG: "The URL is too long.",
    HEAD_TOO_LARGE: "The request's header fields are too large.",
}
UNREADABLE = "This is not a valid HTTP request."


class GuardedProtocol(H11Protocol):
    """One connection, with times for what its client has to do."""

    settings: ClassVar[GuardSettings]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._refused = False
        self._start("head", self.settings.head_seconds, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        for name in list(self._timers):
            self._stop(name)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what was sent, unless it comes after a refusal."""
        if self._refused:
            return
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._start("head", self.settings.head_seconds, self._head_is_late)
        else:
            self._stop("head")
        if self.conn.their_state is not h11.SEND_BODY:
            self._stop("linger")

    def on_response_complete(self) -> None:
        """When the answer didn't wait for the whole request: let the rest come for a while, then end."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self._start("linger", LINGER_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """The client doesn't read: wait for it for a while."""
        super().pause_writing()
        self._start("unread", self.settings.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads again."""
        super().resume_writing()
        self._stop("unread")

    def send_400_response(self, msg: str) -> None:
        """Refuse what can't be read or is too large; called while the reason is being handled."""
        error = sys.exception()
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else BAD_REQUEST
        if status == HEAD_TOO_LARGE and b"\n" not in self.conn.trailing_data[0]:
            status = URL_TOO_LONG
        self._refuse(status)

    def _head_is_late(self) -> None:
        self._stop("head")
        if self.conn.trailing_data[0]:
            self._refuse(TIMED_OUT)
        else:
            self.timeout_keep_alive_handler()

    def _refuse(self, status: int) -> None:
        """Answer, and end the connection once the client has had time to read it."""
        self._refused = True
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE} and not self.transport.is_closing():
            path = path_begun(self.conn.trailing_data[0])
            for event in _refusal(status, path):
                self.transport.write(self.conn.send(event) or b"")
            self.transport.write_eof()
        self._start("linger", LINGER_SECONDS, self.transport.abort)

    def _start(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        if name not in self._timers:
            self._timers[name] = self.loop.call_later(seconds, call)

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()


def guarded_protocol(settings: GuardSettings) -> type[H11Protocol]:
    """The protocol with these settings, for uvicorn to make one of for each connection."""
    return type("GatewayProtocol", (GuardedProtocol,), {"settings": settings})


def path_begun(head: bytes) -> str:
    """The path in the first line of a head, as far as it has come."""
    words = head.partition(b"\n")[0].split(b" ")
    return words[1].partition(b"?")[0].decode("latin-1") if len(words) > 1 else "/"


def _refusal(status: int, path: str) -> tuple[h11.Event, ...]:
    correlation_id = new_id()
    code = CODES.get(status, InvalidInput.code)
    told = Told(status, code, MESSAGES.get(status, UNREADABLE), correlation_id)
    response = JSONResponse(SHAPES[family_of(path)].render(told))
    headers = [
        *response.raw_headers,
        *ALWAYS,
        (CORRELATION_HEADER.encode(), correlation_id.encode()),
        (b"connection", b"close"),
    ]
    head = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
    return head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()
