"""One film and one missing recording, submitted twice, and what two readers were told meanwhile."""

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.support.following import Followed, follow
from tests.support.live import Asked, LiveStack, eventually, pipelines_of
from tests.support.recordings_site import RecordingsSite

TALK, MISSING = "talk", "missing"
PATIENCE = 240.0


@dataclass(frozen=True)
class Twin:
    """An interview that has ended: its ids, its state, its job results by question."""

    interview_id: str
    pipelines: dict[str, str]
    state: dict[str, Any]
    results: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Twins:
    """Both interviews. The first was followed over one connection, the second over two."""

    first: Twin
    second: Twin
    whole: Followed
    parts: tuple[Followed, Followed]


async def submit_twins(stack: LiveStack, site: RecordingsSite, film: str) -> Twins:
    """Submit the same recordings twice, follow both interviews to their ends and take the results."""
    asked = (Asked(TALK, site.file(film)), Asked(MISSING, site.page("status-to-404")))
    one, other = [await stack.submit(*asked) for _ in range(2)]
    async with asyncio.timeout(PATIENCE):
        whole, parts = await asyncio.gather(
            follow(stack, one["interviewRecordId"]), _follow_in_parts(stack, other["interviewRecordId"])
        )
    return Twins(await _twin(stack, one), await _twin(stack, other), whole, parts)


async def _follow_in_parts(stack: LiveStack, interview_id: str) -> tuple[Followed, Followed]:
    before = await follow(stack, interview_id, enough=lambda followed: bool(followed.stored))
    after = await follow(stack, interview_id, last_event_id=before.stored[-1]["id"])
    return before, after


async def _twin(stack: LiveStack, answered: dict[str, Any]) -> Twin:
    interview_id, pipelines = answered["interviewRecordId"], pipelines_of(answered)
    state = await stack.ended(interview_id)
    results = {question: await ready_result(stack, pipelines[question]) for question in pipelines}
    return Twin(interview_id, pipelines, state, results)


async def ready_result(stack: LiveStack, pipeline_id: str, within: float = 30) -> dict[str, Any]:
    """The job result once it is there; facts may still be on their way when an interview has ended."""

    async def ready() -> bool:
        return (await stack.result(pipeline_id)).status_code == 200

    await eventually(ready, within)
    return dict((await stack.result(pipeline_id)).json())
