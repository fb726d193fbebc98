"""What dies or freezes while a recording is analysed: the interview completes once, and is heard of once.

And afterwards webhooks can be registered as before.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.live import Asked, LiveStack, eventually, pipelines_of
from tests.support.receiver import Receiver
from tests.support.recordings_site import RecordingsSite
from tests.support.subscriber import Subscriber, register, subscribed
from tests.support.twins import ready_result

AWAY_SECONDS = float(os.environ.get("AWAY_SECONDS", "12"))
INFRASTRUCTURE = ("broker-server", "database")


@dataclass(frozen=True)
class Story:
    """One interview that something happens to in the middle."""

    stack: LiveStack
    receiver: Receiver
    interview_id: str
    pipeline_id: str

    async def analysing(self) -> None:
        """Return when the analysis has begun."""
        await eventually(self._is_analysing, within=60, every=0.1)

    async def heard(self) -> dict[tuple[str, str], set[str]]:
        """What the subscriber was told, once it was told of the score and of the end."""
        await eventually(self._is_told, within=90)
        await asyncio.sleep(2)
        return self.receiver.ids_of(self.interview_id)

    async def _is_analysing(self) -> bool:
        state = await self.stack.interview(self.interview_id)
        return bool(state) and state["answers"][0]["stage"] in ("analysing", "scoring", "ended")

    async def _is_told(self) -> bool:
        return len(self.receiver.ids_of(self.interview_id)) == 2

    async def ends_well(self) -> None:
        """The interview completes with one score, every event has one id at the subscriber, all answer."""
        state = await self.stack.ended(self.interview_id, within=150)
        assert state["status"] == "completed", state
        job = await ready_result(self.stack, self.pipeline_id)
        assert job["result"]["evaluationResult"]["overallScore"] is not None
        heard = await self.heard()
        assert set(heard) == {
            ("score.generated", self.pipeline_id),
            ("interview.completed", self.interview_id),
        }
        assert {len(ids) for ids in heard.values()} == {1}, heard
        await eventually(self.stack.ready, within=60)
        await register(self.stack, self.receiver.url)


@pytest.fixture(scope="module")
async def subscriber(stack: LiveStack) -> AsyncIterator[Subscriber]:
    async with subscribed(stack) as subscriber:
        yield subscriber


@pytest.fixture
async def story(stack: LiveStack, subscriber: Subscriber, recordings: RecordingsSite) -> Story:
    """An interview whose only answer is being analysed."""
    answered: dict[str, Any] = await stack.submit(Asked("q1", recordings.file("sound-only.m4a")))
    told = Story(stack, subscriber.receiver, answered["interviewRecordId"], pipelines_of(answered)["q1"])
    await told.analysing()
    return told


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["media", *INFRASTRUCTURE])
async def test_what_is_killed_comes_back_and_nothing_is_lost_or_doubled(story: Story, name: str) -> None:
    killed = story.stack.kill(name)
    await story.ends_well()
    assert story.stack.pids()[name] != killed


@pytest.mark.timeout(300)
async def test_a_media_service_that_is_told_to_stop_loses_nothing(story: Story) -> None:
    os.kill(story.stack.pids()["media"], signal.SIGTERM)
    await story.ends_well()


@pytest.mark.timeout(420)
@pytest.mark.parametrize("name", INFRASTRUCTURE)
async def test_infrastructure_that_is_away_for_a_while_is_waited_for(story: Story, name: str) -> None:
    pid = story.stack.pids()[name]
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(AWAY_SECONDS)
    finally:
        os.kill(pid, signal.SIGCONT)
    await story.ends_well()


async def test_faults_leave_no_dead_letters(stack: LiveStack) -> None:
    assert stack.dead_letters() == []
