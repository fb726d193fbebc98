"""Keeps the interviews: what changed is stored and told in one commit, and each thing told once."""

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import InterviewCompleted, ScoreGenerated, Versions, ids
from vivavoce.evaluation.completion import closed
from vivavoce.evaluation.interview import Interview
from vivavoce.evaluation.scoring import Stamp

MILLISECOND = 1000


class Ledger:
    """Interviews with the facts that end them and their answers."""

    def __init__(self, interviews: Collection[Interview], clock: Clock, versions: Versions) -> None:
        self._interviews = interviews
        self._clock = clock
        self._versions = versions

    def stamp(self) -> Stamp:
        """The present and the versions in use, for a score that is made now."""
        now = self._clock.now()
        return Stamp(self._versions, now.replace(microsecond=now.microsecond // MILLISECOND * MILLISECOND))

    async def peek(self, organization_id: str, interview_id: str) -> Interview | None:
        """An interview as it is now, outside any transaction."""
        return await self._interviews.get(organization_id, interview_id)

    async def load(self, interview_id: str, uow: UnitOfWork) -> Interview:
        """The interview in this transaction; an empty one when nothing has come yet."""
        organization_id = uow.context.organization_id
        stored = await self._interviews.get(organization_id, interview_id, uow)
        return stored or Interview(id=interview_id, organization_id=organization_id)

    async def store(self, before: Interview, after: Interview, uow: UnitOfWork) -> None:
        """Close the interview if nothing is missing, save it, and emit what is new in it."""
        ended = closed(after, self.stamp().at)
        if ended == before:
            return
        await self._interviews.save(ended, uow)
        told = {score.answer_id for score in before.scores}
        for score in ended.scores:
            if score.answer_id not in told:
                emit_score(score, uow)
        if ended.completed is not None and before.completed is None:
            _emit_completed(ended.completed, uow)

    def repeat(self, interview: Interview, uow: UnitOfWork) -> None:
        """Emit again, under their own ids, all scores and the end of an interview."""
        for score in interview.scores:
            emit_score(score, uow)
        if interview.completed is not None:
            _emit_completed(interview.completed, uow)


def emit_score(score: ScoreGenerated, uow: UnitOfWork) -> None:
    """Emit an answer's score under the one id that it can have."""
    uow.emit(score, event_id=ids.output_id(score.answer_id, ScoreGenerated.type))


def _emit_completed(completed: InterviewCompleted, uow: UnitOfWork) -> None:
    uow.emit(completed, event_id=ids.output_id(completed.interview_id, InterviewCompleted.type))
