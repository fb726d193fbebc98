"""A blink is lids that go down and up again at once; eyes that narrow or look down don't blink."""

from collections.abc import Sequence

import pytest

from vivavoce.media.blinks import blink_times, sees_blinks

PERIOD = 0.08
OPEN_FROM_THE_START = [0.04] * 8
CLOSED = 0.5


def blinks(*lids: float) -> list[float]:
    """When blinks begin in these lid scores, counted from after half a second of open eyes."""
    series = [*OPEN_FROM_THE_START, *lids]
    times = [n * PERIOD for n in range(len(series))]
    return [round(time - len(OPEN_FROM_THE_START) * PERIOD, 2) for time in blink_times(times, series, CLOSED)]


@pytest.mark.parametrize(
    "lids",
    [
        (0.66, 0.37, 0.15, 0.09, 0.08),
        (0.2, 0.06, 0.04),
        (0.16, 0.36, 0.36, 0.23, 0.12, 0.06),
        (0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.04),
    ],
    ids=["quick", "slight, as in a drawn face", "slow", "as long as a blink may be"],
)
def test_lids_that_close_and_open_again_are_one_blink(lids: Sequence[float]) -> None:
    assert len(blinks(*lids)) == 1


@pytest.mark.parametrize(
    "lids",
    [
        (0.12, 0.23, 0.19, 0.18, 0.18, 0.18, 0.17, 0.17, 0.17, 0.17),
        (0.08, 0.04, 0.11, 0.05, 0.12, 0.06),
        (0.6,) * 9 + (0.04,) * 3,
        (0.72, 0.74, 0.83, 0.71, 0.6, 0.75, 0.6) * 3,
        (0.3, 0.5, 0.6),
    ],
    ids=[
        "a look down",
        "a tremor",
        "eyes closed for longer",
        "a tremor of closed lids",
        "not yet open again",
    ],
)
def test_what_is_no_blink(lids: Sequence[float]) -> None:
    assert blinks(*lids) == []


def test_eyes_that_always_look_half_closed_blink_like_others() -> None:
    times = [n * PERIOD for n in range(20)]
    assert blink_times(times, [0.45] * 20, CLOSED) == []
    assert blink_times(times, [0.45] * 9 + [0.7, 0.6] + [0.45] * 9, CLOSED) == [pytest.approx(9 * PERIOD)]


def test_two_blinks_in_a_row_are_two() -> None:
    assert blinks(0.5, 0.05, 0.04, 0.5, 0.05, 0.04) == [0.0, 0.24]


def test_eyes_that_were_out_of_sight_meanwhile_did_not_blink() -> None:
    assert blink_times([0.0, 0.08, 2.0, 2.08, 5.0, 5.08], [0.1, 0.1, 0.6, 0.6, 0.1, 0.1], CLOSED) == []


@pytest.mark.parametrize(("rate", "seen"), [(5, False), (10, False), (12.5, True), (15, True), (30, True)])
def test_a_blink_may_fall_between_pictures_that_are_far_apart(rate: float, seen: bool) -> None:
    assert sees_blinks([n / rate for n in range(50)]) is seen


def test_nothing_is_seen_without_pictures() -> None:
    assert not sees_blinks([])
    assert blink_times([], [], CLOSED) == []
