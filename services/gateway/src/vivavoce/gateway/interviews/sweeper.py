"""Asks again for what is overdue, so that a fact lost by a broker loses no interview."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import InterviewCompleted, InterviewSubmitted, RecordingRequested
from vivavoce.contracts.ids import output_id
from vivavoce.gateway.interviews.projections import completion_data, ended
from vivavoce.gateway.interviews.repository import Answer, Interview, Interviews
from vivavoce.gateway.interviews.rules import entry_of, is_settled, unacknowledged_end
from vivavoce.gateway.settings import GatewaySettings

AT_ONCE = 200

log = get_logger(__name__)


class Sweeper:
    """Re-emits the requests of interviews that are overdue, a bounded number of times.

    An interview that has ended is overdue too, while something that its end speaks of hasn't come.
    The waits grow. One wait after the last time, an interview of which evaluation has never said
    anything ends as failed, under the id that evaluation's own end would have: the first one counts.
    """

    def __init__(
        self, database: Database, interviews: Interviews, clock: Clock, settings: GatewaySettings
    ) -> None:
        self._database = database
        self._interviews = interviews
        self._clock = clock
        self._settings = settings

    async def run_forever(self) -> None:
        """Sweep now and then, until cancelled; not at once, for a gateway that was away has yet to read."""
        while True:
            await self._clock.sleep(self._settings.sweep_every_seconds)
            await self.sweep()

    async def sweep(self) -> int:
        """Look at everything that is due; returns how many interviews that were."""
        due = await self._interviews.interviews.find_in_all_organizations(
            {"next_sweep_at": {"$lte": self._clock.now()}}, sort=[("next_sweep_at", 1)], limit=AT_ONCE
        )
        for interview in due:
            context = Context(interview.organization_id, interview.correlation_id)
            with bound(context):
                await self._sweep_safely(interview.id, context)
        return len(due)

    async def _sweep_safely(self, interview_id: str, context: Context) -> None:
        """Sweep one interview; one that can't be swept now doesn't keep the others waiting."""
        try:
            await self._database.transact(context, partial(self._sweep_one, interview_id))
        except VivaError as error:
            log.warning("sweep_failed", interview_id=interview_id, code=error.code, error=error.message)

    async def _sweep_one(self, interview_id: str, uow: UnitOfWork) -> None:
        interview = await self._interviews.interviews.get(uow.context.organization_id, interview_id, uow)
        now = self._clock.now()
        if interview is None or interview.next_sweep_at is None or interview.next_sweep_at > now:
            return
        answers = await self._interviews.answers_of(interview.organization_id, [interview.id], uow)
        if interview.completion is not None and all(is_settled(answer, interview) for answer in answers):
            await self._leave(interview, uow)
        elif interview.sweeps - interview.sweeps_before_end < self._settings.sweep_limit:
            await self._ask_again(interview, answers, now, uow)
        elif interview.acknowledged or interview.completion is not None:
            log.warning("interview_overdue", interview_id=interview.id, sweeps=interview.sweeps)
            await self._leave(interview, uow)
        else:
            await self._give_up(interview, now, uow)

    async def _leave(self, interview: Interview, uow: UnitOfWork) -> None:
        """Nothing of the interview needs to be asked for again."""
        await self._interviews.interviews.save(interview.model_copy(update={"next_sweep_at": None}), uow)

    async def _ask_again(
        self, interview: Interview, answers: Sequence[Answer], now: datetime, uow: UnitOfWork
    ) -> None:
        sweeps = interview.sweeps + 1
        uow.emit(interview.submitted, event_id=again_id(interview.id, InterviewSubmitted.type, sweeps))
        for answer in answers:
            # What media said may have been lost on its way to others: it answers by repeating itself.
            if not is_settled(answer, interview):
                request = RecordingRequested(interview_id=interview.id, answer_id=answer.id, url=answer.url)
                uow.emit(request, event_id=again_id(answer.id, RecordingRequested.type, sweeps))
        wait = self._settings.sweep_wait(sweeps - interview.sweeps_before_end)
        changes = {"sweeps": sweeps, "next_sweep_at": now + wait}
        await self._interviews.interviews.save(interview.model_copy(update=changes), uow)
        log.info("interview_asked_for_again", interview_id=interview.id, sweeps=sweeps)

    async def _give_up(self, interview: Interview, now: datetime, uow: UnitOfWork) -> None:
        completion = unacknowledged_end(interview, now)
        uow.emit(completion, event_id=output_id(interview.id, InterviewCompleted.type))
        given_up = ended(interview, completion, now, now + self._settings.sweep_wait(0))
        await self._interviews.entries.save(entry_of(given_up), uow)
        await self._interviews.record(
            given_up,
            InterviewCompleted.type,
            now,
            {name: value for name, value in completion_data(completion).items() if value is not None},
            uow,
        )
        log.warning("interview_never_acknowledged", interview_id=interview.id)


def again_id(subject: str, purpose: str, sweeps: int) -> str:
    """The id of a request that is made again: another one each time, the same on every instance."""
    return output_id(subject, f"{purpose}/{sweeps}")
