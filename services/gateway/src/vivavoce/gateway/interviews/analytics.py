"""Counts of a day's interviews, how they grow and add up, and what they come to; pure.

Interviews count on the day of their submission and on the day of their end, in UTC, by what the machine
said at that end.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest

from pydantic import Field

from vivavoce.chassis.errors import InvalidInput
from vivavoce.contracts import InterviewCompleted, InterviewStatus, Value

BINS = 10
HIGHEST_SCORE = 100.0
TIME_BOUNDS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 21_600.0, 86_400.0)
"""Seconds; a last bin takes what is longer."""
MOST_COMPETENCIES = 50
DAY = timedelta(days=1)


class Sums(Value):
    """Numbers that were counted: how many, their sum, the sum of their squares, and how many per bin."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    bins: tuple[int, ...] = ()


class CompetencySums(Value):
    """The scores of one competency, and how often it got none."""

    name: str
    scores: Sums = Sums()
    unscored: int = 0


class Counts(Value):
    """What is counted of a day, or of several. `competencies` are the first `MOST_COMPETENCIES` met."""

    submitted: int = 0
    endings: dict[str, int] = Field(default_factory=dict)
    answers: int = 0
    reasons: dict[str, int] = Field(default_factory=dict)
    bands: dict[str, int] = Field(default_factory=dict)
    scores: Sums = Sums()
    seconds: Sums = Sums()
    competencies: tuple[CompetencySums, ...] = ()

    @property
    def ended(self) -> int:
        """How many interviews have ended, however."""
        return sum(self.endings.values())


@dataclass(frozen=True)
class Days:
    """The days of UTC from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    def each(self) -> Iterable[date]:
        """One after the other."""
        return (self.first + number * DAY for number in range(self.count))

    def before(self) -> "Days":
        """As many days right before."""
        return Days(self.first - self.count * DAY, self.first - DAY)


def days_between(start: datetime, end: datetime, longest: int) -> Days:
    """The days that a span touches; `end` is no longer part of it.

    Raises InvalidInput when it has no length, no time zone, more days than `longest`, or lies beyond
    what a calendar has.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise InvalidInput("timeRange.start and timeRange.end need an offset from UTC, such as Z or +03:00.")
    if end <= start:
        raise InvalidInput("timeRange.end must be later than timeRange.start.")
    try:
        days = Days(start.astimezone(UTC).date(), (end.astimezone(UTC) - timedelta(microseconds=1)).date())
        days.before()
    except OverflowError as error:
        raise InvalidInput("timeRange lies beyond the calendar.") from error
    if days.count > longest:
        raise InvalidInput(f"timeRange touches {days.count} days; at most {longest} are possible.")
    return days


def with_submission(counts: Counts) -> Counts:
    """One more interview has been submitted."""
    return counts.model_copy(update={"submitted": counts.submitted + 1})


def with_end(counts: Counts, end: InterviewCompleted, submitted_at: datetime) -> Counts:
    """One more interview has ended."""
    return added([counts, counts_of(end, submitted_at)])


def counts_of(end: InterviewCompleted, submitted_at: datetime) -> Counts:
    """What one interview's end counts for."""
    seconds = max(0.0, (end.completed_at - submitted_at).total_seconds())
    reasons = Counter(str(each.reason) for each in end.answers if each.overall is None and each.reason)
    competencies = tuple(
        CompetencySums(name=each.name, scores=score_sums(each.score), unscored=int(each.score is None))
        for each in end.competencies
    )
    return Counts(
        endings={end.status.value: 1},
        answers=len(end.answers),
        reasons=dict(reasons),
        bands={end.integrity_band.value: 1},
        scores=score_sums(end.overall),
        seconds=_sums(seconds, _time_bin(seconds)),
        competencies=competencies,
    )


def score_sums(score: float | None) -> Sums:
    """One score, or none."""
    return Sums() if score is None else _sums(score, min(BINS - 1, int(score * BINS / HIGHEST_SCORE)))


def added(counts: Sequence[Counts]) -> Counts:
    """The counts of all together."""
    return Counts(
        submitted=sum(each.submitted for each in counts),
        endings=_tallied(each.endings for each in counts),
        answers=sum(each.answers for each in counts),
        reasons=_tallied(each.reasons for each in counts),
        bands=_tallied(each.bands for each in counts),
        scores=added_sums([each.scores for each in counts]),
        seconds=added_sums([each.seconds for each in counts]),
        competencies=_added_competencies(counts),
    )


def added_sums(sums: Sequence[Sums]) -> Sums:
    """The sums of all together."""
    return Sums(
        count=sum(each.count for each in sums),
        total=math.fsum(each.total for each in sums),
        squares=math.fsum(each.squares for each in sums),
        bins=tuple(sum(bins) for bins in zip_longest(*(each.bins for each in sums), fillvalue=0)),
    )


def mean(sums: Sums) -> float | None:
    """The arithmetic mean, to the thousandth; None of nothing."""
    return round(sums.total / sums.count, 3) if sums.count else None


def deviation(sums: Sums) -> float | None:
    """The standard deviation of all that was counted, to the thousandth; None of nothing."""
    if not sums.count:
        return None
    average = sums.total / sums.count
    return round(math.sqrt(max(0.0, sums.squares / sums.count - average**2)), 3)


def rate(counts: Counts, status: InterviewStatus) -> float | None:
    """The share, 0 to 1, of the interviews ended that ended so; None when none has ended."""
    return round(counts.endings.get(status.value, 0) / counts.ended, 4) if counts.ended else None


def binned(sums: Sums, bins: int) -> list[int]:
    """How many there are per bin, the empty ones too."""
    return [*sums.bins, *([0] * (bins - len(sums.bins)))]


def _sums(value: float, place: int) -> Sums:
    return Sums(count=1, total=value, squares=value**2, bins=(*([0] * place), 1))


def _time_bin(seconds: float) -> int:
    return next((place for place, bound in enumerate(TIME_BOUNDS) if seconds <= bound), len(TIME_BOUNDS))


def _tallied(tallies: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for tally in tallies:
        total.update(tally)
    return dict(sorted(total.items()))


def _added_competencies(counts: Sequence[Counts]) -> tuple[CompetencySums, ...]:
    named: dict[str, list[CompetencySums]] = {}
    for each in (one for part in counts for one in part.competencies):
        if each.name in named or len(named) < MOST_COMPETENCIES:
            named.setdefault(each.name, []).append(each)
    return tuple(
        CompetencySums(
            name=name,
            scores=added_sums([each.scores for each in sums]),
            unscored=sum(each.unscored for each in sums),
        )
        for name, sums in named.items()
    )
