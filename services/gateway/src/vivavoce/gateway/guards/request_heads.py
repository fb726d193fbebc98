"""Refuses what is too large in a request's head, in the shape of the family that was asked."""

from starlette.types import ASGIApp, Receive, Scope, Send

from vivavoce.chassis.errors import HeadTooLarge, UrlTooLong, VivaError
from vivavoce.chassis.http import Render
from vivavoce.gateway.guards.settings import GuardSettings

FIELD_BYTES = 4
"""What separates a field's name from its value and ends its line."""


class RequestHeadMiddleware:
    """Limits the URL and the header fields. What doesn't even fit the server's buffer, the server refuses."""

    def __init__(self, app: ASGIApp, settings: GuardSettings, render: Render) -> None:
        self._app = app
        self._settings = settings
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "http":
            refusal = refusal_of(scope, self._settings)
            if refusal is not None:
                await self._render(scope, refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def refusal_of(scope: Scope, settings: GuardSettings) -> VivaError | None:
    """What is wrong with the size of a request's head, if anything."""
    url = len(scope.get("raw_path") or scope["path"]) + len(scope.get("query_string", b""))
    if url > settings.max_url_bytes:
        return UrlTooLong(f"The URL is longer than {settings.max_url_bytes} bytes.")
    fields = scope["headers"]
    if len(fields) > settings.max_headers:
        return HeadTooLarge(f"The request has more than {settings.max_headers} header fields.")
    if sum(len(name) + len(value) + FIELD_BYTES for name, value in fields) > settings.max_header_bytes:
        most = settings.max_header_bytes
        return HeadTooLarge(f"The request's header fields have more than {most} bytes.")
    return None
