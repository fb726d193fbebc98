"""The spans of messages: when they were sent, and what came of it, by OpenTelemetry's conventions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from vivavoce.chassis import tracing
from vivavoce.chassis.outbox import OutboxRow
from vivavoce.chassis.tracing import Attributes, Opened, Span, SpanKind
from vivavoce.chassis.wire import Headers, Record
from vivavoce.contracts import Envelope

TRACEPARENT_HEADER = "ce_traceparent"
SYSTEM = {"messaging.system": "kafka"}


@contextmanager
def sending(row: OutboxRow, now: datetime) -> Iterator[Headers]:
    """The span of sending an outbox row, a child of what committed it, and the headers to send it with.

    A fact becomes the parent of what is done about it. Other rows, dead letters, keep their form.
    """
    if not tracing.is_on():
        yield row.headers
        return
    told: Attributes = {
        **SYSTEM,
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": row.topic,
        "messaging.kafka.message.key": _text(row.key),
        "messaging.message.id": row.event_id or row.id,
        "viva.outbox.waited_seconds": max(0.0, (now - row.created_at).total_seconds()),
    }
    name, parent = f"send {row.topic}", _traceparent(row.headers)
    with tracing.span(name, SpanKind.PRODUCER, parent=parent, attributes=told) as span:
        yield row.headers if row.event_id is None else with_traceparent(row.headers, span)


def begin_processing(record: Record, envelope: Envelope, group: str) -> Span:
    """The span of what one group does about a message; whoever begins it ends it."""
    if not tracing.is_on():
        return tracing.NO_SPAN
    told = processing_attributes(record, envelope, group)
    return tracing.begin(
        f"process {record.topic}", SpanKind.CONSUMER, parent=envelope.traceparent, attributes=told
    )


def processing(record: Record, envelope: Envelope, group: str) -> Opened:
    """The span of what one group does about a message."""
    if not tracing.is_on():
        return tracing.NOTHING
    told = processing_attributes(record, envelope, group)
    name = f"process {envelope.type}"
    return tracing.span(name, SpanKind.CONSUMER, parent=envelope.traceparent, attributes=told)


def answering(envelope: Envelope) -> Opened:
    """The span of answering a question."""
    told: Attributes = {
        "messaging.message.id": envelope.id,
        "viva.correlation_id": envelope.correlation_id,
        "viva.organization_id": envelope.organization_id,
    }
    name = f"answer {envelope.type}"
    return tracing.span(name, SpanKind.SERVER, parent=envelope.traceparent, attributes=told)


def processing_attributes(record: Record, envelope: Envelope, group: str) -> Attributes:
    """Where a message came from, and what it is known by."""
    return {
        **SYSTEM,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.kafka.offset": record.offset,
        "messaging.kafka.message.key": _text(record.key),
        "messaging.consumer.group.name": group,
        "messaging.message.id": envelope.id,
        "viva.correlation_id": envelope.correlation_id,
        "viva.organization_id": envelope.organization_id,
    }


def with_traceparent(headers: Headers, span: Span) -> Headers:
    """The headers with a span as what their message belongs to."""
    traceparent = tracing.traceparent_of(span)
    if traceparent is None:
        return headers
    kept = tuple(header for header in headers if header[0] != TRACEPARENT_HEADER)
    return (*kept, (TRACEPARENT_HEADER, traceparent.encode()))


def _traceparent(headers: Headers) -> str | None:
    value = dict(headers).get(TRACEPARENT_HEADER)
    return None if value is None else value.decode(errors="replace")


def _text(key: bytes | None) -> str:
    return "" if key is None else key.decode(errors="replace")
