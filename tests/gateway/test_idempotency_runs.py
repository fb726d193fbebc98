"""However repeats, crashes, time and refusals interleave: a key has at most one effect, and one answer."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.gateway import GatewayBench

KEYS = "/api/admin/api-keys"
LEASE = timedelta(seconds=61)
SENDS = ("works", "dies before", "dies after", "fails before", "fails after")

Issue = Callable[..., Awaitable[Any]]


class Died(BaseException):
    """The process that worked on the request has ended."""


@dataclass
class World:
    """A gateway whose work goes as it is told, and what its callers were answered."""

    gateway: GatewayBench
    issue: Issue
    answers: list[httpx.Response] = field(default_factory=list)
    waiting: list[tuple[asyncio.Task[None], asyncio.Event]] = field(default_factory=list)

    async def send(self, fate: str) -> None:
        """A repeat that arrives now; its work goes on when it is told to."""
        arrived, go_on = asyncio.Event(), asyncio.Event()

        async def work(*args: Any, **named: Any) -> Any:
            arrived.set()
            await go_on.wait()
            _end(fate, "before")
            issued = await self.issue(*args, **named)
            _end(fate, "after")
            return issued

        vars(self.gateway.parts.api_keys)["issue"] = work
        task = asyncio.create_task(self._answered())
        done = asyncio.create_task(arrived.wait())
        await asyncio.wait({task, done}, return_when=asyncio.FIRST_COMPLETED)
        done.cancel()
        if not task.done():
            self.waiting.append((task, go_on))

    async def go_on(self, number: int) -> None:
        """Let one of those that wait go on to its end."""
        if self.waiting:
            task, event = self.waiting.pop(number % len(self.waiting))
            event.set()
            await asyncio.wait({task})
            task.exception()

    async def _answered(self) -> None:
        async with self.gateway.client() as client:
            headers = {"Idempotency-Key": "one"}
            self.answers.append(await client.post(KEYS, json={"name": "import"}, headers=headers))


def _end(fate: str, when: str) -> None:
    if fate == f"fails {when}":
        raise RuntimeError("it breaks")
    if fate == f"dies {when}":
        raise Died


def world(folder: Path) -> World:
    gateway = GatewayBench(folder, signing_secret="s" * 32)
    settle = gateway.parts.idempotency.settle

    async def settled(claim: Any, answer: Any) -> None:
        if answer is not None:
            await settle(claim, answer)

    vars(gateway.parts.idempotency)["settle"] = settled
    return World(gateway, gateway.parts.api_keys.issue)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from(SENDS)),
        st.tuples(st.just("go on"), st.integers(0, 3)),
        st.tuples(st.just("later"), st.just(LEASE)),
    ),
    max_size=12,
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(STEPS)
def test_a_key_has_one_effect_and_one_answer(steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_live_through(world(Path(folder)), steps))


async def _live_through(it: World, steps: list[tuple[str, Any]]) -> None:
    for step, detail in steps:
        if step == "send":
            await it.send(detail)
        elif step == "go on":
            await it.go_on(detail)
        else:
            await it.gateway.clock.advance(detail)
    while it.waiting:
        await it.go_on(0)
    await it.gateway.clock.advance(LEASE)
    await it.send("works")
    await it.go_on(0)
    done = [answer for answer in it.answers if answer.status_code == 201]
    assert {answer.status_code for answer in it.answers} <= {201, 409, 500}
    assert done
    assert len({answer.json()["key"] for answer in done}) == 1
    async with it.gateway.client() as client:
        assert len((await client.get(KEYS)).json()["apiKeys"]) == 1
