"""What is stored of an interview: one document of the whole, one per answer, one per happening."""

from datetime import datetime
from typing import Any

from pydantic import Field

from vivavoce.chassis.documents import Collection, Document, Index, Where
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import (
    InterviewCompleted,
    InterviewSubmitted,
    MediaFeatures,
    NullReason,
    ProctoringFeatures,
    RecordingRejected,
    RiskBand,
    ScoreGenerated,
    Value,
)
from vivavoce.gateway.interviews.days import Days
from vivavoce.gateway.interviews.entries import INDEXES, Entry

MOST_ANSWERS = 10_000
MOST_EVENTS = 500


class Source(Value):
    """Which fact told a part of a document, and when it was told."""

    event_id: str
    at: datetime


class Override(Value):
    """A human's score beside the machine's: of one answer or, without one, of the whole interview."""

    overall: float = Field(ge=0, le=100)
    reason: str
    by: str
    at: datetime
    answer_id: str | None = None


class Interview(Document):
    """One interview: what was submitted, how it ended, and when it is to be asked for again.

    `sweeps` counts how often it was asked for, `sweeps_before_end` how many of those came before its
    end: from there on the waits begin anew, for what the end came without.

    `digest` tells a repeat of the submission from another one. `sequence` is the number of stored
    happenings. `acknowledged` says whether evaluation has ever said anything about it. `sources` are
    those of the parts that facts told, by their names. Of the `overrides`, oldest first, the last one counts.
    """

    request_id: str
    digest: str
    correlation_id: str
    submitted_by: str
    candidate_email: str = Field(description="case-folded")
    consent_basis: str
    warnings: tuple[str, ...] = ()
    submitted: InterviewSubmitted
    submitted_at: datetime
    sequence: int = 0
    acknowledged: bool = False
    integrity_band: RiskBand | None = None
    completion: InterviewCompleted | None = None
    ended_at: datetime | None = None
    sweeps: int = 0
    sweeps_before_end: int = 0
    next_sweep_at: datetime | None = None
    overrides: tuple[Override, ...] = ()
    sources: dict[str, Source] = Field(default_factory=dict)


class Answer(Document):
    """One answer and what became known of it; each part is the fact that told it, once it came.

    `text` is the transcript's, read from the store when the features came. `text_reason` says why it
    is absent or may not be shown. `sources` are those of the parts, by their names.
    """

    interview_id: str
    submitted_by: str
    candidate_email: str = Field(default="", description="the interview's, case-folded")
    position: int = Field(description="place in the interview, from 0")
    question_id: str
    question_text: str
    video_response_id: str
    url: str
    submitted_at: datetime
    text: str | None = None
    text_reason: NullReason | None = None
    features: MediaFeatures | None = None
    rejection: RecordingRejected | None = None
    integrity: ProctoringFeatures | None = None
    score: ScoreGenerated | None = None
    sources: dict[str, Source] = Field(default_factory=dict)


class Happening(Document):
    """Something that happened to an interview, as event streams tell it, numbered from 1.

    `event_id` is that of the fact that told it; what the gateway did itself has none.
    """

    interview_id: str
    sequence: int
    type: str
    at: datetime
    data: dict[str, Any]
    event_id: str | None = None


class Interviews:
    """The collections. Writes need a unit of work; reads name their organization."""

    def __init__(self, database: Database) -> None:
        self.days = Days(database)
        self.entries: Collection[Entry] = database.collection("interview_entries", Entry, INDEXES)
        self.interviews: Collection[Interview] = database.collection(
            "interviews",
            Interview,
            [
                Index((("next_sweep_at", 1),)),
            ],
        )
        self.answers: Collection[Answer] = database.collection(
            "answers",
            Answer,
            [
                Index((("organization_id", 1), ("video_response_id", 1), ("submitted_at", -1))),
                Index((("organization_id", 1), ("interview_id", 1), ("position", 1))),
            ],
        )
        self.happenings: Collection[Happening] = database.collection(
            "interview_events",
            Happening,
            [Index((("organization_id", 1), ("interview_id", 1), ("sequence", 1)), unique=True)],
        )

    async def answers_of(
        self, organization_id: str, interview_ids: list[str], uow: UnitOfWork | None = None
    ) -> list[Answer]:
        """Every answer of the interviews, each interview's in the order of its questions."""
        where = {"interview_id": {"$in": interview_ids}}
        found = await self.answers.find(organization_id, where, limit=MOST_ANSWERS, uow=uow)
        if len(found) < MOST_ANSWERS or len(interview_ids) == 1:
            # The embedded database is busy enough without ordering them.
            return sorted(found, key=lambda answer: (answer.interview_id, answer.position))
        half = len(interview_ids) // 2
        first = await self.answers_of(organization_id, interview_ids[:half], uow)
        return [*first, *await self.answers_of(organization_id, interview_ids[half:], uow)]

    async def latest_answer(
        self, organization_id: str, video_response_id: str, where: Where
    ) -> Answer | None:
        """The answer last submitted under the caller's own id for it, among those that match."""
        found = await self.answers.find(
            organization_id,
            {**where, "video_response_id": video_response_id},
            sort=[("submitted_at", -1), ("position", -1)],
            limit=1,
        )
        return found[0] if found else None

    async def happenings_after(
        self, organization_id: str, interview_id: str, sequence: int
    ) -> list[Happening]:
        """The next happenings after a number, at most `MOST_EVENTS`."""
        return await self.happenings.find(
            organization_id,
            {"interview_id": interview_id, "sequence": {"$gt": sequence}},
            sort=[("sequence", 1)],
            limit=MOST_EVENTS,
        )

    async def has_happened(self, interview: Interview, event_id: str, uow: UnitOfWork) -> bool:
        """Whether the happening that a fact told is stored."""
        where = {"interview_id": interview.id, "event_id": event_id}
        return bool(await self.happenings.find(interview.organization_id, where, limit=1, uow=uow))

    async def record(
        self,
        interview: Interview,
        kind: str,
        at: datetime,
        data: dict[str, Any],
        uow: UnitOfWork,
        *,
        event_id: str | None = None,
    ) -> Interview:
        """Store the interview as given with one more happening; returns it with its new sequence.

        The number is taken from the interview's own document, so that two transactions can't give
        the same one, and a reader never sees a later number before an earlier one.
        """
        numbered = interview.model_copy(update={"sequence": interview.sequence + 1})
        happening = Happening(
            id=f"{interview.id}:{numbered.sequence:08d}",
            organization_id=interview.organization_id,
            interview_id=interview.id,
            sequence=numbered.sequence,
            type=kind,
            at=at,
            data=data,
            event_id=event_id,
        )
        await self.interviews.save(numbered, uow)
        await self.happenings.insert(happening, uow)
        return numbered
