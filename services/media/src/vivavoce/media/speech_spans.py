"""Where speech is: from probabilities of speech to spans, pauses, and pieces to transcribe."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
WINDOW = 512
WINDOW_SECONDS = WINDOW / RATE


SHORTEST_SPEECH = 0.09
ROOM_AROUND_SPEECH = 0.2
LONGEST_HEARD_SILENCE = 1.0
LONGEST_GROUP = 28.0


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
    spans = []
    for run in from_mask(probabilities >= end_at):
        reached = np.flatnonzero(probabilities[run.start : run.end] >= start_at)
        if reached.size:
            spans.append(Span(run.start + int(reached[0]), run.end))
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
    return tuple(Span(a.end, b.start) for a, b in pairwise(spans))


def total(spans: Iterable[Span]) -> float:
    """Seconds in all spans together."""
    return sum(span.seconds for span in spans)


def mask(spans: Iterable[Span], length: int) -> NDArray[np.bool_]:
    """For each of `length` windows whether a span covers it."""
    covered = np.zeros(length, dtype=np.bool_)
    for span in spans:
        covered[span.start : span.end] = True
    return covered


def from_mask(covered: NDArray[np.bool_]) -> tuple[Span, ...]:
    """The spans that cover exactly these windows."""
    edges = np.flatnonzero(np.diff(covered.astype(np.int8), prepend=0, append=0))
    return tuple(Span(int(start), int(end)) for start, end in edges.reshape(-1, 2))


def common(spans: Iterable[Span], others: Iterable[Span], length: int) -> tuple[Span, ...]:
    """The parts of the spans that lie inside the others."""
    return from_mask(mask(spans, length) & mask(others, length))


def within(spans: Iterable[Span], bounds: Span) -> tuple[Span, ...]:
    """The parts of the spans that lie between the bounds."""
    cut = (Span(max(span.start, bounds.start), min(span.end, bounds.end)) for span in spans)
    return tuple(span for span in cut if span.start < span.end)


def without(spans: Sequence[Span], others: Sequence[Span]) -> tuple[Span, ...]:
    """The parts of the spans that lie outside the others."""
    length = max((span.end for span in (*spans, *others)), default=0)
    return from_mask(mask(spans, length) & ~mask(others, length))


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


def source_times(group: Sequence[Span], start: float, end: float) -> tuple[float, float]:
    """Where a word heard at `start` to `end` in the group's spans laid end to end lies in the recording.

    Both times fall in the span that holds the word's middle, so no word reaches across a cut.
    """
    middle, passed = (start + end) / 2, 0.0
    for span in group:
        if middle < passed + span.seconds or span is group[-1]:
            break
        passed += span.seconds
    first, last = span.start * WINDOW_SECONDS, span.end * WINDOW_SECONDS
    shift = first - passed
    return min(max(start + shift, first), last), min(max(end + shift, first), last)


def runs_of_speech(
    probabilities: NDArray[np.float32], start_at: float, end_at: float, min_pause: float
) -> tuple[Span, ...]:
    """Stretches of speech between pauses of at least `min_pause` seconds; clicks are left out."""
    spans = drop_short(find_speech(probabilities, start_at, end_at), SHORTEST_SPEECH)
    return bridge(spans, shorter_than=min_pause)


def plan_groups(runs: Iterable[Span], probabilities: NDArray[np.float32]) -> tuple[tuple[Span, ...], ...]:
    """The sound to transcribe, in groups of up to half a minute, with long silences taken out."""
    length = len(probabilities)
    roomy = pad(runs, ROOM_AROUND_SPEECH, length)
    joined = bridge(roomy, shorter_than=LONGEST_HEARD_SILENCE - 2 * ROOM_AROUND_SPEECH)
    return pack(split_long(joined, probabilities, LONGEST_GROUP), LONGEST_GROUP)
