"""Keeps what a request with an Idempotency-Key is answered, before the caller has it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.gateway.idempotency.answers import Answer, kept_fields
from vivavoce.gateway.idempotency.claims import SLOT, Claim, Slot
from vivavoce.gateway.idempotency.service import Idempotency

HEADER = b"idempotency-key"


@dataclass
class _Recording:
    """An answer on its way out."""

    start: Message = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False

    def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)

    def answer(self) -> Answer | None:
        if not self.whole:
            return None
        fields: Any = self.start.get("headers", ())
        return Answer(self.start["status"], kept_fields(fields), bytes(self.body))


class IdempotencyMiddleware:
    """Holds an answer back until it is kept, if the request has claimed to run by then.

    Whatever ends without an answer, a crash or a cancellation, lets the next repeat run. So does an
    answer that isn't kept.
    """

    def __init__(self, app: ASGIApp, idempotency: Idempotency) -> None:
        self._app = app
        self._idempotency = idempotency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and any(name == HEADER for name, _ in scope["headers"]):
            slot = Slot()
            token = SLOT.set(slot)
            try:
                await self._serve(scope, receive, send, slot)
            finally:
                SLOT.reset(token)
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, slot: Slot) -> None:
        recording = _Recording()

        async def record(message: Message) -> None:
            if slot.claim is None:
                await send(message)
            else:
                recording.take(message)

        try:
            await self._app(scope, receive, record)
        finally:
            if slot.claim is not None:
                await self._settle(slot.claim, recording.answer())
        if recording.whole:
            await send(recording.start)
            await send({"type": "http.response.body", "body": bytes(recording.body)})

    async def _settle(self, claim: Claim, answer: Answer | None) -> None:
        """Settle even when the request is cancelled meanwhile: a repeat shouldn't wait for the lease."""
        await asyncio.shield(self._idempotency.settle(claim, answer))
