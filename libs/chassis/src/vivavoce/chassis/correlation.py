"""The thread from an HTTP request to a webhook: who it is for and what led to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from vivavoce.contracts import Actor, Envelope
from vivavoce.contracts.fact import Message


@dataclass(frozen=True)
class Context:
    """For whom work is done, and the ids that tie it to what led to it.

    `actor` is who told us to, where somebody did: it goes with questions, and not with facts.
    """

    organization_id: str
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None
    actor: Actor | None = None

    @classmethod
    def caused_by(cls, envelope: Envelope, actor: Actor | None = None) -> "Context":
        """The context of work that a message led to."""
        return cls(
            organization_id=envelope.organization_id,
            correlation_id=envelope.correlation_id,
            causation_id=envelope.id,
            traceparent=envelope.traceparent,
            actor=actor,
        )

    def envelope(self, message: Message, *, event_id: str, source: str, time: datetime) -> Envelope:
        """The envelope of what is said in this context."""
        return Envelope(
            id=event_id,
            type=message.type,
            source=source,
            time=time,
            subject=message.key,
            organization_id=self.organization_id,
            correlation_id=self.correlation_id,
            causation_id=self.causation_id,
            traceparent=self.traceparent,
            version=message.version,
        )


_current: ContextVar[Context | None] = ContextVar("context", default=None)


def current_context() -> Context | None:
    """The context bound to the running task, for logs."""
    return _current.get()


@contextmanager
def bound(context: Context) -> Iterator[Context]:
    """Bind a context for the length of a block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
