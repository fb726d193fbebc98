"""Blinks: lids that close and open again at once, told from eyes that look down or are narrow."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from vivavoce.media.gaze import BLINK_SECONDS

BLINK_RISE = 0.1
"""How far lid scores rise in a blink, at least: in talking faces they tremble by half of it."""
FARTHEST_APART = 0.09
"""Seconds between pictures up to which a blink is seen: lids are down for little more than 0.1 s."""
TOLERANCE = 0.001


def sees_blinks(times: Sequence[float]) -> bool:
    """Whether samples at these seconds lie so close that hardly a blink falls between two of them."""
    steps = [after - before for before, after in pairwise(times)]
    return bool(steps) and median(steps) <= FARTHEST_APART


def blink_times(times: Sequence[float], lids: Sequence[float], closed_eyes: float) -> list[float]:
    """The seconds at which blinks begin, from lid scores (0 open, 1 closed) at rising times.

    A sample belongs to a blink when the score is lower by `BLINK_RISE` both before and after it, no
    more than `BLINK_SECONDS` of closed lids apart. There the eyes are open, so below `closed_eyes`:
    a tremor of closed lids is no blink. Samples in a row are one blink.
    """
    blinks, blinking = [], False
    for place in range(len(times)):
        before = blinking
        blinking = _in_blink(times, lids, place, closed_eyes)
        if blinking and not before:
            blinks.append(times[place])
    return blinks


def _in_blink(times: Sequence[float], lids: Sequence[float], place: int, closed_eyes: float) -> bool:
    """Whether the lids are lower at a place than at open eyes shortly before and after it."""
    open_below = min(lids[place] - BLINK_RISE, closed_eyes)
    first = last = place
    while first >= 0 and lids[first] > open_below and times[place] - times[first] <= BLINK_SECONDS:
        first -= 1
    while last < len(times) and lids[last] > open_below and times[last] - times[place] <= BLINK_SECONDS:
        last += 1
    if first < 0 or last == len(times) or max(lids[first], lids[last]) > open_below:
        return False
    return times[last] - times[first + 1] <= BLINK_SECONDS + TOLERANCE
