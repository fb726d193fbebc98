"""Ends what events alone don't end: answers left unjudged, and interviews past their deadline."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import InterviewSubmitted, MediaFeatures, ScoreGenerated
from vivavoce.evaluation import interview as rules
from vivavoce.evaluation.completion import closed_at_deadline
from vivavoce.evaluation.interview import Interview
from vivavoce.evaluation.ledger import Ledger
from vivavoce.evaluation.scorer import Scorer

AT_ONCE = 50

log = get_logger(__name__)


class Caretaker:
    """A background task; several processes may run it, for the first commit stands."""

    def __init__(
        self,
        database: Database,
        interviews: Collection[Interview],
        ledger: Ledger,
        scorer: Scorer,
        clock: Clock,
        interval: timedelta,
    ) -> None:
        self._database = database
        self._interviews = interviews
        self._ledger = ledger
        self._scorer = scorer
        self._clock = clock
        self._interval = interval

    async def run_forever(self) -> None:
        """Look after the interviews again and again."""
        while True:
            await self.look()
            await self._clock.sleep(self._interval.total_seconds())

    async def look(self) -> None:
        """Judge what was left unjudged, then close what is overdue."""
        for interview in await self._interviews.find_in_all_organizations({"unjudged": True}, limit=AT_ONCE):
            await self._care(interview, self._judge)
        overdue = {"deadline": {"$lte": self._clock.now()}}
        for interview in await self._interviews.find_in_all_organizations(overdue, limit=AT_ONCE):
            await self._care(interview, self._close)

    async def _care(self, interview: Interview, step: Callable[[Interview], Awaitable[None]]) -> None:
        """Do one thing for one interview; if that fails, the others still get their turn."""
        with bound(_context_of(interview)):
            try:
                await step(interview)
            except Exception:
                log.exception("caretaking_failed", interview_id=interview.id)

    async def _judge(self, interview: Interview) -> None:
        context = _context_of(interview)
        if interview.submission is None:
            return
        for features in rules.waiting(interview):
            score = await self._score(interview.submission, features, context)
            if score is not None:
                await self._store_score(score, context)

    async def _score(
        self, submission: InterviewSubmitted, features: MediaFeatures, context: Context
    ) -> ScoreGenerated | None:
        try:
            return await self._scorer.score(submission, features, context)
        except VivaError as error:
            log.warning("answer_not_judged", answer_id=features.answer_id, error=error.code)
            return None if error.retryable else self._scorer.give_up(submission, features)

    async def _store_score(self, score: ScoreGenerated, context: Context) -> None:
        async def work(uow: UnitOfWork) -> None:
            stored = await self._ledger.load(score.interview_id, uow)
            await self._ledger.store(stored, rules.with_score(stored, score), uow)

        await self._database.transact(context, work)

    async def _close(self, interview: Interview) -> None:
        async def work(uow: UnitOfWork) -> None:
            stored = await self._ledger.load(interview.id, uow)
            await self._ledger.store(stored, closed_at_deadline(stored, self._ledger.stamp()), uow)

        await self._database.transact(_context_of(interview), work)
        log.warning("interview_closed_at_its_deadline", interview_id=interview.id)


def _context_of(interview: Interview) -> Context:
    return Context(organization_id=interview.organization_id, correlation_id=interview.correlation_id)
