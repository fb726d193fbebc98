"""Reads the spans that the processes of a stack have written, and puts traces together from them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NANOSECONDS = 1_000_000_000
FAILED = 2
"""The code of a status of OTLP that tells of an error."""
KINDS = ("", "internal", "server", "client", "producer", "consumer")


@dataclass(frozen=True)
class Span:
    """One span of a file. Times are in seconds since 1970."""

    trace_id: str
    id: str
    parent_id: str
    service: str
    name: str
    kind: str
    start: float
    end: float
    failed: bool
    attributes: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


@dataclass
class Branch:
    """A span and what it led to, in the order of their beginnings."""

    span: Span
    branches: list["Branch"] = field(default_factory=list)


def read_spans(folder: Path) -> Iterator[Span]:
    """Every span in the folder's files; a line that a killed process left unfinished is left out."""
    for path in sorted(folder.glob("*.jsonl*")):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                with suppress(json.JSONDecodeError):
                    yield from _spans_of(json.loads(line))


def find_traces(spans: Iterable[Span], wanted: str) -> dict[str, list[Span]]:
    """The whole traces of which some span names an id: as a trace's, or as any attribute's value."""
    every = list(spans)
    named = {span.trace_id for span in every if wanted == span.trace_id or wanted in span.attributes.values()}
    found: dict[str, list[Span]] = {}
    for span in every:
        if span.trace_id in named:
            found.setdefault(span.trace_id, []).append(span)
    return dict(sorted(found.items(), key=lambda pair: min(span.start for span in pair[1])))


def tree_of(spans: Iterable[Span]) -> list[Branch]:
    """Spans under their parents. Those whose parent isn't among them, such as a caller's, come on top."""
    ordered = sorted(spans, key=lambda span: (span.start, span.id))
    branches = {span.id: Branch(span) for span in ordered}
    tops: list[Branch] = []
    for branch in branches.values():
        parent = branches.get(branch.span.parent_id)
        (tops if parent is None else parent.branches).append(branch)
    return tops


def _spans_of(data: Mapping[str, Any]) -> Iterator[Span]:
    for told in data.get("resourceSpans", ()):
        service = str(_attributes(told["resource"]["attributes"]).get("service.name", ""))
        for scope in told["scopeSpans"]:
            yield from (_span(service, span) for span in scope["spans"])


def _span(service: str, told: Mapping[str, Any]) -> Span:
    return Span(
        trace_id=told["traceId"],
        id=told["spanId"],
        parent_id=told.get("parentSpanId", ""),
        service=service,
        name=told["name"],
        kind=KINDS[told.get("kind", 0)],
        start=int(told["startTimeUnixNano"]) / NANOSECONDS,
        end=int(told["endTimeUnixNano"]) / NANOSECONDS,
        failed=told.get("status", {}).get("code") == FAILED,
        attributes=_attributes(told.get("attributes", ())),
    )


def _attributes(told: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values()), None) for each in told}
