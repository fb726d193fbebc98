"""People are counted as faces that don't overlap, by a model freed of its fixed size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.media.adapters.centerface_people import Box, boxes, distinct, people_model
from vivavoce.media.adapters.onnx_graph import free_sizes

COORDINATES = st.integers(0, 200)
BOXES = st.builds(
    lambda x, y, size: (float(x), float(y), float(x + size), float(y + size)),
    COORDINATES,
    COORDINATES,
    st.integers(5, 60),
)


def test_a_cell_that_scores_becomes_a_box_around_its_centre() -> None:
    heat = np.zeros((8, 8), dtype=np.float32)
    heat[2, 3] = 0.9
    scales = np.full((2, 8, 8), np.log(5.0), dtype=np.float32)
    offsets = np.zeros((2, 8, 8), dtype=np.float32)
    assert boxes(heat, scales, offsets, 0.5) == [pytest.approx((4.0, 0.0, 24.0, 20.0), abs=1e-4)]


def test_the_surest_box_comes_first() -> None:
    heat = np.zeros((8, 8), dtype=np.float32)
    heat[1, 1], heat[6, 6] = 0.6, 0.8
    zeros = np.zeros((2, 8, 8), dtype=np.float32)
    assert [box[0] > 20 for box in boxes(heat, zeros, zeros, 0.5)] == [True, False]


def test_overlapping_boxes_are_one_face() -> None:
    assert distinct([(0, 0, 10, 10), (1, 1, 11, 11), (30, 0, 40, 10)]) == [(0, 0, 10, 10), (30, 0, 40, 10)]


@given(st.lists(BOXES, max_size=12))
def test_what_is_distinct_stays_so_and_the_surest_is_kept(found: list[Box]) -> None:
    kept = distinct(found)
    assert distinct(kept) == kept
    assert kept[:1] == found[:1]
    assert set(kept) <= set(found)


def test_the_packaged_model_keeps_its_weights_when_it_is_freed() -> None:
    model = people_model(None).read_bytes()
    freed = free_sizes(model)
    assert 0 < len(model) - len(freed) < 20_000
    assert free_sizes(freed) == freed


def test_something_else_is_not_a_model() -> None:
    with pytest.raises(ValueError, match="ONNX"):
        free_sizes(b"\x0f not a model")
