"""Watches the requests of an HTTP application: one span each, counted and timed by route template."""

import time
from typing import Literal

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.chassis import tracing
from vivavoce.chassis.edge_metrics import HTTP_REQUESTS, HTTP_SECONDS
from vivavoce.chassis.http import request_ids
from vivavoce.chassis.tracing import Attributes, Span, SpanKind

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "_OTHER"
UNKNOWN_ROUTE = "unknown"
ABORTED = "aborted"
UNTRACED = frozenset({"/health", "/metrics", "/ping", "/ready"})
"""What is asked every few seconds by those who watch: it is counted, but would fill every trace store."""
EVENT_STREAM = "text/event-stream"
SERVER_ERROR = 500

Callers = Literal["continue", "link"]


class TrafficMiddleware:
    """Belongs right inside the correlation ids, so that it sees every answer, refusals and crashes too.

    A caller's trace is continued, or linked to by a trace of our own. In either case whether it is recorded
    is decided here: a stranger must not be able to have everything recorded.
    """

    def __init__(self, app: ASGIApp, callers: Callers = "continue") -> None:
        self._app = app
        self._continues = callers == "continue"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and see what comes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watch = _Watch(scope)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                watch.note_start(message)
            await send(message)

        with self._span(scope) as span:
            try:
                await self._app(scope, receive, watched)
            except Exception:
                watch.note_crash()
                raise
            finally:
                watch.finish(span)

    def _span(self, scope: Scope) -> "tracing.Opened":
        if not tracing.is_on() or scope["path"] in UNTRACED:
            return tracing.NOTHING
        caller = request_ids().traceparent
        parent = caller if self._continues else None
        links = () if caller is None or self._continues else tracing.links_to(caller)
        return tracing.span(_method(scope), SpanKind.SERVER, parent=parent, links=links)


class _Watch:
    """What is noted of one request until it ends, or until its stream of events has begun."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._started = time.monotonic()
        self._seconds: float | None = None
        self._status = 0

    def note_start(self, message: Message) -> None:
        """The answer begins."""
        self._status = int(message["status"])
        if Headers(raw=message.get("headers", [])).get("content-type", "").startswith(EVENT_STREAM):
            self._seconds = time.monotonic() - self._started

    def note_crash(self) -> None:
        """Nobody has answered for an error; whoever is outside will, unless an answer had begun."""
        self._status = self._status or SERVER_ERROR

    def finish(self, span: Span) -> None:
        """Count the request, and complete its span."""
        seconds = time.monotonic() - self._started if self._seconds is None else self._seconds
        route, method = route_of(self._scope), _method(self._scope)
        HTTP_REQUESTS.labels(route, method, _class_of(self._status)).inc()
        HTTP_SECONDS.labels(route, method).observe(seconds, tracing.exemplar(span))
        if span.is_recording():
            tell_of_request(span, route, method, self._status)


def tell_of_request(span: Span, route: str, method: str, status: int) -> None:
    """Name a server's span by OpenTelemetry's conventions, without the path, which callers choose."""
    told: Attributes = {"http.request.method": method, "http.route": route}
    span.update_name(method if route == UNKNOWN_ROUTE else f"{method} {route}")
    span.set_attributes({**told, "viva.correlation_id": request_ids().correlation_id})
    if status:
        span.set_attribute("http.response.status_code", status)
    if status >= SERVER_ERROR:
        tracing.fail(span, str(status))


def route_of(scope: Scope) -> str:
    """The template of the route that a request took; one word for all that took none."""
    return str(getattr(scope.get("route"), "path", None) or UNKNOWN_ROUTE)


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else OTHER_METHOD


def _class_of(status: int) -> str:
    return f"{status // 100}xx" if status else ABORTED
