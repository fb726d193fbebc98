"""A gateway's application on a loopback port, in the running loop, as its process serves it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from tests.support.embedded_mongo import free_port
from vivavoce.gateway.__main__ import Server
from vivavoce.gateway.graphql_http.streams import Streams


class Served:
    """Where it listens, and how it is told to stop."""

    def __init__(self, server: "_Server", port: int) -> None:
        self._server = server
        self.base_url = f"http://127.0.0.1:{port}"
        self.task = asyncio.create_task(server._serve())

    async def up(self) -> None:
        """Return when it listens."""
        await self._server.up.wait()

    async def stop(self) -> None:
        """Have it stop as a signal would, and return when it has."""
        self._server.should_exit = True
        await self.task


@asynccontextmanager
async def served(app: FastAPI, *, grace: int = 3) -> AsyncIterator[Served]:
    """Answer callers for the length of a block."""
    port = free_port()
    config = uvicorn.Config(
        app,
        port=port,
        log_level="critical",
        lifespan="off",
        ws="websockets-sansio",
        timeout_graceful_shutdown=grace,
    )
    gateway = Served(_Server(config, app.state.parts.streams), port)
    try:
        await gateway.up()
        yield gateway
    finally:
        await gateway.stop()


class _Server(Server):
    """Says when it listens, and leaves the process's signals to pytest."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config, streams)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.up.set()
