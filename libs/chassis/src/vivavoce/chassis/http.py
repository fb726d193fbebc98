"""What every HTTP shell needs: operations routes, correlation ids and a limit on bodies."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

import structlog
from fastapi import APIRouter, Request
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.chassis import tracing
from vivavoce.chassis.errors import DeadlineExceeded, TooLarge, TooSlow, VivaError
from vivavoce.contracts.ids import new_id

CORRELATION_HEADER = "x-correlation-id"
CHECK_SECONDS = 2.0
DISCONNECT = "http.disconnect"
STARTS = frozenset({"http.response.start", "websocket.accept"})
BODY_FIELDS = frozenset({b"content-length", b"transfer-encoding"})
_PRINTABLE = re.compile(r"[!-~](?:[ -~]{0,126}[!-~])?")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

Check = Callable[[], Awaitable[None]]
"""Returns when what it checks works; raises a VivaError that says what doesn't."""


@dataclass(frozen=True)
class CheckState:
    """What one check said: `error` is None when all is well."""

    ok: bool
    error: str | None = None


async def run_checks(checks: Mapping[str, Check]) -> dict[str, CheckState]:
    """Run all checks at once, each for at most `CHECK_SECONDS`."""
    states = await asyncio.gather(*(_run_check(check) for check in checks.values()))
    return dict(zip(checks, states, strict=True))


async def _run_check(check: Check) -> CheckState:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except VivaError as error:
        return CheckState(ok=False, error=error.code)
    except TimeoutError:
        return CheckState(ok=False, error=DeadlineExceeded.code)
    return CheckState(ok=True)


def operations_router(checks: Mapping[str, Check]) -> APIRouter:
    """`/health` (always 200 while the process lives), `/ready` (503 until all checks pass), `/metrics`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health")
    async def health() -> Response:
        states = await run_checks(checks)
        return _render_states(states, status=200)

    @router.get("/ready")
    async def ready() -> Response:
        return await readiness(checks)

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        return metrics_now(request)

    return router


async def readiness(checks: Mapping[str, Check]) -> Response:
    """200 when all checks pass, else 503; each check's state either way."""
    states = await run_checks(checks)
    return _render_states(states, status=200 if all(state.ok for state in states.values()) else 503)


def metrics_now(request: Request) -> Response:
    """This process's metrics, in Prometheus' text format or, for those who ask for it, as OpenMetrics.

    Only the latter carries exemplars, which tie what was measured to traces.
    """
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(REGISTRY), headers={"content-type": media_type})


def _render_states(states: Mapping[str, CheckState], *, status: int) -> Response:
    shown = {name: "ok" if state.ok else state.error for name, state in states.items()}
    overall = "ok" if all(state.ok for state in states.values()) else "degraded"
    return JSONResponse({"status": overall, "checks": shown}, status_code=status)


@dataclass(frozen=True)
class RequestIds:
    """The ids that a request came with or was given, and the address that it came from."""

    correlation_id: str
    traceparent: str | None = None
    address: str | None = None


_request_ids: ContextVar[RequestIds | None] = ContextVar("request_ids", default=None)


def request_ids() -> RequestIds:
    """The ids of the request being served; new ones outside of any."""
    return _request_ids.get() or RequestIds(new_id())


def read_request_ids(headers: Mapping[str, str]) -> RequestIds:
    """The ids in the headers. One that isn't 1 to 128 printable ASCII characters is replaced.

    Of a caller's trace we take the ids, and not the decision to record it, where we record at all.
    """
    correlation_id = headers.get(CORRELATION_HEADER, "").strip()
    if not _PRINTABLE.fullmatch(correlation_id):
        correlation_id = new_id()
    traceparent = headers.get("traceparent", "").strip()
    if not _TRACEPARENT.fullmatch(traceparent):
        return RequestIds(correlation_id)
    return RequestIds(correlation_id, tracing.from_stranger(traceparent))


@contextmanager
def _serving(ids: RequestIds) -> Iterator[None]:
    token = _request_ids.set(ids)
    try:
        with structlog.contextvars.bound_contextvars(correlation_id=ids.correlation_id):
            yield
    finally:
        _request_ids.reset(token)


