"""A bounded closed loop of HTTP requests: so many callers, each asking again once it is answered."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

SECONDS_A_REQUEST = 30.0


@dataclass(frozen=True)
class Call:
    """One request: how, where, with which body, and the status that it must be answered with."""

    method: str
    url: str
    json: Any = None
    status: int = 200


CallOf = Callable[[int], Call]
"""The request of a number, so that no two need be the same."""


@dataclass(frozen=True)
class Answered:
    """How many requests were answered in how many seconds, and how long each took."""

    seconds: float
    times: list[float]

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return len(self.times) / self.seconds


class WrongAnswer(Exception):
    """A request was not answered as it had to be, so its speed means nothing."""


async def ask(
    call_of: CallOf,
    headers: dict[str, str],
    *,
    callers: int,
    first: int = 0,
    seconds: float = float("inf"),
    most: int | None = None,
) -> Answered:
    """Ask until the time is over, or `most` have been answered; raises WrongAnswer."""
    numbers = itertools.count(first) if most is None else iter(range(first, first + most))
    times: list[float] = []
    begun = time.perf_counter()
    timeout = aiohttp.ClientTimeout(total=SECONDS_A_REQUEST)
    connector = aiohttp.TCPConnector(limit=callers)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector) as session:

        async def caller() -> None:
            for number in numbers:
                if time.perf_counter() - begun >= seconds:
                    return
                asked = time.perf_counter()
                await _answered(session, call_of(number))
                times.append(time.perf_counter() - asked)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(callers):
                tasks.create_task(caller())
    return Answered(time.perf_counter() - begun, times)


async def answer(call: Call, headers: dict[str, str]) -> Any:
    """What one request is answered, from its JSON; raises WrongAnswer."""
    async with aiohttp.ClientSession(headers=headers) as session:
        return json.loads(await _answered(session, call))


async def _answered(session: aiohttp.ClientSession, call: Call) -> bytes:
    async with session.request(call.method, call.url, json=call.json) as response:
        body = await response.read()
        if response.status != call.status or (call.url.endswith("/graphql") and b'"errors"' in body):
            raise WrongAnswer(f"{call.method} {call.url}: {response.status} {body[:300]!r}")
        return body
