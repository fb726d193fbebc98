"""Turns away addresses that ask too often, before anything is read, and tells every caller what is left."""

from collections.abc import Callable, Mapping

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.chassis.errors import RateLimited
from vivavoce.gateway.limits.addresses import address_of
from vivavoce.gateway.limits.rules import EXEMPT
from vivavoce.gateway.limits.service import APPLIED, Limits
from vivavoce.gateway.limits.settings import LimitSettings

POLICY = b"ratelimit-policy"
LEFT = b"ratelimit"
STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})

Render = Callable[[Scope, RateLimited], Response]


class LimitMiddleware:
    """Limits by address. The fields are those of draft-ietf-httpapi-ratelimit-headers-10.

    A web socket that is refused gets the same answer where the server can give one, else it is closed.
    """

    def __init__(self, app: ASGIApp, limits: Limits, settings: LimitSettings, render: Render) -> None:
        self._app = app
        self._limits = limits
        self._proxies = settings.limit_trusted_proxies
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] not in {"http", "websocket"} or scope["path"] in EXEMPT:
            await self._app(scope, receive, send)
            return
        applied: dict[str, str] = {}

        async def told(message: Message) -> None:
            await send(_telling(message, applied) if message["type"] in STARTS else message)

        token = APPLIED.set(applied)
        try:
            await self._admit(scope, receive, told)
        finally:
            APPLIED.reset(token)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._limits.admit_address(address_of(scope, self._proxies), scope["path"])
        except RateLimited as error:
            await self._refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _refuse(self, error: RateLimited, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1013, "reason": RateLimited.code})
            return
        await self._render(scope, error)(scope, receive, send)


def _telling(message: Message, applied: Mapping[str, str]) -> Message:
    """The start of an answer with the fields of the limits that hold for it."""
    told = ((POLICY, ", ".join(applied).encode()), (LEFT, ", ".join(applied.values()).encode()))
    return {**message, "headers": [*message.get("headers", ()), *told]}
