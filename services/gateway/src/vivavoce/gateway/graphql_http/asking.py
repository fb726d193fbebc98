"""Who asks over a connection that stays open, by its headers or by its first message."""

from collections.abc import Mapping

from fastapi import Request, WebSocket

from vivavoce.gateway.auth.permissions import KEY_HEADERS, authenticate
from vivavoce.gateway.auth.principals import Permission, Principal
from vivavoce.gateway.parts import Parts

CREDENTIALS = frozenset({"authorization", "cookie", *KEY_HEADERS})

Credentials = tuple[tuple[bytes, bytes], ...]
"""The headers that say who asks: equal ones need to be looked at once."""


async def reader_of(request: Request, parts: Parts) -> Principal:
    """Who may read and asks; raises Unauthenticated, or Forbidden."""
    principal = await authenticate(request, parts)
    principal.require(Permission.READ)
    return principal


def credentials_of(request: Request) -> Credentials:
    """The headers of a request that say who asks."""
    return tuple((name, value) for name, value in request.headers.raw if name.decode() in CREDENTIALS)


def request_of(websocket: WebSocket, first: Mapping[str, object]) -> Request:
    """The handshake as a request, with the credentials of the connection's first message if it brings any.

    Browsers can't give headers to a WebSocket, so that clients put them into that message's payload.
    """
    given = {
        name.lower().encode(): value.encode("latin-1", "replace")
        for name, value in first.items()
        if name.lower() in CREDENTIALS - {"cookie"} and isinstance(value, str)
    }
    kept = [
        (name, value)
        for name, value in websocket.headers.raw
        if not (given and name.decode("latin-1") in CREDENTIALS)
    ]
    scope = {**websocket.scope, "type": "http", "method": "GET", "headers": [*kept, *given.items()]}
    return Request(scope)
