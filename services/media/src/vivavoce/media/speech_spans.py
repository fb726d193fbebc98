"""Where speech is: from probabilities of speech to spans, pauses, and pieces to transcribe."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
WINDOW = 512
WINDOW_SECONDS = WINDOW / RATE


class Span(NamedTuple):
    """A stretch of time from `start` to `end`, in windows of 512 samples (32 ms); end excluded."""

    start: int
    end: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end - self.start) * WINDOW_SECONDS


def find_speech(probabilities: NDArray[np.float32], start_at: float, end_at: float) -> tuple[Span, ...]:
    """Spans that start where the probability reaches `start_at` and last until it is below `end_at`."""
    above = probabilities >= end_at
    edges = np.flatnonzero(np.diff(above.astype(np.int8), prepend=0, append=0))
    runs = edges.reshape(-1, 2)
    spans = []
    for first, last in runs:
        reached = np.flatnonzero(probabilities[first:last] >= start_at)
        if reached.size:
            spans.append(Span(int(first + reached[0]), int(last)))
    return tuple(spans)


def bridge(spans: Iterable[Span], shorter_than: float) -> tuple[Span, ...]:
    """Join spans whose gap is shorter than so many seconds."""
    joined: list[Span] = []
    for span in spans:
        if joined and (span.start - joined[-1].end) * WINDOW_SECONDS < shorter_than:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)


def drop_short(spans: Iterable[Span], shorter_than: float) -> tuple[Span, ...]:
    """Only the spans that last at least so many seconds."""
    return tuple(span for span in spans if span.seconds >= shorter_than)


def gaps(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The silences between spans."""
    return tuple(Span(a.end, b.start) for a, b in zip(spans, spans[1:], strict=False))


def total(spans: Iterable[Span]) -> float:
    """Seconds in all spans together."""
    return sum(span.seconds for span in spans)


def pad(spans: Iterable[Span], by: float, length: int) -> tuple[Span, ...]:
    """Grow each span by so many seconds on both sides, inside `length` windows, and join what meets."""
    grow = round(by / WINDOW_SECONDS)
    grown = (Span(max(0, span.start - grow), min(length, span.end + grow)) for span in spans)
    return bridge(grown, shorter_than=WINDOW_SECONDS / 2)


def split_long(spans: Iterable[Span], probabilities: NDArray[np.float32], longest: float) -> tuple[Span, ...]:
    """Cut spans longer than so many seconds where speech is least probable in their last third."""
    limit = int(longest / WINDOW_SECONDS)
    parts: list[Span] = []
    for span in spans:
        start = span.start
        while span.end - start > limit:
            search = probabilities[start + 2 * limit // 3 : start + limit]
            cut = start + 2 * limit // 3 + int(np.argmin(search))
            parts.append(Span(start, cut))
            start = cut
        parts.append(Span(start, span.end))
    return tuple(parts)


def pack(spans: Iterable[Span], longest: float) -> tuple[tuple[Span, ...], ...]:
    """Group neighbouring spans so that each group holds at most so many seconds of sound.

    A full group is closed at the widest silence of its last third, so that sentences stay whole.
    """
    groups: list[tuple[Span, ...]] = []
    open_group: list[Span] = []
    for span in spans:
        while open_group and total([*open_group, span]) > longest:
            cut = _widest_gap(open_group, span, longest)
            groups.append(tuple(open_group[:cut]))
            open_group = open_group[cut:]
        open_group.append(span)
    if open_group:
        groups.append(tuple(open_group))
    return tuple(groups)


def _widest_gap(group: Sequence[Span], following: Span, longest: float) -> int:
    """After how many of the group's spans to cut: the widest gap once two thirds are full."""
    best, widest = len(group), following.start - group[-1].end
    for count in range(len(group) - 1, 0, -1):
        if total(group[:count]) < longest * 2 / 3:
            break
        width = group[count].start - group[count - 1].end
        if width > widest:
            best, widest = count, width
    return best


def source_time(group: Sequence[Span], heard: float) -> float:
    """The time in the recording of a time in the group's spans laid end to end (seconds)."""
    passed = 0.0
    for span in group:
        if heard < passed + span.seconds:
            return span.start * WINDOW_SECONDS + max(0.0, heard - passed)
        passed += span.seconds
    return group[-1].end * WINDOW_SECONDS
