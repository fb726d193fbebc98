"""What only sockets show: slow, large and broken requests to a server, and that others don't notice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.responses import StreamingResponse

from tests.support.databases import until
from tests.support.embedded_mongo import free_port
from tests.support.gateway import GatewayBench
from vivavoce.gateway.guards.protocol import guarded_protocol

PATIENCE = 10.0
WHOLE, PIECE = 50_000_000, 50_000
SHORT = {
    "head_seconds": 0.2,
    "body_seconds": 0.2,
    "unread_seconds": 0.2,
    "max_url_bytes": 2_000,
    "max_header_bytes": 4_000,
    "max_body_bytes": 100_000,
}


@dataclass(frozen=True)
class Answer:
    """What a server said, and whether it then closed the connection."""

    status: int
    headers: dict[str, str]
    body: Any


@asynccontextmanager
async def served(folder: Path, **settings: Any) -> AsyncIterator[tuple[int, GatewayBench]]:
    """A gateway's port, served as its process would serve it."""
    gateway = GatewayBench(folder, **{**SHORT, **settings})
    config = uvicorn.Config(
        gateway.app,
        port=free_port(),
        http=guarded_protocol(gateway.settings),
        h11_max_incomplete_event_size=gateway.settings.max_url_bytes + gateway.settings.max_header_bytes,
        log_config=None,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(PATIENCE):
            await until(lambda: server.started)
        yield config.port, gateway
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(PATIENCE):
            yield reader, writer
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(int(head[0].split()[1]), headers, json.loads(body))


async def until_closed(reader: asyncio.StreamReader) -> None:
    """Return when the server has closed the connection; it resets one on which more is still sent."""
    with suppress(ConnectionError):
        assert await reader.read() == b""


async def drip(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """Send a little now and then, until nobody listens."""
    while not writer.is_closing():
        writer.write(piece)
        await asyncio.sleep(0.02)


async def refused(port: int, start: bytes, piece: bytes) -> Answer:
    """The answer to who starts a request and then sends it slowly; the connection must be closed after it."""
    async with connected(port) as (reader, writer):
        writer.write(start)
        dripping = asyncio.create_task(drip(writer, piece))
        try:
            answer = await read_answer(reader)
            await until_closed(reader)
        finally:
            dripping.cancel()
    return answer


async def test_a_head_that_drips_in_is_refused_in_its_familys_shape(tmp_path: Path) -> None:
    async with served(tmp_path) as (port, _):
        answer = await refused(port, b"GET /api/v1/x HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", b"x")
    assert answer.status == 408
    assert answer.body["status_code"] == 408
    assert answer.headers["x-correlation-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_body_that_drips_in_is_refused(tmp_path: Path) -> None:
    start = (
        b"POST /api/interview-record HTTP/1.1\r\nHost: localhost\r\nX-Correlation-ID: mine\r\n"
        b"Content-Type: application/json\r\nContent-Length: 90000\r\n\r\n"
    )
    async with served(tmp_path) as (port, _):
        answer = await refused(port, start, b" ")
    assert (answer.status, answer.headers["connection"]) == (408, "close")
    assert answer.body["correlationId"] == answer.headers["x-correlation-id"] == "mine"


async def test_a_connection_that_says_nothing_is_closed(tmp_path: Path) -> None:
    async with served(tmp_path) as (port, _), connected(port) as (reader, _):
        await until_closed(reader)


@pytest.mark.parametrize(
    ("start", "piece", "status"),
    [
        (b"GET /api/v2/", b"x" * 1_000, 414),
        (b"GET /api/v2/x HTTP/1.1\r\nHost: localhost\r\nX-Large: ", b"x" * 1_000, 431),
        (b"GET /api/v2/x HTTP/1.1\r\nHost: localhost\r\n", b"X-Many: 1\r\n" * 100, 431),
    ],
)
async def test_a_head_without_end_is_refused(tmp_path: Path, start: bytes, piece: bytes, status: int) -> None:
    async with served(tmp_path, head_seconds=PATIENCE) as (port, _):
        answer = await refused(port, start, piece)
    assert answer.status == status
    assert answer.body.keys() == {"error"}


@pytest.mark.parametrize(
    "broken",
    [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"],
)
async def test_what_is_no_http_is_refused_with_an_id(tmp_path: Path, broken: bytes) -> None:
    async with served(tmp_path) as (port, _), connected(port) as (reader, writer):
        writer.write(broken)
        answer = await read_answer(reader)
    assert answer.status == 400
    assert answer.body["correlationId"] == answer.headers["x-correlation-id"]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_of_50_mb_is_refused_unread_and_nobody_else_notices(
    tmp_path: Path, announced: bool
) -> None:
    length = f"Content-Length: {WHOLE}" if announced else "Transfer-Encoding: chunked"
    head = f"POST /api/interview-record HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n".encode()
    piece = b"x" * PIECE if announced else f"{PIECE:x}\r\n".encode() + b"x" * PIECE + b"\r\n"
    async with served(tmp_path, body_seconds=30) as (port, _), connected(port) as (reader, writer):
        writer.write(head)
        answered = asyncio.create_task(read_answer(reader))
        taken = 0
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as other:
            while taken < WHOLE and not answered.done():
                writer.write(piece)
                await writer.drain()
                taken += PIECE
                assert (await other.get("/ping")).status_code == 200
        answer = await answered
        await until_closed(reader)
    assert answer.status == 413
    assert taken < WHOLE / 10


async def test_a_little_too_much_leaves_the_connection_usable(tmp_path: Path) -> None:
    async with served(tmp_path, body_seconds=30) as (port, _), connected(port) as (reader, writer):
        writer.write(
            b"POST /api/interview-record HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100001\r\n\r\n"
        )
        assert (await read_answer(reader)).status == 413
        writer.write(b"x" * 100_001 + b"GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await read_answer(reader)).status == 200


async def test_who_reads_nothing_is_disconnected(tmp_path: Path) -> None:
    async with served(tmp_path) as (port, gateway):
        ended = asyncio.Event()

        @gateway.app.get("/large")
        async def large() -> Any:
            async def pieces() -> AsyncIterator[bytes]:
                try:
                    while True:
                        yield b"x" * 65_536
                        await asyncio.sleep(0)
                finally:
                    ended.set()

            return StreamingResponse(pieces(), media_type="text/event-stream")

        async with connected(port) as (_, writer):
            writer.write(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await ended.wait()
