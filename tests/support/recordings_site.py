"""Serves made-up recordings and badly behaved pages to a running stack, from a thread of its own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.recording_site import Site
from tests.support.tempers import Moody

RESULT = TypeVar("RESULT")


class RecordingsSite:
    """Files of a folder under /files/, served in its mood, and the pages of a Site beside them."""

    def __init__(self, folder: Path, content: bytes) -> None:
        self.folder = folder
        self.pages = Site(content)
        self.mood = Moody()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._files: TestServer | None = None
        self._serving = AsyncExitStack()

    @contextmanager
    def running(self) -> Iterator["RecordingsSite"]:
        """The site for the length of a block."""
        self._thread.start()
        self._run(self._start())
        yield self
        self._run(self._serving.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=30)

    def file(self, name: str, host: str = "127.0.0.1") -> str:
        """The address of a file."""
        assert self._files is not None
        return f"http://{host}:{self._files.port}/files/{name}"

    def page(self, path: str) -> str:
        """The address of a page of the Site."""
        return self.pages.url(path)

    def _run(self, work: Coroutine[None, None, RESULT]) -> RESULT:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    @web.middleware
    async def _in_mood(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        return await self.mood.refusal(request) or await handler(request)

    async def _start(self) -> None:
        app = web.Application(middlewares=[self._in_mood])
        app.router.add_static("/files", self.folder)
        self._files = TestServer(app, host="127.0.0.1")
        await self._files.start_server()
        self._serving.push_async_callback(self._files.close)
        await self._serving.enter_async_context(self.pages.running())