def peer_of(scope: Scope) -> str | None:
    """The address of whoever is connected."""
    peer = scope.get("client")
    return str(peer[0]) if peer else None


class CorrelationMiddleware:
    """Takes or makes the correlation id of a request, binds it, and returns it in the response.

    `address_of` tells where a request comes from when a proxy is connected.
    """

    def __init__(self, app: ASGIApp, address_of: Callable[[Scope], str | None] = peer_of) -> None:
        self._app = app
        self._address_of = address_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        ids = replace(read_request_ids(Headers(scope=scope)), address=self._address_of(scope))
        told = (CORRELATION_HEADER.encode(), ids.correlation_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] in STARTS:
                message = {**message, "headers": [*message.get("headers", ()), told]}
            await send(message)

        with _serving(ids):
            await self._app(scope, receive, send_with_id)


Render = Callable[[Scope, VivaError], Response]
Inspect = Callable[[Scope, bytes], None]
"""Looks at a whole body; raises the VivaError that it is refused with."""


def _plain(_: Scope, error: VivaError) -> Response:
    return JSONResponse({"error": error.message}, status_code=error.status)


def _anything(_: Scope, __: bytes) -> None:
    """What a body is looked at with where anything goes."""


@dataclass(frozen=True)
class BodyRules:
    """What a body may be: `limit` bytes, or `limit_of` the request; sent within `seconds`, if there are any.

    `inspect` has the last word on a body that is neither too large nor too slow.
    """

    limit: int
    limit_of: Callable[[Scope], int] | None = None
    seconds: float | None = None
    inspect: Inspect = _anything


class BodyLimitMiddleware:
    """Reads a body before anything is done for it, and refuses what the rules don't allow.

    A body is refused as too large whether its length is announced or only turns out. `render` gives the
    answer its shape. The connection of a body that came too slowly is closed: what is left of it would be
    taken for the next request. Nothing is done for who has gone before the body was whole.
    """

    def __init__(self, app: ASGIApp, rules: BodyRules, *, render: Render = _plain) -> None:
        self._app = app
        self._rules = rules
        self._limit_of = rules.limit_of or (lambda _: rules.limit)
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            messages = await self._read(scope, receive)
        except VivaError as error:
            response = self._render(scope, error)
            if isinstance(error, TooSlow):
                response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return
        if messages[-1]["type"] != DISCONNECT:
            await self._app(scope, _replayed(messages, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> list[Message]:
        """The messages of the body; raises TooLarge, TooSlow, and whatever the inspection does."""
        limit = self._limit_of(scope)
        if _announced(scope) > limit:
            raise _too_large(limit)
        seconds = self._rules.seconds
        try:
            async with asyncio.timeout(seconds):
                messages = await _read_body(receive, limit)
        except TimeoutError as error:
            raise TooSlow(f"The body took longer than {seconds:g} seconds to arrive.") from error
        body = messages[0].get("body", b"") if len(messages) == 1 else _joined(messages)
        if body and messages[-1]["type"] != DISCONNECT:
            self._rules.inspect(scope, body)
        return messages


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.", details={"limit": limit})


def _joined(messages: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in messages)


def _announced(scope: Scope) -> int:
    """The length that the request announces. It may send more all the same: chunks outrank a length."""
    announced = header_of(scope, b"content-length")
    return int(announced) if announced.isdigit() else 0


def _has_body(scope: Scope) -> bool:
    """Whether a request comes with a body (RFC 9112, 6.3)."""
    return any(name in BODY_FIELDS for name, _ in scope["headers"])


def header_of(scope: Scope, name: bytes) -> bytes:
    """The first value of a header field by its name in lower case, or nothing; quicker than `Headers`."""
    return next((value for given, value in scope["headers"] if given == name), b"")


async def _read_body(receive: Receive, limit: int) -> list[Message]:
    messages: list[Message] = []
    size = 0
    more = True
    while more:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        more = bool(message.get("more_body", False))
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    remaining = iter(messages)

    async def replay() -> Message:
        for message in remaining:
            return message
        return await receive()

    return replay
