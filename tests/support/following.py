"""Follows an interview's server-sent events over a real connection, from wherever a reader left off."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.live import LiveStack
from tests.support.sse import events_of

QUIET_SECONDS = 60.0
Enough = Callable[["Followed"], bool]


@dataclass
class Followed:
    """What came over one connection: its status and its events as their fields."""

    status: int = 0
    events: list[dict[str, str]] = field(default_factory=list)

    @property
    def stored(self) -> list[dict[str, str]]:
        """The happenings, which have numbers; progress has none."""
        return [event for event in self.events if "id" in event]

    @property
    def ids(self) -> list[int]:
        """The numbers of the happenings."""
        return [int(event["id"]) for event in self.stored]


async def follow(
    stack: LiveStack,
    interview_id: str,
    *,
    last_event_id: str | None = None,
    enough: Enough = lambda _: False,
) -> Followed:
    """Read until the stream ends, or until it is enough and the reader goes away."""
    headers = {"accept": "text/event-stream"}
    if last_event_id is not None:
        headers["last-event-id"] = last_event_id
    path = f"/api/interview-record/{interview_id}/events"
    timeout = httpx.Timeout(30, read=QUIET_SECONDS)
    followed, text = Followed(), ""
    async with stack.client.stream("GET", path, headers=headers, timeout=timeout) as response:
        followed.status = response.status_code
        async for chunk in response.aiter_text():
            text += chunk
            whole, _, text = text.rpartition("\n\n")
            followed.events += events_of(whole)
            if enough(followed):
                break
    return followed


def shares_by_stage(progress: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[float]]:
    """The shares in the order in which they came, by pipeline and stage."""
    found: dict[tuple[str, str], list[float]] = {}
    for told in progress:
        found.setdefault((told["pipelineId"], told["stage"]), []).append(told["share"])
    return found
