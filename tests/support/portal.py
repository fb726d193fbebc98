"""The portal as a reader sees it: a gateway on a loopback port, and a browser that follows a link to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.support.embedded_mongo import free_port
from tests.support.gateway import ACME, GatewayBench
from tests.support.portal_notifier import PortalNotifier

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = {"width": 1280, "height": 900}
PATIENCE = 10_000  # milliseconds
SECRET = "a secret of the portal that nobody would guess"


class PortalBench:
    """A served gateway whose webhooks a notifier in memory answers for."""

    def __init__(self, folder: Path, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        settings = {"portal_secret": SECRET, "public_base_url": self.base_url, "portal_poll_seconds": 0.1}
        self.gateway = GatewayBench(folder, **settings)
        self.notifier = PortalNotifier(self.gateway.clock)
        self.gateway.asker.answer = self.notifier.answer

    async def link(self, expires_in: int = 3600, organization: str = ACME) -> str:
        """A link to the portal, as an organization asks for it."""
        async with self.gateway.client(organization) as client:
            response = await client.post("/api/webhooks/portal-link", json={"expiresIn": expires_in})
        assert response.is_success, response.text
        url: str = response.json()["url"]
        return url


class _Server(uvicorn.Server):
    """Says when it listens, and leaves the process's signals to pytest."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def served_portal(folder: Path) -> AsyncIterator[PortalBench]:
    """The portal, served for the length of a block in the running loop."""
    port = free_port()
    bench = PortalBench(folder, port)
    config = uvicorn.Config(
        bench.gateway.app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=0
    )
    server = _Server(config)
    serving = asyncio.create_task(server._serve())
    try:
        await server.up.wait()
        yield bench
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window and with nothing from an earlier run."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, chromium_sandbox=False, args=FLAGS
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def reading(browser: Browser, **options: Any) -> AsyncIterator[tuple[BrowserContext, Page]]:
    """A reader's fresh window; at the end of the block nothing may have gone wrong in its scripts."""
    context = await browser.new_context(**{"viewport": WIDE, "timezone_id": "Europe/Istanbul", **options})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    try:
        yield context, page
        assert faults == []
    finally:
        await context.close()
