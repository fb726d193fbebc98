"""The state of one answer's recording, from the request to its features: one document."""

from datetime import datetime

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.job import Job
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import (
    Fact,
    MediaFeatures,
    RecordingIngested,
    RecordingRejected,
    RecordingRequested,
    ids,
)


class Intake(Job):
    """What is known about an answer's recording. Its id is the answer's.

    The job is the fetch: it is due until the recording has been ingested or rejected. `url` is
    forgotten then. `tried_since` is the time of the first try.
    """

    interview_id: str
    url: str = ""
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None
    tried_since: datetime | None = None
    ingested: RecordingIngested | None = None
    rejected: RecordingRejected | None = None
    features: MediaFeatures | None = None

    @property
    def context(self) -> Context:
        """For whom the recording is fetched, and what led to it."""
        return Context(self.organization_id, self.correlation_id, self.causation_id, self.traceparent)

    @property
    def concluded(self) -> bool:
        """Whether media has said its last word about this answer."""
        return self.rejected is not None or self.features is not None

    def repeat(self, uow: UnitOfWork) -> None:
        """Emit again what was said, under the ids it was said with."""
        for fact in (self.ingested, self.rejected, self.features):
            if fact is not None:
                emit_once(fact, self.id, uow)


def requested(received: Received[RecordingRequested], context: Context, now: datetime) -> Intake:
    """The intake of a new request, due at once; the context is that of handling the request."""
    envelope, fact = received.envelope, received.fact
    return Intake(
        id=fact.answer_id,
        organization_id=envelope.organization_id,
        due_at=now,
        interview_id=fact.interview_id,
        url=fact.url,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.id,
        traceparent=context.traceparent,
    )


def emit_once(fact: Fact, answer_id: str, uow: UnitOfWork) -> None:
    """Emit a fact that happens once to an answer, so that receivers recognize a repeat."""
    uow.emit(fact, event_id=ids.output_id(answer_id, fact.type))
