"""An interview's happenings as server-sent events: the stored ones replayed, progress as it comes."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from sse_starlette import ServerSentEvent

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.contracts import InterviewCompleted, PipelineProgress, SubmittedAnswer
from vivavoce.gateway.interviews.progress import ProgressBoard
from vivavoce.gateway.interviews.repository import Happening, Interview, Interviews

LONGEST_NUMBER = 12
SEPARATOR = "\n"


@dataclass(frozen=True)
class Pace:
    """How often, in seconds, a stream looks at the store, and how long after the end it still does."""

    poll: float
    settle: float


def left_to_settle(interview: Interview, clock: Clock, settle: float) -> float | None:
    """For how many seconds facts may still be expected after the end; None while there is no end."""
    if interview.ended_at is None:
        return None
    return max(0.0, settle - (clock.now() - interview.ended_at).total_seconds())


async def interview_events(
    interview: Interview,
    interviews: Interviews,
    board: ProgressBoard,
    *,
    after: int,
    left: float | None,
    pace: Pace,
) -> AsyncIterator[ServerSentEvent]:
    """The stored happenings after a number, then new ones until the interview's end has been told.

    The store is looked at now and then, for the projections may run in another instance, and for a
    while after the end, of which `left` seconds remain: facts come over several topics, the last ones
    perhaps late. While the store is away the stream stays open, for a browser that is refused once
    never comes back.
    """
    loop = asyncio.get_running_loop()
    answers = {answer.answer_id: answer for answer in interview.submitted.answers}
    over_at = None if left is None else loop.time() + left
    with board.listening(interview.id) as progress:
        while True:
            try:
                found = await interviews.happenings_after(interview.organization_id, interview.id, after)
            except InfrastructureAway:
                yield store_away()
                await asyncio.sleep(pace.poll)
                continue
            if over_at is not None and not found and loop.time() >= over_at:
                return
            for happening in found:
                after = happening.sequence
                if over_at is None and happening.type == InterviewCompleted.type:
                    over_at = loop.time() + pace.settle
                yield stored_event(interview, happening)
            async for heard in _heard(progress, 0 if found else pace.poll):
                yield progress_event(heard, answers)


async def _heard(
    progress: asyncio.Queue[PipelineProgress], seconds: float
) -> AsyncIterator[PipelineProgress]:
    """What progress comes until the time is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        try:
            heard = await asyncio.wait_for(progress.get(), left)
        except TimeoutError:
            return
        yield heard


def resume_point(last_event_id: str | None, interview: Interview) -> int:
    """The number after which a reader goes on; from the beginning when it is none of this interview's."""
    given = last_event_id.strip() if last_event_id else ""
    number = int(given) if given.isascii() and given.isdigit() and len(given) < LONGEST_NUMBER else 0
    return number if number <= interview.sequence else 0


def stored_event(interview: Interview, happening: Happening) -> ServerSentEvent:
    """A stored happening; its id is its number, from which a reader that comes back goes on."""
    data = {
        "interviewRecordId": interview.id,
        "sequence": happening.sequence,
        "type": happening.type,
        "at": happening.at.isoformat().replace("+00:00", "Z"),
        **happening.data,
    }
    return ServerSentEvent(_json(data), event=happening.type, id=str(happening.sequence), sep=SEPARATOR)


def progress_event(progress: PipelineProgress, answers: Mapping[str, SubmittedAnswer]) -> ServerSentEvent:
    """Progress has no id: it is not stored, so nobody can go on from it."""
    answer = answers.get(progress.answer_id)
    data = {
        "interviewRecordId": progress.interview_id,
        "type": PipelineProgress.type,
        "pipelineId": progress.answer_id,
        "questionId": answer.question_id if answer else None,
        "stage": progress.stage,
        "share": progress.share,
    }
    return ServerSentEvent(_json(data), event=PipelineProgress.type, sep=SEPARATOR)


def keep_alive() -> ServerSentEvent:
    """A comment, which readers ignore and proxies take for life."""
    return ServerSentEvent(comment="still here", sep=SEPARATOR)


def store_away() -> ServerSentEvent:
    """A comment for the time in which nothing can be looked up."""
    return ServerSentEvent(comment="the store is away, waiting", sep=SEPARATOR)


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False)
