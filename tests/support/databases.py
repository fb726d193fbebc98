"""Documents, contexts and small helpers for whatever is tested over a database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Document, Index
from vivavoce.contracts import RecordingRejected, RecordingRequested, RejectionReason

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SOURCE = "/vivavoce/test"
ACME = "org_acme"
GLOBEX = "org_globex"
CONTEXT = Context(organization_id=ACME, correlation_id="corr-1", causation_id="event-1")
WAIT_SECONDS = 60.0
LOOP_TURNS = 50


class Mood(StrEnum):
    """Something to store that is not a plain string."""

    GOOD = "good"
    BAD = "bad"


class Part(BaseModel):
    """A value inside a document."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int = 0


class Note(Document):
    """A document with every kind of field that services store."""

    text: str = ""
    count: int = 0
    share: float = 0.5
    mood: Mood = Mood.GOOD
    parts: tuple[Part, ...] = ()
    moods: tuple[Mood, ...] = ()
    numbers: dict[str, float] = Field(default_factory=dict)
    at: datetime | None = None
    blob: bytes = b""
    slug: str | None = None


UNIQUE_SLUG = (Index((("organization_id", 1), ("slug", 1)), unique=True),)


class CountedClock(ManualClock):
    """A clock that stands still, and knows how many sleepers it has."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._ends: list[datetime] = []

    @property
    def sleepers(self) -> int:
        """How many sleep until later than now."""
        return sum(end > self.now() for end in self._ends)

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock is moved far enough."""
        end = self.now() + timedelta(seconds=seconds)
        self._ends.append(end)
        try:
            await super().sleep(seconds)
        finally:
            self._ends.remove(end)


def note(document_id: str, organization_id: str = ACME, **fields: object) -> Note:
    """A note whose slug is its id unless told otherwise."""
    return Note.model_validate(
        {"id": document_id, "organization_id": organization_id, "slug": document_id, **fields}
    )


def requested(answer_id: str, url: str = "https://media.example/a.mp4") -> RecordingRequested:
    """A fact whose aggregate is the answer."""
    return RecordingRequested(interview_id="interview-1", answer_id=answer_id, url=url)


def rejected(interview_id: str, detail: str = "") -> RecordingRejected:
    """A fact whose aggregate is the interview."""
    return RecordingRejected(
        interview_id=interview_id, answer_id="answer-1", reason=RejectionReason.NOT_FOUND, detail=detail
    )


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return when the condition holds; raises TimeoutError when that takes unreasonably long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + WAIT_SECONDS
    while True:
        outcome = holds()
        if outcome is True or (isinstance(outcome, Awaitable) and await outcome):
            return
        if loop.time() > deadline:
            raise TimeoutError("the condition did not come to hold")
        await asyncio.sleep(0.005)


async def turns() -> None:
    """Let everything run that can without waiting."""
    for _ in range(LOOP_TURNS):
        await asyncio.sleep(0)
