"""Serves the gateway: `python -m vivavoce.gateway`; `replay` builds its read model anew, `audit` verifies."""

import asyncio
import math
import signal
import socket
import sys
from types import FrameType

import uvicorn

from vivavoce.chassis.log import configure_logging
from vivavoce.chassis.running import settle_memory
from vivavoce.chassis.watching import configure_watching
from vivavoce.gateway import audit_command, replay_command
from vivavoce.gateway.app import build
from vivavoce.gateway.graphql_http.streams import Streams
from vivavoce.gateway.guards.protocol import guarded_protocol
from vivavoce.gateway.settings import GatewaySettings

COMMANDS = {"replay": replay_command.main, "audit": audit_command.main}
FAREWELL_SECONDS = 1.0


class Server(uvicorn.Server):
    """A server that ends at once when it is told to while it still waits for its database."""

    def __init__(self, config: uvicorn.Config, streams: Streams | None = None) -> None:
        super().__init__(config)
        self._streams = streams

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in order, or at once when nothing has begun.

        A signal interrupts whatever runs. An exit raised right there would look like that part's failure,
        so the loop raises it, between two steps.
        """
        if self.started:
            super().handle_exit(sig, frame)
        else:
            asyncio.get_running_loop().call_soon_threadsafe(sys.exit, 0)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and have what is there by then left alone by the garbage collector."""
        await super().startup(sockets)
        settle_memory()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Have open streams end by themselves before their connections are closed."""
        if self._streams is not None:
            await self._streams.end_all(FAREWELL_SECONDS)
        await super().shutdown(sockets)


def main() -> None:
    """Serve until told to stop; being told to is no failure. With `replay` or `audit`, do that instead.

    Forwarding headers are not believed: whoever stands in front would otherwise decide which callers
    are taken for programs on this machine.
    """
    command = COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if command is not None:
        command(sys.argv[2:])
        return
    settings = GatewaySettings()
    configure_logging(settings)
    configure_watching(settings)
    # The server passes the signal on when it has stopped.
    signal.signal(signal.SIGTERM, lambda _, __: sys.exit(0))
    app = build(settings)
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=guarded_protocol(settings),
        h11_max_incomplete_event_size=settings.max_url_bytes + settings.max_header_bytes,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        ws="websockets-sansio",
        ws_max_size=settings.max_body_bytes,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace),
    )
    Server(config, app.state.parts.streams).run()


if __name__ == "__main__":
    main()
