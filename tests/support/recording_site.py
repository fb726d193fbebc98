"""A web site that serves one recording in every way that a server can, good and bad."""

import asyncio
import gzip
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

CONTENT = random.Random(7).randbytes(3_000_000)
OTHER_CONTENT = random.Random(8).randbytes(2_000_000)
HALF = len(CONTENT) // 2
SWOLLEN = gzip.compress(bytes(24_000_000), compresslevel=1)
PAUSE_SECONDS = 30.0
TAG = '"the-first-version"'
DATE = "Mon, 02 Mar 2026 12:00:00 GMT"
Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """Counts the visits to each path, so that a page can behave differently the second time."""

    def __init__(self, content: bytes = CONTENT) -> None:
        self.content = content
        self.visits: dict[str, int] = {}
        self.ranges: list[str | None] = []
        self._server: TestServer | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Site"]:
        """The site on a port of loopback."""
        app = web.Application()
        app.router.add_get("/{name}", self._page)
        self._server = TestServer(app, host="127.0.0.1")
        await self._server.start_server()
        yield self
        await self._server.close()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a page."""
        assert self._server is not None
        return f"http://{host}:{self._server.port}/{path}"

    def forget(self) -> None:
        """Start counting anew."""
        self.visits.clear()
        self.ranges.clear()

    async def _page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.visits[name] = self.visits.get(name, 0) + 1
        self.ranges.append(request.headers.get("Range"))
        kind, _, argument = name.partition("-to-")
        page: Page | None = getattr(self, kind.replace("-", "_"), None)
        if kind == "redirect":
            raise web.HTTPFound(request.query.get("to", argument))
        if kind == "status":
            return web.Response(status=int(argument))
        assert page is not None
        return await page(request)

    def is_first_visit(self, request: web.Request) -> bool:
        """Whether the page is asked for the first time."""
        return self.visits[request.match_info["name"]] == 1

    async def file(self, request: web.Request) -> web.StreamResponse:
        """All of it."""
        return web.Response(body=self.content, headers={"ETag": TAG})

    async def fails_once(self, request: web.Request) -> web.StreamResponse:
        """500 first, then all of it."""
        return web.Response(status=500) if self.is_first_visit(request) else await self.file(request)

    async def chunked(self, request: web.Request) -> web.StreamResponse:
        """All of it, without saying how much."""
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(self.content)
        return response

    async def compressed(self, request: web.Request) -> web.StreamResponse:
        """All of it, compressed though nobody asked."""
        return web.Response(
            body=gzip.compress(self.content), headers={"Content-Encoding": "gzip", "ETag": TAG}
        )

    async def breaks_once(self, request: web.Request) -> web.StreamResponse:
        """Half of it, then the rest for who asks properly."""
        if self.is_first_visit(request):
            return await self._half(request, {"ETag": TAG})
        assert request.headers["If-Range"] == TAG
        return self._rest(request)

    async def breaks_once_dated(self, request: web.Request) -> web.StreamResponse:
        """Half of it; the date proves that the rest belongs to it."""
        if self.is_first_visit(request):
            return await self._half(request, {"Last-Modified": DATE, "ETag": 'W/"weak"'})
        assert request.headers["If-Range"] == DATE
        return self._rest(request)

    async def breaks_once_without_ranges(self, request: web.Request) -> web.StreamResponse:
        """Half of it, then always all of it."""
        return await (
            self._half(request, {"ETag": TAG}) if self.is_first_visit(request) else self.file(request)
        )

    async def breaks_once_without_proof(self, request: web.Request) -> web.StreamResponse:
        """Half of it, with nothing that proves what a later part belongs to."""
        if self.is_first_visit(request):
            return await self._half(request, {})
        return web.Response(body=self.content)

    async def changes_in_between(self, request: web.Request) -> web.StreamResponse:
        """Half of one content, then all of another."""
        if self.is_first_visit(request):
            return await self._half(request, {"ETag": TAG})
        return web.Response(body=OTHER_CONTENT, headers={"ETag": '"the-second-version"'})

    async def answers_the_wrong_range(self, request: web.Request) -> web.StreamResponse:
        """Half of it, then a part that doesn't follow, then all of it."""
        visit = self.visits["answers-the-wrong-range"]
        if visit == 1:
            return await self._half(request, {"ETag": TAG})
        if visit == 2:
            headers = {"Content-Range": f"bytes 7-99/{len(self.content)}"}
            return web.Response(status=206, body=self.content[7:100], headers=headers)
        return await self.file(request)

    async def answers_no_such_range(self, request: web.Request) -> web.StreamResponse:
        """Half of it, then 416, then all of it."""
        visit = self.visits["answers-no-such-range"]
        if visit == 1:
            return await self._half(request, {"ETag": TAG})
        return web.Response(status=416) if visit == 2 else await self.file(request)

    async def is_away_in_between(self, request: web.Request) -> web.StreamResponse:
        """Half of it, then 503, then the rest."""
        visit = self.visits["is-away-in-between"]
        if visit == 1:
            return await self._half(request, {"ETag": TAG})
        return web.Response(status=503) if visit == 2 else self._rest(request)

    async def stalls_once(self, request: web.Request) -> web.StreamResponse:
        """Half of it and then silence; the rest the next time."""
        if not self.is_first_visit(request):
            return self._rest(request)
        await self._begun(request, {"ETag": TAG})
        await asyncio.sleep(30)
        raise web.HTTPGone

    async def always_breaks(self, request: web.Request) -> web.StreamResponse:
        """Less than announced, every time."""
        return await self._half(request, {})

    async def never_sends(self, request: web.Request) -> web.StreamResponse:
        """Not even a header."""
        await asyncio.sleep(30)
        raise web.HTTPGone

    async def hangs_up(self, request: web.Request) -> web.StreamResponse:
        """The connection ends before the answer."""
        self._abort(request)
        return web.Response()

    async def drips(self, request: web.Request) -> web.StreamResponse:
        """A byte now and then, never idle for long."""
        response = await self._begun(request, {}, b"x")
        for _ in range(3000):
            await response.write(b"x")
            await asyncio.sleep(0.01)
        return response

    async def drips_by_the_second(self, request: web.Request) -> web.StreamResponse:
        """One byte a second, for as long as anyone waits."""
        response = await self._begun(request, {}, b"x")
        while True:
            await asyncio.sleep(1)
            await response.write(b"x")

    async def drips_its_header(self, request: web.Request) -> web.StreamResponse:
        """One byte a second of a header that doesn't end."""
        transport = self._raw(request, b"HTTP/1.1 200 OK\r\nServer: ")
        while not transport.is_closing():
            await asyncio.sleep(1)
            transport.write(b"x")
        return web.Response()

    async def pauses(self, request: web.Request) -> web.StreamResponse:
        """Half of it, and the rest half a minute later."""
        response = await self._begun(request, {"ETag": TAG})
        await asyncio.sleep(PAUSE_SECONDS)
        await response.write(self.content[len(self.content) // 2 :])
        return response

    async def streams_for_long(self, request: web.Request) -> web.StreamResponse:
        """A kilobyte now and then: fast enough for the pace, too slow for the total."""
        response = await self._begun(request, {}, b"x")
        for _ in range(3000):
            await response.write(b"x" * 1024)
            await asyncio.sleep(0.01)
        return response

    async def endless(self, request: web.Request) -> web.StreamResponse:
        """More than anyone wants, unannounced."""
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        while True:
            await response.write(self.content)

    async def announces_much(self, request: web.Request) -> web.StreamResponse:
        """An announcement of far more than is sent."""
        response = web.StreamResponse(headers={"Content-Length": str(10**12)})
        await response.prepare(request)
        return response

    async def swells(self, request: web.Request) -> web.StreamResponse:
        """Small, as announced, and compressed, though nobody asked: it unpacks to more than anyone wants."""
        return web.Response(body=SWOLLEN, headers={"Content-Encoding": "gzip", "ETag": TAG})

    async def contradicts_itself(self, request: web.Request) -> web.StreamResponse:
        """Chunks without end, under a header that announces a few bytes."""
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n"
        transport = self._raw(request, head)
        while not transport.is_closing():
            transport.write(b"%x\r\n%b\r\n" % (len(self.content), self.content))
            await asyncio.sleep(0.01)
        return web.Response()

    async def overflows(self, request: web.Request) -> web.StreamResponse:
        """All of it, as announced, and as much again that was not."""
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self.content)
        transport = self._raw(request, head + self.content)
        await asyncio.sleep(0.05)
        transport.write(self.content)
        transport.close()
        return web.Response()

    async def empty(self, request: web.Request) -> web.StreamResponse:
        """Nothing, politely."""
        return web.Response(body=b"")

    async def partial_unasked(self, request: web.Request) -> web.StreamResponse:
        """A part, though all was asked for."""
        return web.Response(
            status=206, body=self.content[:100], headers={"Content-Range": "bytes 0-99/3000000"}
        )

    async def redirect_nowhere(self, request: web.Request) -> web.StreamResponse:
        """A redirect that doesn't say where to."""
        return web.Response(status=302)

    async def loops(self, request: web.Request) -> web.StreamResponse:
        """A redirect to itself."""
        raise web.HTTPFound("/loops")

    async def _begun(
        self, request: web.Request, headers: dict[str, str], first: bytes | None = None
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={**headers, "Content-Length": str(len(self.content))})
        await response.prepare(request)
        await response.write(self.content[: len(self.content) // 2] if first is None else first)
        return response

    async def _half(self, request: web.Request, headers: dict[str, str]) -> web.StreamResponse:
        response = await self._begun(request, headers)
        await asyncio.sleep(0.05)
        self._abort(request)
        return response

    def _rest(self, request: web.Request) -> web.Response:
        start = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        headers = {"Content-Range": f"bytes {start}-{len(self.content) - 1}/{len(self.content)}", "ETag": TAG}
        return web.Response(status=206, body=self.content[start:], headers=headers)

    @staticmethod
    def _raw(request: web.Request, start: bytes) -> asyncio.Transport:
        """The connection itself, after the start of an answer that the server wouldn't give."""
        assert request.transport is not None
        request.transport.write(start)
        return request.transport

    @staticmethod
    def _abort(request: web.Request) -> None:
        if request.transport is not None:
            request.transport.abort()
