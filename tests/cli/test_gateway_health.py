"""`viva status` says what the gateway says of its health, in one line."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from threading import Thread

import pytest
from rich.console import Console

from vivavoce.cli.gateway_health import GatewayHealth, gateway_health, health_line
from vivavoce.cli.stack.status import StackStatus
from vivavoce.cli.tables import status_table

BODY = {
    "status": "degraded",
    "timestamp": "2026-03-02T12:00:00.000Z",
    "services": {
        "mongo": "connected",
        "redis": "not_configured",
        "media": "connected",
        "groq": "unreachable",
    },
    "circuitBreakers": {
        "clerk": {"state": "closed", "failures": 0},
        "groq": {"state": "open", "failures": 5, "retryAfter": 19},
        "store": {"state": "half_open", "failures": 5},
    },
}


class Door(BaseHTTPRequestHandler):
    """A gateway that is unhealthy, and says so."""

    body = json.dumps(BODY).encode()

    def do_GET(self) -> None:
        """Answer what is asked at `/health`."""
        self.send_response(503 if self.path == "/health" else 404)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_an_unhealthy_gateway_says_is_shown_too(door: str) -> None:
    found = gateway_health(door)
    assert found is not None
    assert found.model_dump(exclude_none=True) == BODY


def test_a_gateway_that_is_not_there_says_nothing() -> None:
    assert gateway_health("http://127.0.0.1:9") is None
    assert health_line(None) == "health: the gateway doesn't answer"


def test_the_line_leaves_out_what_is_not_used_and_breakers_that_are_closed() -> None:
    assert health_line(GatewayHealth.model_validate(BODY)) == (
        "health: degraded; mongo, media connected; groq unreachable; "
        "breaker of groq open for 19 s; breaker of store half open"
    )


def test_the_table_has_the_line_below() -> None:
    health = GatewayHealth.model_validate(BODY)
    told = {"base_url": "http://x", "home": "", "kafka": "", "mongodb": None, "processes": ()}
    printed = StringIO()
    Console(file=printed).print(
        status_table(StackStatus.model_validate({**told, "ready": True, "health": health}))
    )
    assert "breaker of groq open for 19 s" in " ".join(printed.getvalue().split())
