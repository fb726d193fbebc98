"""What media does about each fact. It says everything once; asked again, it repeats itself."""

from collections.abc import Callable

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.subscriptions import Failure, Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import MediaFeatures, RecordingIngested, RecordingRejected, RecordingRequested
from vivavoce.media import intake as intakes
from vivavoce.media.analysing import Analysing, given_up
from vivavoce.media.intake import Intake, emit_once


class Handlers:
    """The handlers of media's subscription table. `wake` tells the fetchers about a new intake."""

    def __init__(
        self,
        *,
        collection: Collection[Intake],
        analysing: Analysing,
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._collection = collection
        self._analysing = analysing
        self._wake = wake
        self._clock = clock

    async def request(self, received: Received[RecordingRequested], uow: UnitOfWork) -> None:
        """Note that a recording is to be fetched; repeat what was said about one that has been."""
        found = await self._collection.get(received.envelope.organization_id, received.fact.answer_id, uow)
        if found is not None:
            found.repeat(uow)
            return
        await self._collection.save(intakes.requested(received, uow.context, self._clock.now()), uow)
        uow.after_commit(self._wake)

    async def analyse(self, received: Received[RecordingIngested]) -> MediaFeatures | None:
        """Measure the recording, unless its answer has been concluded already."""
        found = await self._collection.get(received.envelope.organization_id, received.fact.answer_id)
        if found is not None and found.concluded:
            return None
        return await self._analysing.features(received)

    async def conclude(
        self, received: Received[RecordingIngested], features: MediaFeatures | None, uow: UnitOfWork
    ) -> None:
        """Store the features and say so; an answer that was concluded meanwhile keeps its end."""
        found = await self._known(received, uow)
        if features is None or found.concluded:
            found.repeat(uow)
            return
        await self._collection.save(found.model_copy(update={"features": features}), uow)
        emit_once(features, found.id, uow)

    async def give_up(self, received: Received[RecordingIngested], failure: Failure, uow: UnitOfWork) -> None:
        """Reject a recording whose analysis failed for good."""
        found = await self._known(received, uow)
        if found.concluded:
            found.repeat(uow)
            return
        rejected = given_up(received.fact, failure)
        await self._end(found, rejected, uow)

    async def _end(self, found: Intake, rejected: RecordingRejected, uow: UnitOfWork) -> None:
        await self._collection.save(found.model_copy(update={"rejected": rejected}), uow)
        emit_once(rejected, found.id, uow)

    async def _known(self, received: Received[RecordingIngested], uow: UnitOfWork) -> Intake:
        """The intake of an ingested recording; one that was lost is made up from the fact."""
        envelope, fact = received.envelope, received.fact
        found = await self._collection.get(envelope.organization_id, fact.answer_id, uow)
        return found or Intake(
            id=fact.answer_id,
            organization_id=envelope.organization_id,
            due_at=None,
            interview_id=fact.interview_id,
            correlation_id=envelope.correlation_id,
            ingested=fact,
        )
