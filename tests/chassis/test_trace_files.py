"""Spans in files: anyone's OTLP reader understands them, and they never fill a disk."""

import json
from pathlib import Path

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import Span as OtlpSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status, TracesData
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind

from vivavoce.chassis import tracing
from vivavoce.chassis.trace_files import FileSpans, otlp_of

STRANGER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def record(path: Path, spans: int = 1, most_bytes: int = 1_000_000) -> None:
    provider = TracerProvider(resource=Resource({"service.name": "media"}))
    provider.add_span_processor(SimpleSpanProcessor(FileSpans(path, most_bytes)))
    tracing.use_provider(provider)
    try:
        told: tracing.Attributes = {"size": 3, "share": 0.5, "fine": True, "name": "x"}
        for number in range(spans):
            with tracing.span(f"work {number}", SpanKind.CLIENT, parent=STRANGER, attributes=told) as span:
                tracing.fail(span, "away")
    finally:
        tracing.use_provider(None)
        provider.shutdown()


def test_a_line_is_otlp_as_its_definition_has_it(tmp_path: Path) -> None:
    record(tmp_path / "traces" / "media-1.jsonl")
    (line,) = (tmp_path / "traces" / "media-1.jsonl").read_text().splitlines()
    # The definition's own reader takes ids in base64 where OTLP's JSON has hexadecimal digits.
    data = ParseDict(json.loads(line), TracesData())
    (told,) = data.resource_spans
    (span,) = told.scope_spans[0].spans
    assert told.resource.attributes[0].value.string_value == "media"
    assert (span.name, span.kind) == ("work 0", OtlpSpan.SPAN_KIND_CLIENT)
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
    values = {each.key: each.value for each in span.attributes}
    assert values["size"].int_value == 3
    assert values["share"].double_value == 0.5
    assert values["fine"].bool_value is True
    raw = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert (raw["traceId"], raw["parentSpanId"]) == (STRANGER.split("-")[1], STRANGER.split("-")[2])


def test_files_stay_within_their_bound_and_keep_the_latest(tmp_path: Path) -> None:
    path = tmp_path / "media-1.jsonl"
    record(path, spans=200, most_bytes=20_000)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["media-1.jsonl", "media-1.jsonl.1"]
    assert sum(file.stat().st_size for file in files) <= 20_000
    assert "work 199" in path.read_text()


def test_a_disk_that_takes_nothing_loses_spans_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "media-1.jsonl"
    exporter = FileSpans(path, 20_000)
    path.mkdir()
    assert exporter.export(()) is SpanExportResult.FAILURE


def test_no_spans_are_no_resource() -> None:
    assert otlp_of(())["resourceSpans"][0]["scopeSpans"][0]["spans"] == []
