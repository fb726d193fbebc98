"""The two processes that are compared, the gateway and its bare rival, over one broker and database."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from bench.gateway_contents import GATEWAY, ORGANIZATION, SUBJECT
from bench.infrastructure import POLL_SECONDS, READY_SECONDS, Infrastructure, started
from tests.support.embedded_mongo import free_port
from vivavoce.cli.home import Home
from vivavoce.cli.stack.environment import service_environment
from vivavoce.cli.stack.keys import Keys, ensure_keys
from vivavoce.cli.tokens import Role, mint

LIFETIME = timedelta(hours=2)
TRACING = ("TRACE_FOLDER", "TRACE_RATIO")
"""Nothing is traced here, as by default outside of the embedded stack; `bench.tracing` tells what it adds."""


@dataclass(frozen=True)
class Server:
    """A running server: its name, where it listens, and its process."""

    name: str
    base_url: str
    pid: int


@dataclass(frozen=True)
class Servers:
    """Both servers, and the headers with which both let their caller in."""

    bare: Server
    gateway: Server
    headers: dict[str, str]


@contextmanager
def both(home: Home, shared: Infrastructure, settings: dict[str, str]) -> Iterator[Servers]:
    """The bare server and the gateway for the length of a block; `settings` are added for the gateway."""
    keys = ensure_keys(home)
    token = mint(
        keys,
        role=Role.ADMIN,
        organization=ORGANIZATION,
        subject=SUBJECT,
        now=datetime.now(UTC),
        lifetime=LIFETIME,
    )
    with _bare(home, shared, keys) as bare, _gateway(home, shared, keys, settings) as gateway:
        yield Servers(bare, gateway, {"Authorization": f"Bearer {token}"})


@contextmanager
def _bare(home: Home, shared: Infrastructure, keys: Keys) -> Iterator[Server]:
    port = free_port()
    command = (sys.executable, "-m", "bench.bare_gateway", str(port), shared.mongodb, str(keys.jwks))
    with started(home, "bare-gateway", command) as pid:
        yield _ready("bare", port, "/openapi.json", pid)


@contextmanager
def _gateway(home: Home, shared: Infrastructure, keys: Keys, settings: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    environment = {
        **os.environ,
        **service_environment("gateway", home, keys, {}, scripted=True),
        "ATTESTED_CONSENT_ORGANIZATIONS": ORGANIZATION,
        "MONGODB_URI": shared.mongodb,
        "MONGODB_DATABASE": GATEWAY,
        "KAFKA_BOOTSTRAP_SERVERS": shared.broker.address,
        "ENVIRONMENT": "production",
        "HTTP_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        **shared.broker.told,
        **settings,
    }
    for name in TRACING:
        environment.pop(name, None)
    command = (sys.executable, "-m", "vivavoce.gateway")
    with started(home, "gateway", command, environment) as pid:
        yield _ready("gateway", port, "/ready", pid)


def _ready(name: str, port: int, path: str, pid: int) -> Server:
    server = Server(name, f"http://127.0.0.1:{port}", pid)
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(server.base_url + path, timeout=5.0).is_success:
                return server
        except httpx.HTTPError:
            pass
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"{name} was not ready after {READY_SECONDS:.0f} s")
