"""What the gateway keeps: its memory after many requests, and what idle event streams cost."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench import machine
from bench.figures import Spread, spread
from bench.gateway_contents import Contents
from bench.gateway_pairs import PAIRS
from bench.gateway_processes import Server, Servers
from bench.http_load import ask

IDLE_SECONDS = 10.0
QUIET_SECONDS = 30.0
"""After so long a quiet stream looks for news as seldom as it ever does."""
BESIDE_SECONDS = 5.0
SETTLE_SECONDS = 3.0
OPEN_AT_ONCE = 50
KIB = 1024


@dataclass(frozen=True)
class Endured:
    """Bytes of memory at each point, the cores taken without and with idle streams, and reads beside them."""

    requests: int
    streams: int
    memory_before: int
    memory_after: int
    memory_streaming: int
    memory_closed: int
    cores_alone: float
    cores_streaming: float
    read_beside: Spread


async def endure(servers: Servers, contents: Contents, requests: int, streams: int, callers: int) -> Endured:
    """Read so many times, then open so many streams of an unfinished interview and leave them idle."""
    server, reads = servers.gateway, PAIRS[0].calls(servers.gateway, contents)
    before = _memory(server)
    if requests:
        await ask(reads, servers.headers, callers=callers, most=requests)
    after, alone = _memory(server), await _cores(server)
    async with AsyncExitStack() as stack:
        await _open(stack, servers, await _unfinished(servers), streams)
        await asyncio.sleep(QUIET_SECONDS)
        streaming, cores = _memory(server), await _cores(server)
        beside = await ask(reads, servers.headers, callers=callers, seconds=BESIDE_SECONDS)
    await asyncio.sleep(SETTLE_SECONDS)
    memories = before, after, streaming, _memory(server)
    return Endured(requests, streams, *memories, alone, cores, spread(beside.times))


async def _unfinished(servers: Servers) -> str:
    """An interview that nobody works on, so that nothing happens to it."""
    call = PAIRS[-1].calls(servers.gateway, Contents((), ()))(0)
    async with (
        aiohttp.ClientSession(headers=servers.headers) as session,
        session.post(call.url, json=call.json) as response,
    ):
        response.raise_for_status()
        return str((await response.json())["interviewRecordId"])


async def _open(stack: AsyncExitStack, servers: Servers, interview: str, streams: int) -> None:
    url = f"{servers.gateway.base_url}/api/interview-record/{interview}/events"
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    session = await stack.enter_async_context(
        aiohttp.ClientSession(headers=servers.headers, connector=connector, timeout=timeout)
    )
    room = asyncio.Semaphore(OPEN_AT_ONCE)

    async def open_one() -> None:
        async with room:
            response = await session.get(url)
            response.raise_for_status()
            await response.content.readline()
            stack.callback(response.close)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(streams):
            tasks.create_task(open_one())


async def _cores(server: Server) -> float:
    """The cores that the process takes while nobody asks it anything."""
    cpu, begun = machine.cpu_seconds([server.pid]), time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    return (machine.cpu_seconds([server.pid]) - cpu) / (time.perf_counter() - begun)


def _memory(server: Server) -> int:
    """Bytes that the process has in memory now."""
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * KIB
    return 0
