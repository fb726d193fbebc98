"""The header fields that protect readers of answers: browsers must not guess, frame, leak or store them."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Field = tuple[bytes, bytes]

CACHE = b"cache-control"
POLICY = b"content-security-policy"
A_YEAR = b"max-age=31536000"

ALWAYS: tuple[Field, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (POLICY, b"default-src 'none'; frame-ancestors 'none'"),
    (CACHE, b"no-store"),
)
"""Each unless the route says otherwise. Nearly every answer is about somebody: only what is known to be
public, or to be worth asking for again, may be kept."""


class AnswerHeadMiddleware:
    """Adds what an answer doesn't say itself; over https also that there is nothing else (RFC 6797)."""

    def __init__(self, app: ASGIApp, public_base_url: str) -> None:
        self._app = app
        secure = public_base_url.lower().startswith("https:")
        self._fields = (*ALWAYS, *(((b"strict-transport-security", A_YEAR),) if secure else ()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                names = {name.lower() for name, _ in given}
                missing = [field for field in self._fields if field[0] not in names]
                message = {**message, "headers": [*given, *missing]}
            await send(message)

        await self._app(scope, receive, guarded)
