"""Spans in files, for machines without a collector: lines of OTLP's JSON encoding, in files of bounded size.

One line holds the spans of one batch, as the OpenTelemetry Protocol File Exporter writes them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from logging import LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, SpanKind, StatusCode

KINDS = {
    SpanKind.INTERNAL: 1,
    SpanKind.SERVER: 2,
    SpanKind.CLIENT: 3,
    SpanKind.PRODUCER: 4,
    SpanKind.CONSUMER: 5,
}
"""The numbers of `Span.SpanKind` in OTLP's `trace.proto`."""
STATUSES = {StatusCode.UNSET: 0, StatusCode.OK: 1, StatusCode.ERROR: 2}
FILES_KEPT = 1


class FileSpans(SpanExporter):
    """Appends spans to a file; when it is full, it takes the place of the one before."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = _Lines(
            path,
            maxBytes=most_bytes // (FILES_KEPT + 1),
            backupCount=FILES_KEPT,
            delay=True,
            encoding="utf-8",
        )

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write a batch as one line; a full disk loses spans, and nothing else."""
        try:
            self._file.write(json.dumps(otlp_of(spans), separators=(",", ":")))
        except OSError:
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        self._file.close()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Every batch has been flushed when it was written."""
        return True


class _Lines(RotatingFileHandler):
    """The standard library's rotation, for lines that are no log."""

    def write(self, line: str) -> None:
        record = makeLogRecord({"msg": line})
        if self.shouldRollover(record):
            self.doRollover()
        if self.stream is None:
            self.stream = self._open()
        self.stream.write(f"{line}\n")
        self.stream.flush()

    def format(self, record: LogRecord) -> str:
        return str(record.msg)


def otlp_of(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """Spans of one process as OTLP's `TracesData`, in its JSON form."""
    resource = spans[0].resource.attributes if spans else {}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource)},
                "scopeSpans": [{"scope": {"name": "vivavoce"}, "spans": [_span(each) for each in spans]}],
            }
        ]
    }


def _span(told: ReadableSpan) -> dict[str, Any]:
    own = told.get_span_context()
    return {
        **({} if own is None else _ids(own)),
        "parentSpanId": "" if told.parent is None else f"{told.parent.span_id:016x}",
        "name": told.name,
        "kind": KINDS[told.kind],
        "startTimeUnixNano": str(told.start_time or 0),
        "endTimeUnixNano": str(told.end_time or 0),
        "attributes": _attributes(told.attributes or {}),
        "links": [_ids(link.context) for link in told.links],
        "status": {"code": STATUSES[told.status.status_code]},
    }


def _ids(context: SpanContext) -> dict[str, str]:
    return {"traceId": f"{context.trace_id:032x}", "spanId": f"{context.span_id:016x}"}


def _attributes(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items()]


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return {"arrayValue": {"values": [_value(each) for each in value]}}
    return {"stringValue": str(value)}
