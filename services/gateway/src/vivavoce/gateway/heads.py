"""HEAD for everything that GET is for: the same answer without its body (RFC 9110, section 9.3.2)."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadMiddleware:
    """Has HEAD served as GET and sends the head only; a stream is then told that its reader has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        answered, asked = asyncio.Event(), False

        async def receive_once() -> Message:
            nonlocal asked
            if asked:
                await answered.wait()
                return {"type": "http.disconnect"}
            message = await receive()
            asked = not message.get("more_body", False)
            return message

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start" and not answered.is_set():
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                answered.set()

        as_get = {**scope, "method": "GET"}
        try:
            await self._app(as_get, receive_once, send_head)
        finally:
            scope["route"] = as_get.get("route")  # for those outside who watch which routes are taken
