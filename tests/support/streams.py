"""Streams as the registry of open ones sees them, and connections that speak graphql-transport-ws."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.support.gateway import ACME
from vivavoce.gateway.auth.principals import Principal, Role, user
from vivavoce.gateway.graphql_http.streams import Stream

WAIT_SECONDS = 10.0
PROTOCOL = "graphql-transport-ws"


def a_stream(subject: str = "user-1", organization: str = ACME, credentials: object = "token") -> Stream:
    """A stream of somebody whose credentials always hold."""
    principal = user(subject, organization, Role.ADMIN)

    async def recognize() -> Principal:
        return principal

    return Stream(principal, "sse", credentials, recognize, asyncio.get_running_loop().create_future())


class Line:
    """One connection, message by message."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def say(self, kind: str, **more: Any) -> None:
        """Send a message."""
        await self._connection.send(json.dumps({"type": kind, **more}))

    async def send(self, raw: str | bytes) -> None:
        """Send whatever it is."""
        await self._connection.send(raw)

    async def hear(self) -> dict[str, Any]:
        """The next message."""
        async with asyncio.timeout(WAIT_SECONDS):
            said: dict[str, Any] = json.loads(await self._connection.recv())
            return said

    async def begin(self, **payload: Any) -> None:
        """Say who it is, and be let in."""
        await self.say("connection_init", payload=payload)
        assert (await self.hear())["type"] == "connection_ack"

    async def subscribe(self, query: str, id: str = "1", **payload: Any) -> None:
        """Begin an operation."""
        await self.say("subscribe", id=id, payload={"query": query, **payload})

    async def closed(self) -> tuple[int, str]:
        """With which code and why it is closed, whatever is said before."""
        async with asyncio.timeout(WAIT_SECONDS):
            await self._connection.wait_closed()
        return self._connection.close_code or 0, self._connection.close_reason or ""


@asynccontextmanager
async def line(base_url: str, *, protocol: str = PROTOCOL, **headers: str) -> AsyncIterator[Line]:
    """A connection to a served gateway."""
    url = base_url.replace("http", "ws", 1) + "/graphql"
    async with connect(
        url,
        subprotocols=[Subprotocol(protocol)],
        additional_headers=headers,
        proxy=None,
    ) as connection:
        yield Line(connection)
