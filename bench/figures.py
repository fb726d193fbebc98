"""Sums many measurements up, so that no single lucky one is reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Spread:
    """How measurements are spread: their number and, in their own unit, percentiles and the longest."""

    count: int
    p50: float
    p95: float
    p99: float
    longest: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0-1) of the values don't exceed (nearest rank).

    Raises ValueError for no values, or a share outside 0-1.
    """
    if not values:
        raise ValueError("no values, no percentile")
    if not 0 <= share <= 1:
        raise ValueError(f"a share is from 0 to 1: {share}")
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def spread(values: Sequence[float]) -> Spread:
    """The spread of some values; raises ValueError for none."""
    p50, p95, p99, longest = (percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0))
    return Spread(len(values), p50, p95, p99, longest)


def overhead(wall: float, parts: Sequence[float], cores: int) -> float:
    """Wall time over the time in which `cores` that never wait would do the parts' CPU seconds.

    1 is perfect. Raises ValueError when there are no parts, or they took no time.
    """
    ideal = sum(parts) / cores
    if ideal <= 0:
        raise ValueError("the parts took no time")
    return wall / ideal


def share(part: float, whole: float) -> float:
    """The part's share of the whole, 0-1; raises ValueError when there is nothing to share."""
    if whole <= 0:
        raise ValueError("nothing was used, no share")
    return part / whole
