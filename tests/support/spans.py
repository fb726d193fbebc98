"""Spans that are kept in memory, and what they say of each other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import SpanContext

from vivavoce.chassis import tracing


class Kept:
    """The spans that have ended since recording began."""

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """All of them, in the order of their ends."""
        return self._exporter.get_finished_spans()

    def named(self, name: str) -> list[ReadableSpan]:
        """Those of a name."""
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        """The only one of a name."""
        found = self.named(name)
        assert len(found) == 1, f"{len(found)} spans named {name}: {sorted({s.name for s in self.spans})}"
        return found[0]

    def path(self, span: ReadableSpan) -> list[str]:
        """The names from the root to a span."""
        by_id = {own(each).span_id: each for each in self.spans}
        names: list[str] = []
        at: ReadableSpan | None = span
        while at is not None:
            names.append(at.name)
            at = None if at.parent is None else by_id.get(at.parent.span_id)
        return names[::-1]

    def orphans(self) -> list[str]:
        """The names of spans whose parent has not been recorded."""
        known = {own(span).span_id for span in self.spans}
        return [span.name for span in self.spans if span.parent and span.parent.span_id not in known]


def own(span: ReadableSpan) -> SpanContext:
    """The ids of a span."""
    context = span.get_span_context()
    assert context is not None
    return context


@contextmanager
def recorded(ratio: float = 1.0) -> Iterator[Kept]:
    """Record spans for the length of a block."""
    exporter = InMemorySpanExporter()
    sampler: Sampler = TraceIdRatioBased(ratio)
    provider = TracerProvider(sampler=ParentBased(sampler))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use_provider(provider, lambda _: ratio == 1.0)
    try:
        yield Kept(exporter)
    finally:
        tracing.use_provider(None)
