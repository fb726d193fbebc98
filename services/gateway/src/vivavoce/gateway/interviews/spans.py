"""Cuts an ordered list into stretches that hold few entries each, from where reading begins to its end; pure.

A database that reads an index in order needs no more than a bound and a limit. The embedded one reads all
that a condition matches before it takes the limit, so that the condition itself has to match few.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vivavoce.gateway.interviews.entries import NOT_YET, Order, score_key, time_key

ID_BITS = 24
ID_DIGITS = ID_BITS // 4
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
FIRST_TIME = timedelta(minutes=10) // MILLISECOND << ID_BITS
LONG_TIME = timedelta(days=30) // MILLISECOND << ID_BITS
SCALE = 1_000
FIRST_SHARE = 1 << (ID_BITS - 12)
ONE_SCORE = SCALE << ID_BITS
HIGHEST = 100
QUICKLY, SLOWLY = 8.0, 2.0
BEFORE_ALL, AFTER_ALL = "", "~"


@dataclass(frozen=True)
class Segment:
    """One kind of texts that a list is ordered by, as numbers: a value, then the first digits of the id.

    From `low` until before `high`; `text` gives the text at a number. A stretch is `first` wide to begin
    with; up to `long`, empty ones are followed by much wider ones.
    """

    low: int
    high: int
    first: int
    long: int
    text: Callable[[int], str]

    def wider(self, width: int, found: int, missing: int) -> int:
        """How wide the next stretch is, after one in which some were found and others are missing."""
        growth = QUICKLY if width < self.long else SLOWLY
        if found:
            growth = min(growth, max(1.0, SLOWLY * missing / found))
        return int(width * growth)


def segments_of(
    order: Order, since: datetime, now: datetime, reach: timedelta | None = None
) -> tuple[Segment, ...]:
    """The kinds of texts of an order, rising; of times those from `since` on until now.

    `reach` is how much time the first stretch of times has, if that is known beforehand.
    """
    waiting = Segment(
        0, 1 << ID_BITS, FIRST_SHARE, 1 << ID_BITS, lambda place: f"{NOT_YET}/{_id_digits(place)}"
    )
    if order is Order.OVERALL_SCORE:
        return waiting, Segment(0, HIGHEST * ONE_SCORE + (1 << ID_BITS), FIRST_SHARE, ONE_SCORE, _score_text)
    low, high = (_milliseconds(at) << ID_BITS for at in (min(since, now), now))
    first = FIRST_TIME if reach is None else max(FIRST_TIME, reach // MILLISECOND + 1 << ID_BITS)
    times = Segment(low, high + (1 << ID_BITS), first, LONG_TIME, _time_text)
    return (times,) if order is Order.SUBMITTED_AT else (waiting, times)


def place_of(order: Order, key: str) -> tuple[bool, int]:
    """Whether a text is of what has not come yet, and its number."""
    shown, _, entry_id = key.rpartition("/")
    digits = entry_id[:ID_DIGITS].ljust(ID_DIGITS, "0")
    fraction = int(digits, 16) if all(digit in "0123456789abcdef" for digit in digits) else 0
    if shown == NOT_YET:
        return True, fraction
    if order is Order.OVERALL_SCORE:
        return False, (round(float(shown) * SCALE) << ID_BITS) + fraction
    return False, (_milliseconds(datetime.fromisoformat(shown)) << ID_BITS) + fraction


@dataclass
class Stretches:
    """The stretches of a list one after the other, each as the texts from which and until before which.

    They lie within `bounds` and begin at the one that reading begins at. Without bounds they begin before
    everything and end after everything, so that nothing lies outside.
    """

    order: Order
    segments: tuple[Segment, ...]
    falls: bool
    bounds: tuple[str, str] = (BEFORE_ALL, AFTER_ALL)

    def __post_init__(self) -> None:
        self._at = self._width = 0
        self._left = list(self.segments)[:: -1 if self.falls else 1]
        self._begin()
        self._outer: str | None = self.bounds[1 if self.falls else 0]
        if self._outer not in (BEFORE_ALL, AFTER_ALL):
            waiting, at = place_of(self.order, self._outer)
            if len(self._left) > 1 and waiting is not (self._left[0] is self.segments[0]):
                self._left.pop(0)
                self._begin()
            self._at = at

    def next(self, found: int = 0, missing: int = 1) -> tuple[str, str] | None:
        """The next stretch, when some were found in the last one and others are missing; None at the end."""
        if self._width:
            self._width = self._left[0].wider(self._width, found, missing)
        while self._left and self._is_through():
            self._left.pop(0)
            self._begin()
        if not self._left:
            return None
        self._width = self._width or self._left[0].first
        low, high = self._cut(self._left[0])
        return (low, high) if low < high else None

    def _begin(self) -> None:
        self._width = 0
        if self._left:
            self._at = self._left[0].high if self.falls else self._left[0].low

    def _is_through(self) -> bool:
        segment = self._left[0]
        return self._at <= segment.low if self.falls else self._at >= segment.high

    def _cut(self, segment: Segment) -> tuple[str, str]:
        begin = self._at
        end = max(segment.low, begin - self._width) if self.falls else min(segment.high, begin + self._width)
        self._at = end
        near, self._outer = self._outer or self._text(segment, begin), None
        far = self._text(segment, end)
        low, high = (far, near) if self.falls else (near, far)
        return max(low, self.bounds[0]), min(high, self.bounds[1])

    def _text(self, segment: Segment, place: int) -> str:
        """The text at a number; between two kinds, and at both ends, nothing is left out."""
        if place <= segment.low:
            first = segment is self.segments[0]
            return BEFORE_ALL if first else self.segments[0].text(self.segments[0].high)
        if place >= segment.high and segment is self.segments[-1]:
            return AFTER_ALL
        return segment.text(place)


def _milliseconds(at: datetime) -> int:
    return (at - EPOCH) // MILLISECOND


def _id_digits(place: int) -> str:
    return AFTER_ALL if place >= 1 << ID_BITS else f"{place:0{ID_DIGITS}x}"


def _time_text(place: int) -> str:
    at = EPOCH + (place >> ID_BITS) * MILLISECOND
    return time_key(at, _id_digits(place % (1 << ID_BITS)))


def _score_text(place: int) -> str:
    return score_key((place >> ID_BITS) / SCALE, _id_digits(place % (1 << ID_BITS)))
