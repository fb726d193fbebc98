"""Traces: one tree of spans from a request to a webhook, through every process that takes part.

Between processes a trace travels as W3C `traceparent`: in requests, in `ce_traceparent` of messages and in
stored jobs. Without anywhere to write spans to, nothing is recorded, and what came is handed on as it is.

Spans tell of routes, topics, ids, sizes and kinds of errors. They hold no addresses with paths or queries, no
bodies, and no texts of errors, for those may quote what somebody has sent.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from types import TracebackType

from opentelemetry import trace
from opentelemetry.context import Context as SpanHolder
from opentelemetry.context import attach, detach
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    TracerProvider,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import VivaError

__all__ = ["Attributes", "Link", "Opened", "Span", "SpanKind"]

Attributes = Mapping[str, str | int | float | bool]
Opened = AbstractContextManager[Span]
"""A span for the length of a block."""
TRACEPARENT = "traceparent"
TRACEPARENT_PARTS = 4
_PROPAGATOR = TraceContextTextMapPropagator()
_NOBODY = SpanHolder()


class _Recorder:
    """What the process records its spans with, if it records any."""

    tracer: Tracer | None = None
    takes: Callable[[int], bool] = staticmethod(lambda _: True)


_recorder = _Recorder()


def use_provider(provider: TracerProvider | None, takes: Callable[[int], bool] = lambda _: True) -> None:
    """Record spans by this provider from now on, or none at all.

    `takes` tells whether a trace that a stranger has begun is recorded, by its id.
    """
    _recorder.tracer = None if provider is None else provider.get_tracer("vivavoce")
    _recorder.takes = takes


def is_on() -> bool:
    """Whether this process records spans."""
    return _recorder.tracer is not None


class _Within:
    """A span for the length of a block; what ends the block with an error is named by its kind."""

    def __init__(self, opened: Span) -> None:
        self._span = opened

    def __enter__(self) -> Span:
        self._token = attach(trace.set_span_in_context(self._span))
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        detach(self._token)
        end(self._span, error)


NO_SPAN: Span = INVALID_SPAN
NOTHING: Opened = nullcontext(NO_SPAN)


def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    *,
    parent: str | None = None,
    links: tuple[Link, ...] = (),
    attributes: Attributes | None = None,
) -> Opened:
    """A span around a block: the child of a traceparent, or without one the root of a new trace."""
    if _recorder.tracer is None:
        return NOTHING
    return _Within(begin(name, kind, parent=parent, links=links, attributes=attributes))


def step(name: str, kind: SpanKind = SpanKind.INTERNAL, attributes: Attributes | None = None) -> Opened:
    """A span around a part of what the current span is about; nothing where none is current."""
    tracer = _recorder.tracer
    if tracer is None or not trace.get_current_span().get_span_context().is_valid:
        return NOTHING
    return _Within(tracer.start_span(name, kind=kind, attributes=attributes))


def begin(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    *,
    parent: str | None = None,
    links: tuple[Link, ...] = (),
    attributes: Attributes | None = None,
) -> Span:
    """A span that whoever begins it has to end, see `span`; it doesn't become the current one."""
    if _recorder.tracer is None:
        return INVALID_SPAN
    holder = _holder(parent)
    return _recorder.tracer.start_span(name, holder, kind=kind, links=links, attributes=attributes)


def end(ended: Span, error: BaseException | None = None) -> None:
    """End a span; an error is told by its kind alone."""
    if error is not None:
        fail(ended, error_type(error))
    ended.end()


def fail(failed: Span, kind: str) -> None:
    """Say that what a span is about failed, and with what kind of error."""
    failed.set_attribute("error.type", kind)
    failed.set_status(Status(StatusCode.ERROR))


def amid(opened: Span) -> Opened:
    """Make a span that was begun the current one for a block, which doesn't end it."""
    if _recorder.tracer is None:
        return NOTHING
    return trace.use_span(opened, record_exception=False, set_status_on_exception=False)


def past_span(
    name: str,
    kind: SpanKind,
    seconds: float,
    attributes: Attributes,
    *,
    ended_ns: int | None = None,
    failed: bool = False,
) -> None:
    """Record a part of the current span that has ended, such as one of another process."""
    tracer = _recorder.tracer
    if tracer is None or not trace.get_current_span().get_span_context().is_valid:
        return
    until = time.time_ns() if ended_ns is None else ended_ns
    recorded = tracer.start_span(
        name, kind=kind, attributes=attributes, start_time=until - int(seconds * 1e9)
    )
    if failed:
        recorded.set_status(Status(StatusCode.ERROR))
    recorded.end(end_time=until)


def inside(opened: Span, context: Context) -> Context:
    """The context of what is done on behalf of a span."""
    traceparent = traceparent_of(opened)
    return context if traceparent is None else replace(context, traceparent=traceparent)


def here(context: Context) -> Context:
    """The context as of the current span, so that what is said in it becomes the span's child."""
    return context if _recorder.tracer is None else inside(trace.get_current_span(), context)


def from_stranger(traceparent: str) -> str:
    """A traceparent that a stranger sent, with our own decision on its recording where we record at all."""
    if _recorder.tracer is None:
        return traceparent
    taken = _recorder.takes(int(traceparent[3:35], 16))
    return f"{traceparent[:-2]}{int(taken):02x}"


def links_to(traceparent: str) -> tuple[Link, ...]:
    """A link to another trace, for a span that doesn't belong to it; none to one that names nothing."""
    told = trace.get_current_span(_holder(traceparent)).get_span_context()
    return (Link(told),) if told.is_valid else ()


def traceparent_of(opened: Span) -> str | None:
    """A span as a traceparent; None for one that is nowhere recorded nor handed on."""
    told = opened.get_span_context()
    if not told.is_valid:
        return None
    return f"00-{told.trace_id:032x}-{told.span_id:016x}-{told.trace_flags:02x}"


def current_ids() -> tuple[str, str] | None:
    """The ids of the current trace and span."""
    if _recorder.tracer is None:
        return None
    told = trace.get_current_span().get_span_context()
    return (f"{told.trace_id:032x}", f"{told.span_id:016x}") if told.is_valid else None


def ids_in(traceparent: str | None) -> tuple[str, str] | None:
    """The ids of trace and span in a traceparent."""
    parts = (traceparent or "").split("-")
    return (parts[1], parts[2]) if len(parts) == TRACEPARENT_PARTS else None


def exemplar(opened: Span | None = None) -> dict[str, str] | None:
    """What ties a measured value to a trace that is recorded: of this span, or of the current one."""
    if _recorder.tracer is None:
        return None
    told = (opened or trace.get_current_span()).get_span_context()
    return {"trace_id": f"{told.trace_id:032x}"} if told.is_valid and told.trace_flags.sampled else None


def error_type(error: BaseException) -> str:
    """An error by its code in the error tree, or the name of its class."""
    return error.code if isinstance(error, VivaError) else type(error).__name__


def _holder(traceparent: str | None) -> SpanHolder:
    return _NOBODY if traceparent is None else _PROPAGATOR.extract({TRACEPARENT: traceparent}, _NOBODY)
