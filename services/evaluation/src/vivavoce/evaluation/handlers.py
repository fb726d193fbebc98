"""What evaluation does about each fact. Each answer is scored once and each interview ends once."""

from datetime import timedelta

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.subscriptions import Failure, Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import (
    IntegrityReported,
    InterviewSubmitted,
    MediaFeatures,
    ProctoringFeatures,
    RecordingRejected,
    ScoreGenerated,
)
from vivavoce.evaluation import interview as rules
from vivavoce.evaluation.ledger import Ledger, emit_score
from vivavoce.evaluation.scorer import Scorer

JUDGED_AT_ONCE = 8
"""So many waiting answers are judged when their submission comes; the caretaker judges the others."""


class Handlers:
    """The handlers of the subscription table."""

    def __init__(self, ledger: Ledger, scorer: Scorer, deadline: timedelta) -> None:
        self._ledger = ledger
        self._scorer = scorer
        self._deadline = deadline

    async def judge_waiting(self, received: Received[InterviewSubmitted]) -> tuple[ScoreGenerated, ...]:
        """Judge answers whose features came before the submission."""
        submission, context = received.fact, Context.caused_by(received.envelope)
        stored = await self._ledger.peek(context.organization_id, submission.interview_id)
        if stored is None or stored.submission is not None:
            return ()
        early = rules.waiting(stored.model_copy(update={"submission": submission}))
        scores = [await self._scorer.score(submission, one, context) for one in early[:JUDGED_AT_ONCE]]
        return tuple(score for score in scores if score is not None)

    async def open(
        self, received: Received[InterviewSubmitted], scores: tuple[ScoreGenerated, ...], uow: UnitOfWork
    ) -> None:
        """Open the interview; a repeat is answered with what is stored."""
        stored = await self._ledger.load(received.fact.interview_id, uow)
        if stored.submission is not None:
            self._ledger.repeat(stored, uow)
            return
        stamp = self._ledger.stamp()
        correlation_id = uow.context.correlation_id
        opened = rules.opened(stored, received.fact, stamp.at + self._deadline, correlation_id, stamp)
        await self._ledger.store(stored, rules.with_scores(opened, scores), uow)

    async def open_unjudged(
        self, received: Received[InterviewSubmitted], _: Failure, uow: UnitOfWork
    ) -> None:
        """Open the interview although its waiting answers could not be judged; the caretaker ends them."""
        await self.open(received, (), uow)

    async def judge(self, received: Received[MediaFeatures]) -> ScoreGenerated | None:
        """Judge the answer, if the submission has come and no score is there."""
        features, context = received.fact, Context.caused_by(received.envelope)
        stored = await self._ledger.peek(context.organization_id, features.interview_id)
        if stored is None or stored.submission is None or stored.answer(features.answer_id).score:
            return None
        return await self._scorer.score(stored.submission, features, context)

    async def conclude(
        self, received: Received[MediaFeatures], score: ScoreGenerated | None, uow: UnitOfWork
    ) -> None:
        """Store the score; without one, keep the features until the submission has come."""
        stored = await self._ledger.load(received.fact.interview_id, uow)
        known = stored.answer(received.fact.answer_id).score
        if known is not None:
            emit_score(known, uow)
        elif score is not None:
            await self._ledger.store(stored, rules.with_score(stored, score), uow)
        else:
            await self._ledger.store(stored, rules.with_features(stored, received.fact), uow)

    async def give_up(self, received: Received[MediaFeatures], _: Failure, uow: UnitOfWork) -> None:
        """End the answer without a score, because it could not be judged."""
        stored = await self._ledger.load(received.fact.interview_id, uow)
        score = self._scorer.give_up(stored.submission, received.fact) if stored.submission else None
        await self.conclude(received, score, uow)

    async def reject(self, received: Received[RecordingRejected], uow: UnitOfWork) -> None:
        """End the answer without a score, for the reason that its recording was rejected."""
        stored = await self._ledger.load(received.fact.interview_id, uow)
        known = stored.answer(received.fact.answer_id).score
        if known is not None:
            emit_score(known, uow)
            return
        after = rules.with_rejection(stored, received.fact, self._ledger.stamp())
        await self._ledger.store(stored, after, uow)

    async def note_band(self, received: Received[ProctoringFeatures], uow: UnitOfWork) -> None:
        """Remember an answer's risk band, for an interview whose report never comes."""
        fact = received.fact
        stored = await self._ledger.load(fact.interview_id, uow)
        await self._ledger.store(stored, rules.with_band(stored, fact.answer_id, fact.band), uow)

    async def note_integrity(self, received: Received[IntegrityReported], uow: UnitOfWork) -> None:
        """Remember the interview's integrity report, and end the interview if that was the last part."""
        stored = await self._ledger.load(received.fact.interview_id, uow)
        await self._ledger.store(stored, rules.with_integrity(stored, received.fact), uow)
