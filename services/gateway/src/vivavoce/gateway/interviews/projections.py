"""Facts to read model: each handler adds what one fact says, whatever came before it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from pydantic import ValidationError

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import DOCUMENT, Collection
from vivavoce.chassis.errors import CorruptObject, NotFound
from vivavoce.chassis.store import ObjectStore
from vivavoce.chassis.stored import stored_form
from vivavoce.chassis.subscriptions import Failure, Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import (
    IntegrityReported,
    InterviewCompleted,
    InterviewSubmitted,
    MediaFeatures,
    NullReason,
    ProctoringFeatures,
    RecordingRejected,
    ScoreGenerated,
    Transcript,
)
from vivavoce.gateway.interviews.repository import Answer, Interview, Interviews, Source
from vivavoce.gateway.interviews.rules import better_integrity, entry_of, is_news, later_score, told_by
from vivavoce.gateway.settings import GatewaySettings

PARTED = TypeVar("PARTED", Answer, Interview)


@dataclass
class Repetition:
    """Facts are applied that were applied before: only what differs is written, and that is noted."""

    changed: bool = False


class Projections:
    """The handlers of the gateway's subscription table; `changed` hears which interview each has changed.

    A part goes back to no earlier fact than the one that told it last. With a repetition, a fact that is
    known leaves no second trace.
    """

    def __init__(
        self,
        interviews: Interviews,
        store: ObjectStore,
        clock: Clock,
        settings: GatewaySettings,
        changed: Callable[[str], None],
        repetition: Repetition | None = None,
    ) -> None:
        self._interviews = interviews
        self._changed = changed
        self._store = store
        self._clock = clock
        self._ask_after = settings.sweep_wait(0)
        self._repetition = repetition

    async def read_ahead(self, received: Sequence[Received[Any]], uow: UnitOfWork) -> None:
        """The interviews and answers that several facts speak of, at once."""
        facts = [each.fact for each in received]
        await self._interviews.interviews.read_ahead([fact.interview_id for fact in facts], uow)
        answers = [fact.answer_id for fact in facts if hasattr(fact, "answer_id")]
        await self._interviews.answers.read_ahead(answers, uow)
        await self._interviews.days.read_ahead(received, uow)

    async def interview_submitted(self, received: Received[InterviewSubmitted], uow: UnitOfWork) -> None:
        """The gateway itself has accepted the interview: it is counted here, where it meets no other."""
        await self._interview(received, received.fact.interview_id, uow)
        self._note(await self._interviews.days.count_submission(received, uow))

    async def read_transcript(self, received: Received[MediaFeatures]) -> str | None:
        """The text behind the claim check, or None when there is none; raises CorruptObject."""
        claim = received.fact.transcript
        if claim is None:
            return None
        data = await self._store.get(claim)
        try:
            return (await asyncio.to_thread(Transcript.model_validate_json, data)).text
        except ValidationError as error:
            raise CorruptObject(f"{claim.key} is not a transcript.") from error

    async def media_features(
        self, received: Received[MediaFeatures], text: str | None, uow: UnitOfWork
    ) -> None:
        """The answer has been measured."""
        await self._keep_features(received, text, received.fact.transcript_reason, uow)

    async def unreadable_transcript(
        self, received: Received[MediaFeatures], _: Failure, uow: UnitOfWork
    ) -> None:
        """The answer has been measured, but its transcript can't be read from the store."""
        answer = await self._answer(received, received.fact.answer_id, uow)
        if answer.text is not None and told_by(answer.sources.get("features"), source_of(received)):
            await self._keep_features(received, answer.text, answer.text_reason, uow)
        else:
            await self._keep_features(received, None, NullReason.UNAVAILABLE, uow)

    async def _keep_features(
        self,
        received: Received[MediaFeatures],
        text: str | None,
        reason: NullReason | None,
        uow: UnitOfWork,
    ) -> None:
        fact = received.fact
        answer = await self._answer(received, fact.answer_id, uow)
        changes = {"features": fact, "text": text, "text_reason": reason}
        news = is_news(answer.features, answer.sources.get("features"), source_of(received))
        data = {"duration": fact.duration, "language": fact.language, "transcriptReason": reason}
        await self._change_answer(received, answer, changes if news else {}, data, uow)

    async def recording_rejected(self, received: Received[RecordingRejected], uow: UnitOfWork) -> None:
        """The answer's recording can't be used."""
        fact = received.fact
        answer = await self._answer(received, fact.answer_id, uow)
        news = is_news(answer.rejection, answer.sources.get("rejection"), source_of(received))
        data = {"reason": fact.reason, "detail": fact.detail}
        await self._change_answer(received, answer, {"rejection": fact} if news else {}, data, uow)

    async def proctoring_features(self, received: Received[ProctoringFeatures], uow: UnitOfWork) -> None:
        """The answer has ended for proctoring."""
        fact = received.fact
        answer = await self._answer(received, fact.answer_id, uow)
        known = answer.integrity
        stands = told_by(answer.sources.get("integrity"), source_of(received))
        news = stands or better_integrity(known, fact) is not known
        data = {"band": fact.band, "events": len(fact.events), "reason": fact.reason}
        await self._change_answer(received, answer, {"integrity": fact} if news else {}, data, uow)

    async def score_generated(self, received: Received[ScoreGenerated], uow: UnitOfWork) -> None:
        """The answer has been scored, or can't be."""
        fact = received.fact
        answer = await self._answer(received, fact.answer_id, uow)
        stands = told_by(answer.sources.get("score"), source_of(received))
        news = stands or later_score(answer.score, fact) is not answer.score
        changes = {"score": fact} if news else {}
        data = {"overallScore": fact.overall, "reason": fact.reason}
        await self._change_answer(received, answer, changes, data, uow, acknowledged=True)

    async def integrity_reported(self, received: Received[IntegrityReported], uow: UnitOfWork) -> None:
        """The interview's risk band is known."""
        interview = await self._interview(received, received.fact.interview_id, uow)
        known = interview.sources.get("integrity_band")
        news = is_news(interview.integrity_band, known, source_of(received))
        changes = {"integrity_band": received.fact.band} if news else {}
        changed = with_parts(interview, changes, received)
        await self._record(received, interview, changed, {"band": received.fact.band}, uow)

    async def interview_completed(self, received: Received[InterviewCompleted], uow: UnitOfWork) -> None:
        """The interview has ended. An end that is known already stands."""
        interview = await self._interview(received, received.fact.interview_id, uow)
        end = interview.completion or received.fact
        self._note(await self._interviews.days.count_end(received, end, interview.submitted_at, uow))
        stands = told_by(interview.sources.get("completion"), source_of(received))
        if interview.completion is not None and not (stands and self._repetition is not None):
            return
        changed = with_parts(interview, {"completion": received.fact}, received)
        if interview.ended_at is None:
            now = self._clock.now()
            changed = ended(changed, received.fact, now, now + self._ask_after)
        await self._record(received, interview, changed, completion_data(received.fact), uow)

    async def _change_answer(
        self,
        received: Received[Any],
        answer: Answer,
        changes: Mapping[str, object],
        data: Mapping[str, object],
        uow: UnitOfWork,
        *,
        acknowledged: bool = False,
    ) -> None:
        interview = await self._interview(received, answer.interview_id, uow)
        await self._save(self._interviews.answers, answer, with_parts(answer, changes, received), uow)
        acknowledging = interview.model_copy(update={"acknowledged": interview.acknowledged or acknowledged})
        await self._record(received, interview, acknowledging, {**answer_names(answer), **data}, uow)

    async def _record(
        self,
        received: Received[Any],
        before: Interview,
        after: Interview,
        data: Mapping[str, object],
        uow: UnitOfWork,
    ) -> None:
        envelope = received.envelope
        uow.after_commit(partial(self._changed, after.id))
        if entry_of(before) != entry_of(after):
            await self._interviews.entries.save(entry_of(after), uow)
        if self._repetition is not None:
            if await self._interviews.has_happened(before, envelope.id, uow):
                await self._save(self._interviews.interviews, before, after, uow)
                return
            self._repetition.changed = True
        shown = {name: value for name, value in data.items() if value is not None}
        await self._interviews.record(after, envelope.type, envelope.time, shown, uow, event_id=envelope.id)

    def _note(self, changed: bool) -> None:
        if self._repetition is not None:
            self._repetition.changed = self._repetition.changed or changed

    async def _save(
        self, into: Collection[DOCUMENT], before: DOCUMENT, after: DOCUMENT, uow: UnitOfWork
    ) -> None:
        if self._repetition is not None:
            if stored_form(before) == stored_form(after):
                return
            self._repetition.changed = True
        await into.save(after, uow)

    async def _answer(self, received: Received[Any], answer_id: str, uow: UnitOfWork) -> Answer:
        organization_id = received.envelope.organization_id
        answer = await self._interviews.answers.get(organization_id, answer_id, uow)
        if answer is None:
            raise NotFound(f"{received.envelope.type} speaks of the answer {answer_id}, which is not known.")
        return answer

    async def _interview(self, received: Received[Any], interview_id: str, uow: UnitOfWork) -> Interview:
        organization_id = received.envelope.organization_id
        interview = await self._interviews.interviews.get(organization_id, interview_id, uow)
        if interview is None:
            raise NotFound(f"{received.envelope.type} speaks of {interview_id}, which is not known.")
        return interview


