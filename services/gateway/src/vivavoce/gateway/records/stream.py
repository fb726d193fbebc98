"""An interview's happenings as server-sent events: the stored ones replayed, progress as it comes."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from sse_starlette import ServerSentEvent

from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.log import get_logger
from vivavoce.contracts import InterviewCompleted, PipelineProgress, SubmittedAnswer
from vivavoce.gateway.interviews.progress import ProgressBoard, Told
from vivavoce.gateway.interviews.repository import Happening, Interview, Interviews

LONGEST_NUMBER = 12
AWAY_SECONDS = 1.0
FIRST_PAUSE = 0.05
SEPARATOR = "\n"

log = get_logger(__name__)


async def interview_events(
    interview: Interview,
    interviews: Interviews,
    board: ProgressBoard,
    *,
    after: int,
    poll: float,
    settle: float,
    ended_for: float | None,
) -> AsyncGenerator[ServerSentEvent, None]:
    """The stored happenings after a number, then new ones until the interview's end has been told.

    The store is looked at once this instance has changed it or heard a fact that another will store; then
    after pauses that double up to `poll` seconds, so what is stored at last is told in twice the time; and
    for `settle` seconds after the end: facts come over several topics, the last ones perhaps late.
    `ended_for` is how many seconds ago the interview ended. While the store is away, the reader is kept.
    """
    loop = asyncio.get_running_loop()
    answers = {answer.answer_id: answer for answer in interview.submitted.answers}
    over_at = None if ended_for is None else loop.time() - ended_for
    pause = FIRST_PAUSE
    with board.listening(interview.id) as progress:
        while True:
            try:
                found = await interviews.happenings_after(interview.organization_id, interview.id, after)
            except InfrastructureAway as error:
                log.warning("stream_waits", interview_id=interview.id, reason=error.message)
                yield keep_alive()
                await asyncio.sleep(AWAY_SECONDS)
                continue
            if over_at is not None and not found and loop.time() >= over_at + settle:
                return
            for happening in found:
                after = happening.sequence
                if over_at is None and happening.type == InterviewCompleted.type:
                    over_at = loop.time()
                yield stored_event(interview, happening)
            left = poll if over_at is None else over_at + settle - loop.time()
            wait, pause = (0.0, FIRST_PAUSE) if found else (min(pause, left), min(2 * pause, poll))
            async for heard in _heard(progress, wait):
                if heard is None:
                    pause = FIRST_PAUSE
                else:
                    yield progress_event(heard, answers)


async def _heard(progress: Told, seconds: float) -> AsyncIterator[PipelineProgress | None]:
    """What progress comes until the time is over, or None last: there is more to read, at once or soon."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        try:
            heard = await asyncio.wait_for(progress.get(), left)
        except TimeoutError:
            return
        yield heard
        if heard is None:
            return


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


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False)
