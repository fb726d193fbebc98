"""When something began and ended, read from samples that are only so dense."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median


@dataclass(frozen=True)
class Spell:
    """A stretch of time, in seconds; `indices` are the samples within it that showed the state."""

    start: float
    end: float
    indices: tuple[int, ...]

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        return self.end - self.start


def find_spells(
    times: Sequence[float], states: Sequence[bool], *, duration: float, bridge: float
) -> list[Spell]:
    """The spells in which `states` is true, in order.

    A change lies half-way between the two samples that show it, so a boundary is wrong by at most
    half a sampling period. Where samples are missing, a spell reaches no further than one usual
    period beyond its own samples. Spells less than `bridge` seconds apart are one.
    """
    reach = _usual_period(times, duration)
    runs = [_bounded(times, run, duration, reach) for run in _runs(states)]
    return _merged(runs, bridge)


def _usual_period(times: Sequence[float], duration: float) -> float:
    steps = [after - before for before, after in pairwise(times)]
    return median(steps) if steps else duration


def _runs(states: Sequence[bool]) -> list[tuple[int, ...]]:
    runs: list[list[int]] = []
    for index, state in enumerate(states):
        if not state:
            continue
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return [tuple(run) for run in runs]


def _bounded(times: Sequence[float], run: tuple[int, ...], duration: float, reach: float) -> Spell:
    first, last = run[0], run[-1]
    before = (times[first - 1] + times[first]) / 2 if first else 0.0
    after = (times[last] + times[last + 1]) / 2 if last + 1 < len(times) else duration
    start = max(before, times[first] - reach, 0.0)
    return Spell(start, max(start, min(after, times[last] + reach)), run)


def _merged(spells: Sequence[Spell], bridge: float) -> list[Spell]:
    merged: list[Spell] = []
    for spell in spells:
        if merged and spell.start - merged[-1].end < bridge:
            before = merged.pop()
            merged.append(Spell(before.start, spell.end, before.indices + spell.indices))
        else:
            merged.append(spell)
    return merged