def source_of(received: Received[Any]) -> Source:
    """What a part that this fact tells is known to come from."""
    return Source(event_id=received.envelope.id, at=received.envelope.time)


def with_parts(document: PARTED, changes: Mapping[str, object], received: Received[Any]) -> PARTED:
    """The document with the parts that a fact tells. A fact that comes again keeps its first time."""
    if not changes:
        return document
    (part, *_), source = changes, source_of(received)
    known = document.sources.get(part)
    kept = known if known is not None and told_by(known, source) else source
    return document.model_copy(update={**changes, "sources": {**document.sources, part: kept}})


def ended(interview: Interview, completion: InterviewCompleted, now: datetime, ask_at: datetime) -> Interview:
    """The interview with its end. What its answers still lack is asked for at `ask_at`."""
    changes = {
        "completion": completion,
        "ended_at": now,
        "sweeps_before_end": interview.sweeps,
        "next_sweep_at": ask_at,
    }
    return interview.model_copy(update=changes)


def answer_names(answer: Answer) -> dict[str, object]:
    """An answer's ids, as event streams tell them."""
    return {
        "pipelineId": answer.id,
        "questionId": answer.question_id,
        "videoResponseId": answer.video_response_id,
    }


def completion_data(completion: InterviewCompleted) -> dict[str, object]:
    """An interview's end, as event streams tell it."""
    return {
        "status": completion.status,
        "overallScore": completion.overall,
        "integrityBand": completion.integrity_band,
    }
