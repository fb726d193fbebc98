"""What proctoring does about each fact. Every answer ends once; asked again, it repeats itself."""

from vivavoce.chassis.documents import Collection
from vivavoce.chassis.offload import in_thread
from vivavoce.chassis.subscriptions import Failure, Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import (
    IntegrityReported,
    InterviewSubmitted,
    MediaFeatures,
    NullReason,
    ProctoringFeatures,
    RecordingRejected,
    ids,
)
from vivavoce.proctoring import interview as rules
from vivavoce.proctoring.assessment import assess, unavailable
from vivavoce.proctoring.interview import Interview
from vivavoce.proctoring.ports import FaceTracks
from vivavoce.proctoring.thresholds import Thresholds


class Handlers:
    """The handlers of the subscription table, over one collection of interviews."""

    def __init__(self, interviews: Collection[Interview], tracks: FaceTracks, thresholds: Thresholds) -> None:
        self._interviews = interviews
        self._tracks = tracks
        self._thresholds = thresholds

    async def open(self, received: Received[InterviewSubmitted], uow: UnitOfWork) -> None:
        """Note which answers belong to the interview; a repeat is answered with what is stored."""
        stored = await self._load(received.fact.interview_id, uow)
        for features in stored.answers.values() if stored.listed is not None else ():
            _emit_answer(features, uow)
        await self._store(rules.opened(stored, received.fact), uow)

    async def assess(self, received: Received[MediaFeatures]) -> ProctoringFeatures:
        """Read the answer's face track and apply the rules to it."""
        features = received.fact
        track = await self._tracks.read(features.face_track) if features.face_track else None
        return await in_thread(assess, features, track, self._thresholds)

    async def conclude(
        self, received: Received[MediaFeatures], assessed: ProctoringFeatures, uow: UnitOfWork
    ) -> None:
        """End the answer with what was found in it."""
        await self._end(assessed, uow)

    async def reject(self, received: Received[RecordingRejected], uow: UnitOfWork) -> None:
        """End the answer as unavailable, for the reason that its recording was rejected."""
        fact = received.fact
        await self._end(unavailable(fact.interview_id, fact.answer_id, fact.reason), uow)

    async def give_up(self, received: Received[MediaFeatures], _: Failure, uow: UnitOfWork) -> None:
        """End the answer as unavailable, because its track could not be read."""
        fact = received.fact
        await self._end(unavailable(fact.interview_id, fact.answer_id, NullReason.UNAVAILABLE), uow)

    async def _end(self, features: ProctoringFeatures, uow: UnitOfWork) -> None:
        stored = await self._load(features.interview_id, uow)
        settled = stored.answers.get(features.answer_id, features)
        _emit_answer(settled, uow)
        await self._store(rules.with_answer(stored, settled), uow)

    async def _load(self, interview_id: str, uow: UnitOfWork) -> Interview:
        organization_id = uow.context.organization_id
        stored = await self._interviews.get(organization_id, interview_id, uow)
        return stored or Interview(id=interview_id, organization_id=organization_id)

    async def _store(self, interview: Interview, uow: UnitOfWork) -> None:
        ended = rules.reported(interview)
        await self._interviews.save(ended, uow)
        if ended.report is not None:
            _emit_report(ended.report, uow)


def _emit_answer(features: ProctoringFeatures, uow: UnitOfWork) -> None:
    uow.emit(features, event_id=ids.output_id(features.answer_id, ProctoringFeatures.type))


def _emit_report(report: IntegrityReported, uow: UnitOfWork) -> None:
    uow.emit(report, event_id=ids.output_id(report.interview_id, IntegrityReported.type))
