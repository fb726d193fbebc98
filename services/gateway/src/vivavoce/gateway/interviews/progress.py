"""Progress as it comes: kept in memory, told to whoever listens on this instance, never stored."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from vivavoce.chassis.subscriptions import Received
from vivavoce.contracts import (
    IntegrityReported,
    MediaFeatures,
    PipelineProgress,
    ProctoringFeatures,
    RecordingRejected,
    ScoreGenerated,
)
from vivavoce.gateway.interviews.rules import STAGES

REMEMBERED_ANSWERS = 20_000
QUEUED = 256

Told = asyncio.Queue[PipelineProgress | None]
"""What an open stream is told: progress, or None when something new can be read, now or soon."""

STORED = TypeVar(
    "STORED", MediaFeatures, RecordingRejected, ProctoringFeatures, IntegrityReported, ScoreGenerated
)


class ProgressBoard:
    """The furthest progress of each recent answer, and the open streams' queues.

    Bounded both ways: the oldest answers are forgotten, and a stream that doesn't keep up misses some.
    """

    def __init__(self) -> None:
        self._latest: OrderedDict[str, PipelineProgress] = OrderedDict()
        self._queues: dict[str, set[Told]] = {}

    async def hear(self, received: Received[PipelineProgress]) -> None:
        """Note a fact as it comes off the broker."""
        self.note(received.fact)

    async def hear_of(self, received: Received[STORED]) -> None:
        """Tell the streams of a fact's interview that it is being stored, by whichever instance."""
        self.changed(received.fact.interview_id)

    def note(self, progress: PipelineProgress) -> None:
        """Remember progress and tell the streams of its interview."""
        known = self._latest.pop(progress.answer_id, None)
        latest = progress if known is None or _reach(progress) >= _reach(known) else known
        self._latest[progress.answer_id] = latest
        while len(self._latest) > REMEMBERED_ANSWERS:
            self._latest.popitem(last=False)
        self._tell(progress.interview_id, progress)

    def changed(self, interview_id: str) -> None:
        """Tell the streams of an interview that more of it has been stored, or soon will be."""
        self._tell(interview_id, None)

    def of(self, answer_id: str) -> PipelineProgress | None:
        """The furthest that this instance has heard of an answer."""
        return self._latest.get(answer_id)

    def listeners(self, interview_id: str) -> int:
        """How many streams follow an interview on this instance."""
        return len(self._queues.get(interview_id, ()))

    @contextmanager
    def listening(self, interview_id: str) -> Iterator[Told]:
        """A queue of the interview's progress for the length of a block."""
        queue: Told = asyncio.Queue(QUEUED)
        queues = self._queues.setdefault(interview_id, set())
        queues.add(queue)
        try:
            yield queue
        finally:
            queues.discard(queue)
            if not queues:
                self._queues.pop(interview_id, None)

    def _tell(self, interview_id: str, said: PipelineProgress | None) -> None:
        for queue in self._queues.get(interview_id, ()):
            if not queue.full():
                queue.put_nowait(said)


def _reach(progress: PipelineProgress) -> tuple[int, float]:
    return STAGES.index(progress.stage), progress.share
