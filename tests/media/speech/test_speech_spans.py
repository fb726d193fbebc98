"""Speech is cut into spans and groups without losing or inventing any of it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vivavoce.media.speech_spans import (
    LONGEST_GROUP,
    WINDOW_SECONDS,
    Span,
    bridge,
    common,
    find_speech,
    from_mask,
    gaps,
    mask,
    pack,
    pad,
    plan_groups,
    runs_of_speech,
    source_times,
    split_long,
    total,
    within,
    without,
)

LENGTH = 60


def likelihood(*pieces: tuple[float, int]) -> NDArray[np.float32]:
    return np.concatenate([np.full(count, value, np.float32) for value, count in pieces])


masks = st.integers(0, 2**LENGTH - 1).map(
    lambda bits: np.array([bits >> at & 1 for at in range(LENGTH)], np.bool_)
)
spans = masks.map(from_mask)
pieces_of_sound = st.tuples(st.floats(0, 1, width=32), st.integers(1, 600))
probabilities = st.lists(pieces_of_sound, min_size=1, max_size=12).map(lambda pieces: likelihood(*pieces))


def test_speech_starts_at_the_upper_threshold_and_lasts_to_the_lower() -> None:
    found = find_speech(likelihood((0.1, 5), (0.4, 5), (0.9, 5), (0.4, 5), (0.1, 5)), 0.5, 0.35)
    assert found == (Span(10, 20),)


def test_a_murmur_that_never_reaches_the_upper_threshold_is_no_speech() -> None:
    assert find_speech(likelihood((0.1, 5), (0.45, 20), (0.1, 5)), 0.5, 0.35) == ()


def test_a_click_is_no_speech() -> None:
    assert runs_of_speech(likelihood((0.1, 20), (0.9, 2), (0.1, 20)), 0.5, 0.35, 0.25) == ()


def test_gaps_shorter_than_a_pause_belong_to_the_speech() -> None:
    found = runs_of_speech(likelihood((0.9, 20), (0.1, 7), (0.9, 20), (0.1, 8), (0.9, 20)), 0.5, 0.35, 0.25)
    assert found == (Span(0, 47), Span(55, 75))
    assert [gap.seconds for gap in gaps(found)] == [pytest.approx(0.256)]


@given(masks)
def test_spans_and_masks_say_the_same(covered: NDArray[np.bool_]) -> None:
    assert (mask(from_mask(covered), LENGTH) == covered).all()


@given(spans, st.integers(0, LENGTH), st.integers(0, LENGTH))
def test_what_lies_within_bounds_is_what_is_common_with_them(
    some: tuple[Span, ...], start: int, length: int
) -> None:
    bounds = Span(start, start + length)
    assert within(some, bounds) == common(some, (bounds,), 2 * LENGTH)


@given(spans, spans)
def test_what_is_common_and_what_is_left_make_up_the_whole(
    first: tuple[Span, ...], second: tuple[Span, ...]
) -> None:
    parts = common(first, second, LENGTH), without(first, second)
    assert total(parts[0]) + total(parts[1]) == pytest.approx(total(first))


@given(spans, st.floats(0.0, 1.0))
def test_padded_and_bridged_spans_stay_apart_inside_the_recording_and_cover_the_old(
    found: tuple[Span, ...], by: float
) -> None:
    grown = bridge(pad(found, by, LENGTH), shorter_than=by)
    assert all(0 <= span.start < span.end <= LENGTH for span in grown)
    assert all(gap.seconds > 0 for gap in gaps(grown))
    assert without(found, grown) == ()


@given(probabilities)
def test_groups_hold_all_speech_in_order_and_none_is_longer_than_the_recognizer_takes(
    given_probabilities: NDArray[np.float32],
) -> None:
    runs = runs_of_speech(given_probabilities, 0.5, 0.35, 0.25)
    groups = plan_groups(runs, given_probabilities)
    flat = [span for group in groups for span in group]
    assert all(total(group) <= LONGEST_GROUP + 1e-6 for group in groups)
    assert all(before.end <= after.start for before, after in pairwise(flat))
    assert without(runs, flat) == ()


def test_speech_without_a_breath_is_cut_where_it_is_least_probable() -> None:
    doubted = likelihood((0.9, 80), (0.6, 1), (0.9, 80))
    assert split_long((Span(0, 161),), doubted, longest=100 * WINDOW_SECONDS) == (Span(0, 80), Span(80, 161))


def test_a_full_group_ends_at_the_widest_silence_of_its_last_third() -> None:
    pieces = (Span(0, 70), Span(75, 85), Span(125, 135), Span(140, 160))
    assert pack(pieces, longest=100 * WINDOW_SECONDS) == (pieces[:2], pieces[2:])


def test_a_word_heard_after_a_cut_gets_its_place_in_the_recording() -> None:
    group = (Span(0, 100), Span(200, 300))
    assert source_times(group, 3.4, 3.6) == pytest.approx((6.6, 6.8))


def test_a_word_never_reaches_across_a_cut() -> None:
    start, end = source_times((Span(0, 100), Span(200, 300)), 3.0, 3.3)
    assert (start, end) == pytest.approx((3.0, 3.2))


@given(st.floats(0, 60), st.floats(0, 60))
def test_every_heard_time_falls_into_the_group(first: float, second: float) -> None:
    group = (Span(10, 100), Span(200, 300), Span(900, 1000))
    start, end = source_times(group, min(first, second), max(first, second))
    holding = [span for span in group if span.start * WINDOW_SECONDS <= start <= span.end * WINDOW_SECONDS]
    assert start <= end
    assert any(end <= span.end * WINDOW_SECONDS for span in holding)
