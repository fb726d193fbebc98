"""Facts to read model: each handler adds what one fact says, whatever came before it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import ValidationError

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import CorruptObject, NotFound
from vivavoce.chassis.store import ObjectStore
from vivavoce.chassis.subscriptions import Failure, Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import (
    IntegrityReported,
    InterviewCompleted,
    MediaFeatures,
    NullReason,
    ProctoringFeatures,
    RecordingRejected,
    ScoreGenerated,
    Transcript,
)
from vivavoce.gateway.interviews.repository import Answer, Interview, Interviews
from vivavoce.gateway.interviews.rules import better_integrity, later_score
from vivavoce.gateway.settings import GatewaySettings


class Projections:
    """The handlers of the gateway's subscription table; `changed` hears which interview each has changed."""

    def __init__(
        self,
        interviews: Interviews,
        store: ObjectStore,
        clock: Clock,
        settings: GatewaySettings,
        changed: Callable[[str], None],
    ) -> None:
        self._interviews = interviews
        self._changed = changed
        self._store = store
        self._clock = clock
        self._ask_after = settings.sweep_wait(0)

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
        await self._keep_features(received, None, NullReason.UNAVAILABLE, uow)

    async def _keep_features(
        self,
        received: Received[MediaFeatures],
        text: str | None,
        reason: NullReason | None,
        uow: UnitOfWork,
    ) -> None:
        fact = received.fact
        changes = {"features": fact, "text": text, "text_reason": reason}
        data = {"duration": fact.duration, "language": fact.language, "transcriptReason": reason}
        await self._change_answer(received, fact.answer_id, changes, data, uow)

    async def recording_rejected(self, received: Received[RecordingRejected], uow: UnitOfWork) -> None:
        """The answer's recording can't be used."""
        fact = received.fact
        data = {"reason": fact.reason, "detail": fact.detail}
        await self._change_answer(received, fact.answer_id, {"rejection": fact}, data, uow)

    async def proctoring_features(self, received: Received[ProctoringFeatures], uow: UnitOfWork) -> None:
        """The answer has ended for proctoring."""
        fact = received.fact
        answer = await self._answer(received, fact.answer_id, uow)
        changes = {"integrity": better_integrity(answer.integrity, fact)}
        data = {"band": fact.band, "events": len(fact.events), "reason": fact.reason}
        await self._change_answer(received, fact.answer_id, changes, data, uow)

    async def score_generated(self, received: Received[ScoreGenerated], uow: UnitOfWork) -> None:
        """The answer has been scored, or can't be."""
        fact = received.fact
        answer = await self._answer(received, fact.answer_id, uow)
        changes = {"score": later_score(answer.score, fact)}
        data = {"overallScore": fact.overall, "reason": fact.reason}
        await self._change_answer(received, fact.answer_id, changes, data, uow, acknowledged=True)

    async def integrity_reported(self, received: Received[IntegrityReported], uow: UnitOfWork) -> None:
        """The interview's risk band is known."""
        interview = await self._interview(received, received.fact.interview_id, uow)
        changed = interview.model_copy(update={"integrity_band": received.fact.band})
        await self._record(received, changed, {"band": received.fact.band}, uow)

    async def interview_completed(self, received: Received[InterviewCompleted], uow: UnitOfWork) -> None:
        """The interview has ended. An end that is known already stands."""
        interview = await self._interview(received, received.fact.interview_id, uow)
        if interview.completion is None:
            now = self._clock.now()
            changed = ended(interview, received.fact, now, now + self._ask_after)
            await self._record(received, changed, completion_data(received.fact), uow)

    async def _change_answer(
        self,
        received: Received[Any],
        answer_id: str,
        changes: Mapping[str, object],
        data: Mapping[str, object],
        uow: UnitOfWork,
        *,
        acknowledged: bool = False,
    ) -> None:
        answer = await self._answer(received, answer_id, uow)
        interview = await self._interview(received, answer.interview_id, uow)
        await self._interviews.answers.save(answer.model_copy(update=changes), uow)
        acknowledging = interview.model_copy(update={"acknowledged": interview.acknowledged or acknowledged})
        await self._record(received, acknowledging, {**answer_names(answer), **data}, uow)

    async def _record(
        self, received: Received[Any], interview: Interview, data: Mapping[str, object], uow: UnitOfWork
    ) -> None:
        envelope = received.envelope
        shown = {name: value for name, value in data.items() if value is not None}
        await self._interviews.record(interview, envelope.type, envelope.time, shown, uow)
        uow.after_commit(partial(self._changed, interview.id))

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
