"""Presentation times become seconds of the recording, and pictures are chosen from them."""

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.media.timeline import SamplingGrid, Timeline

TIMES = st.lists(st.floats(0, 600, allow_nan=False), min_size=1, max_size=200).map(sorted)
RATES = st.sampled_from([1.0, 2.0, 5.0, 10.0])


def test_time_counts_from_the_containers_start() -> None:
    timeline = Timeline(start=2.0)
    assert [timeline.at(time, 0.04) for time in (2.0, 2.25, 5.5)] == [0.0, 0.25, 3.5]


def test_a_missing_time_follows_what_came_before() -> None:
    timeline = Timeline(start=0.0)
    assert [timeline.at(time, 0.5) for time in (1.0, None, None)] == [1.0, 1.5, 2.0]


def test_times_that_start_over_go_on_from_where_they_were() -> None:
    timeline = Timeline(start=0.0)
    assert [timeline.at(time, 1.0) for time in (0.0, 1.0, 2.0, 0.0, 1.0)] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_small_step_back_is_left_as_it_is() -> None:
    timeline = Timeline(start=0.0)
    assert [timeline.at(time, 0.04) for time in (0.0, 0.08, 0.04)] == [0.0, 0.08, 0.04]


def test_nothing_lies_before_the_start() -> None:
    assert Timeline(start=1.0).at(0.9, 0.04) == 0.0


@given(TIMES, RATES)
def test_no_more_than_the_rate_is_chosen_and_no_grid_point_without_its_picture(
    times: list[float], rate: float
) -> None:
    grid = SamplingGrid(rate)
    chosen = [time for time in times if grid.takes(time)]
    assert chosen[0] == times[0]
    assert len(chosen) <= (times[-1] + 0.001) * rate + 1
    cells = {int((time + 0.001) * rate) for time in times}
    assert {int((time + 0.001) * rate) for time in chosen} == cells


def test_sparse_pictures_are_all_chosen() -> None:
    grid = SamplingGrid(5.0)
    assert all(grid.takes(time) for time in (0.0, 0.7, 1.9, 2.2))


def test_a_regular_stream_is_thinned_to_the_rate() -> None:
    grid = SamplingGrid(5.0)
    assert [time for time in (n / 25 for n in range(25)) if grid.takes(time)] == [0.0, 0.2, 0.4, 0.6, 0.8]
