"""When a state began and ended, however it was sampled."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.proctoring.spells import find_spells

PERIOD = 0.2
TOLERANCE = 0.5


@st.composite
def stretches(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Up to four stretches of at least 2 s with at least 2 s between them, within a minute."""
    found: list[tuple[float, float]] = []
    place = draw(st.floats(0, 4))
    for _ in range(draw(st.integers(0, 4))):
        end = place + draw(st.floats(2, 7))
        found.append((place, end))
        place = end + draw(st.floats(2, 7))
    return found


@given(truth=stretches(), jitter=st.lists(st.floats(-0.08, 0.08), min_size=300, max_size=300))
def test_spells_are_within_half_a_second_of_the_truth_even_with_uneven_samples(
    truth: list[tuple[float, float]], jitter: list[float]
) -> None:
    times = [max(0.0, index * PERIOD + shift) for index, shift in enumerate(jitter)]
    states = [any(start <= time < end for start, end in truth) for time in times]
    found = find_spells(times, states, duration=60.0, bridge=1.0)
    expected = [stretch for stretch in truth if stretch[0] < times[-1]]
    assert len(found) == len(expected)
    for spell, (start, end) in zip(found, expected, strict=True):
        assert spell.start == pytest.approx(start, abs=TOLERANCE)
        assert spell.end == pytest.approx(min(end, 60.0), abs=TOLERANCE)


@given(st.lists(st.booleans(), max_size=80), st.floats(0, 2))
def test_spells_are_ordered_apart_and_inside_the_recording(states: list[bool], bridge: float) -> None:
    times = [index * PERIOD for index in range(len(states))]
    duration = len(states) * PERIOD
    found = find_spells(times, states, duration=duration, bridge=bridge)
    assert all(0 <= spell.start <= spell.end <= duration for spell in found)
    assert all(left.end + bridge <= right.start for left, right in itertools.pairwise(found))
    assert sum(len(spell.indices) for spell in found) == sum(states)


def test_a_short_return_does_not_split_a_spell() -> None:
    times = [float(index) * PERIOD for index in range(50)]
    states = [not 20 <= index < 23 for index in range(50)]
    assert len(find_spells(times, states, duration=10.0, bridge=1.0)) == 1
    assert len(find_spells(times, states, duration=10.0, bridge=0.3)) == 2


def test_a_hole_in_the_samples_is_not_filled_with_the_state() -> None:
    times = [0.0, 0.2, 0.4, 20.0, 20.2, 20.4]
    states = [False, True, True, False, False, False]
    (spell,) = find_spells(times, states, duration=20.6, bridge=1.0)
    assert spell.end <= 0.7
