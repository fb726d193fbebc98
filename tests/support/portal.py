"""The portal as a reader sees it: a gateway on a loopback port, and a browser that follows a link to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

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
ZONE = "Europe/Istanbul"
MOST_TABS = 60
PATIENCE = 10_000  # milliseconds
SECRET = "a secret of the portal that nobody would guess"

expect.set_options(timeout=PATIENCE)


class PortalBench:
    """A gateway whose webhooks a notifier in memory answers for; it can be served, and served again."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self.base_url = f"http://127.0.0.1:{self._port}"
        self.gateway = GatewayBench(
            folder, signing_secret=SECRET, public_base_url=self.base_url, portal_poll_seconds=0.1
        )
        self.notifier = PortalNotifier(self.gateway.clock)
        self.gateway.asker.answer = self.notifier.answer

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Answer browsers for the length of a block, in the running loop."""
        server = _Server(
            uvicorn.Config(
                self.gateway.app,
                port=self._port,
                log_level="critical",
                lifespan="off",
                timeout_graceful_shutdown=0,
            )
        )
        task = asyncio.create_task(server._serve())
        try:
            await server.up.wait()
            yield
        finally:
            server.should_exit = True
            await task

    async def link(self, expires_in: int = 3600, organization: str = ACME) -> str:
        """A link to the portal, as an organization asks for it."""
        async with self.gateway.client(organization) as client:
            response = await client.post("/api/webhooks/portal-link", json={"expiresIn": expires_in})
        assert response.is_success, response.text
        url: str = response.json()["url"]
        return url

    async def pass_time(self, **by: float) -> None:
        """Move the gateway's clock."""
        await self.gateway.clock.advance(timedelta(**by))


class _Server(uvicorn.Server):
    """Says when it listens, and leaves the process's signals to pytest."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.up.set()


class Reader:
    """Somebody at a browser's window, who has come by a link or is about to."""

    def __init__(self, bench: PortalBench, page: Page) -> None:
        self.bench = bench
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)

    async def open(self, path: str = "/endpoints") -> Page:
        """Come by a fresh link, wait until the page is live, and go to a place in it."""
        await self.page.goto(await self.bench.link())
        await expect(self.page.get_by_text("Live", exact=True)).to_be_visible()
        await expect(self.page.get_by_role("heading", name="Endpoints")).to_be_visible()
        if path != "/endpoints":
            await self.go(path)
        return self.page

    async def go(self, path: str) -> None:
        """Go to a place in the page, and wait until another one shows."""
        await self.page.evaluate("document.querySelector('h1').dataset.old = 'yes'")
        await self.page.goto(f"{self.bench.base_url}/portal#{path}")
        await expect(self.page.locator("h1:not([data-old])")).to_be_visible()

    async def press_until_focused(self, target: Locator, key: str = "Tab") -> None:
        """Press a key until the target has the focus, as somebody without a mouse does."""
        for _ in range(MOST_TABS):
            await self.page.keyboard.press(key)
            if await target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{target} can't be reached by {key}")

    def _hear(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "TrustedScript" in message.text:
            self.faults.append(message.text)


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
async def reading(browser: Browser, bench: PortalBench, **options: Any) -> AsyncIterator[Reader]:
    """A reader with a fresh window; none of the page's scripts may fail in it."""
    context = await browser.new_context(
        **{"viewport": WIDE, "timezone_id": ZONE, "locale": "en-GB", **options}
    )
    context.set_default_timeout(PATIENCE)
    reader = Reader(bench, await context.new_page())
    try:
        yield reader
    finally:
        await context.close()
    assert reader.faults == []
