"""What a caller lives through while a part of the stack is away, and what becomes of it afterwards."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx

from tests.support.live import Asked, LiveStack, body_of, eventually, pipelines_of
from tests.support.recordings_site import RecordingsSite
from tests.support.subscriber import Subscriber
from vivavoce.cli.home import Home

SUBMISSIONS, REGISTRATION = "/api/interview-record", "/api/webhooks/register"
NOBODY = "http://127.0.0.1:9/hook"
CALL_EVERY = 5.0
ACCEPTED = (200, 202)

Away = Callable[[LiveStack, str], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def frozen(stack: LiveStack, part: str) -> AsyncIterator[None]:
    """The part stands still: its connections stay open, and nobody answers on them."""
    pid = stack.pids()[part]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def stopped(stack: LiveStack, part: str) -> AsyncIterator[None]:
    """The part is ended by the supervisor and started anew later."""
    await asyncio.to_thread(_supervise, stack, "stop", part)
    try:
        yield
    finally:
        await asyncio.to_thread(_supervise, stack, "start", part)


def _supervise(stack: LiveStack, action: str, part: str) -> None:
    socket = f"unix://{Home(stack.home).socket}"
    command = [sys.executable, "-m", "supervisor.supervisorctl", "-s", socket, action]
    subprocess.run([*command, f"infrastructure:{part}"], check=True, capture_output=True, timeout=60)


@dataclass(frozen=True)
class Ended:
    """An accepted submission's end: the ids it was answered with, its state, what the subscriber heard."""

    interview_id: str
    pipeline_ids: tuple[str, ...]
    state: dict[str, Any]
    heard: dict[tuple[str, str], set[str]]


@dataclass
class Tale:
    """What callers of one stack asked, and what they were told, then and in the end."""

    stack: LiveStack
    subscriber: Subscriber
    site: RecordingsSite
    under_way: dict[str, Any] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    submitted: list[httpx.Response] = field(default_factory=list)
    read: list[httpx.Response] = field(default_factory=list)
    registered: list[httpx.Response] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    dead_letters: list[dict[str, Any]] = field(default_factory=list)

    async def begin(self, slow_page: str) -> None:
        """Return when one answer of an interview has its result and the other one is being fetched."""
        slow = Asked("slow", self.site.page(slow_page))
        self.under_way = await self.stack.submit(Asked("quick", self.site.file("answer.mp4")), slow)
        quick = pipelines_of(self.under_way)["quick"]

        async def in_the_middle() -> bool:
            has_result = (await self.stack.result(quick)).status_code == 200
            return has_result and slow_page in self.site.pages.visits

        await eventually(in_the_middle, within=30)
        assert (await self.stack.interview(self.under_way["interviewRecordId"]))["status"] == "processing"

    async def live_through(self, seconds: float) -> None:
        """Submit, read and register again and again; no round is begun that would last beyond that time."""
        until, took = monotonic() + seconds, 0.0
        while (begun := monotonic()) + took < until:
            await asyncio.gather(self._submit(), self._read(), self._register())
            await asyncio.sleep(CALL_EVERY)
            took = monotonic() - begun
        await asyncio.sleep(max(0.0, until - begun))

    async def settle(self) -> None:
        """Register, hand in every body again, and see every interview to its end."""
        await eventually(self._can_register, within=60)
        accepted = [self.under_way, *[await self._accepted(body) for body in self.bodies]]
        self.ended = [await self._end(answered) for answered in accepted]
        self.dead_letters = await asyncio.to_thread(self.stack.dead_letters)

    async def _submit(self) -> None:
        body = body_of((Asked("q1", self.site.file("answer.mp4")),))
        self.bodies.append(body)
        self.submitted.append(await self.stack.client.post(SUBMISSIONS, json=body))

    async def _read(self) -> None:
        quick = pipelines_of(self.under_way)["quick"]
        state = f"{SUBMISSIONS}/{self.under_way['interviewRecordId']}"
        paths = (state, f"/api/job-result/by-job/{quick}", "/api/webhooks")
        self.read += await asyncio.gather(*(self.stack.client.get(path) for path in paths))

    async def _register(self) -> None:
        self.registered.append(await self._try_to_register())

    async def _can_register(self) -> bool:
        return (await self._try_to_register()).status_code == 201

    async def _try_to_register(self) -> httpx.Response:
        body = {"url": NOBODY, "events": ["interview.completed"]}
        return await self.stack.client.post(REGISTRATION, json=body)

    async def _accepted(self, body: dict[str, Any]) -> dict[str, Any]:
        answered = await self.stack.client.post(SUBMISSIONS, json=body)
        while answered.status_code not in ACCEPTED:
            assert_says_come_again(answered)
            await asyncio.sleep(1)
            answered = await self.stack.client.post(SUBMISSIONS, json=body)
        return dict(answered.json())

    async def _end(self, answered: dict[str, Any]) -> Ended:
        interview_id, pipelines = answered["interviewRecordId"], pipelines_of(answered)
        state = await self.stack.ended(interview_id, within=120)
        await self.subscriber.told_of(interview_id, facts=len(pipelines) + 1, within=60)
        heard = self.subscriber.receiver.ids_of(interview_id)
        return Ended(interview_id, tuple(pipelines.values()), state, heard)


def assert_says_come_again(answered: httpx.Response) -> None:
    """The platform's refusal of who can't serve now: 503, when to come again, and an id to ask about."""
    assert answered.status_code == 503, answered.text
    assert int(answered.headers["retry-after"]) > 0
    told = answered.json()
    assert told["error"]
    assert told["correlationId"] == answered.headers["x-correlation-id"]
