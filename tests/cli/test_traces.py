"""`viva trace`: found by any id that a span names, shown as a tree, whatever the files have come to."""

import json
from pathlib import Path

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind
from typer.testing import CliRunner, Result

from vivavoce.chassis import tracing
from vivavoce.chassis.trace_files import FileSpans
from vivavoce.cli.app import make_app
from vivavoce.cli.home import TRACES


def write(home: Path, service: str, name: str, parent: str | None = None, **attributes: str) -> str:
    """A span of a service's file; returns its traceparent."""
    provider = TracerProvider(resource=Resource({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(FileSpans(home / TRACES / f"{service}-1.jsonl", 100_000)))
    tracing.use_provider(provider)
    try:
        told = {f"viva.{key}": value for key, value in attributes.items()}
        with tracing.span(name, SpanKind.CONSUMER, parent=parent, attributes=told) as span:
            if name == "judge":
                tracing.fail(span, "overloaded")
            return str(tracing.traceparent_of(span))
    finally:
        tracing.use_provider(None)
        provider.shutdown()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two traces, of which one goes through three services."""
    monkeypatch.setenv("VIVA_HOME", str(tmp_path))
    root = write(tmp_path, "gateway", "POST /api/interview-record", correlation_id="hiring-1")
    sent = write(tmp_path, "media", "process recording.requested", root, key="interview-7")
    write(tmp_path, "evaluation", "judge", sent)
    write(tmp_path, "gateway", "GET /api/job-result", correlation_id="hiring-2")
    return tmp_path


def trace(*arguments: str) -> Result:
    return CliRunner().invoke(make_app(), ["trace", *arguments])


@pytest.mark.parametrize("wanted", ["hiring-1", "interview-7"])
def test_a_trace_is_found_by_any_id_that_one_of_its_spans_names(home: Path, wanted: str) -> None:
    told = trace(wanted).stdout
    lines = [line for line in told.splitlines() if " ms" in line]
    places = [line.index(name) for line, name in zip(lines, ("POST", "process", "judge"), strict=True)]
    assert [place - places[0] for place in places] == [0, 1, 2]
    assert "judge (overloaded)" in told
    assert all(service in told for service in ("gateway", "media", "evaluation"))
    assert "GET /api/job-result" not in told


def test_programs_get_the_spans_with_their_parents(home: Path) -> None:
    ((spans),) = json.loads(trace("hiring-1", "--json").stdout).values()
    ids = {span["id"] for span in spans}
    assert [span["parent"] in ids for span in spans].count(False) == 1
    assert {span["kind"] for span in spans} == {"consumer"}


def test_a_line_that_a_killed_process_left_unfinished_hides_no_other(home: Path) -> None:
    with (home / TRACES / "media-1.jsonl").open("a") as file:
        file.write('{"resourceSpans": [{"resou')
    assert "process recording.requested" in trace("hiring-1").stdout


def test_what_no_span_names_is_said_to_be_unknown(home: Path) -> None:
    result = trace("hiring-3")
    assert result.exit_code != 0
    assert "No trace names hiring-3" in str(result.exception)
