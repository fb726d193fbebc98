"""Following interviews as a principal: progress until the end, and ends; what is theirs, and nothing else."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from vivavoce.contracts import PipelineProgress
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.interviews.completions import Completions, Follower
from vivavoce.gateway.interviews.progress import ProgressBoard, Told
from vivavoce.gateway.interviews.repository import Interview, Interviews
from vivavoce.gateway.interviews.service import InterviewReader


@dataclass(frozen=True)
class Following:
    """Scoped streams over what this instance hears."""

    reader: InterviewReader
    board: ProgressBoard
    completions: Completions

    async def progress(
        self, principal: Principal, interview_id: str
    ) -> AsyncGenerator[tuple[Interview, PipelineProgress], None]:
        """The furthest known of each answer, then what comes, until the interview has ended.

        Raises NotFound. A reader that doesn't keep up misses some progress, never the end.
        """
        with (
            self.board.listening(interview_id) as told,
            self.completions.following(principal.organization_id, interview_id) as end,
        ):
            interview = await self.reader.interview(principal, interview_id)
            if interview.completion is not None:
                return
            for answer in interview.submitted.answers:
                if (known := self.board.of(answer.answer_id)) is not None:
                    yield interview, known
            while (heard := await _next(told, end)) is not None:
                yield interview, heard

    async def ends(self, principal: Principal, interview_id: str | None) -> AsyncGenerator[Interview, None]:
        """The interview once it has ended, at once if it has; without an id, all that end from now on.

        Raises NotFound, or EndMissed when one could not be told.
        """
        with self.completions.following(principal.organization_id, interview_id) as end:
            if interview_id is not None:
                interview = await self.reader.interview(principal, interview_id)
                yield interview if interview.completion is not None else await end.next()
                return
            while True:
                ended = await end.next()
                if principal.sees(ended.submitted_by, ended.candidate_email, ended.id):
                    yield ended


def make_following(
    interviews: Interviews, reader: InterviewReader, board: ProgressBoard, within: float
) -> Following:
    """Streams over the read model; ends must be readable `within` seconds after their facts."""
    return Following(reader, board, Completions(interviews, board.changed, within))


async def _next(told: Told, end: Follower) -> PipelineProgress | None:
    """The next progress; None once the end has been told and no progress is queued before it."""
    while not (end.has_news and told.empty()):
        heard = await told.get()
        if heard is not None:
            return heard
    await end.next()
    return None
