"""The sums behind the measurements' reports."""

import os

import pytest

from bench import machine
from bench.chain import LONGEST_PATH, STEPS, SUBMISSION, TOPICS, commits_per_interview
from bench.figures import overhead, percentile, share, spread
from bench.waits import together


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0


def test_the_highest_percentile_is_the_longest_value() -> None:
    assert percentile([1.0, 9.0, 4.0], 1.0) == 9.0


def test_ninety_nine_of_a_hundred_values_are_within_p99() -> None:
    assert percentile([float(value) for value in range(1, 101)], 0.99) == 99.0


def test_nothing_measured_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        percentile([1.0], 95)


def test_a_spread_counts_and_orders_its_values() -> None:
    found = spread([0.4, 0.1, 0.2, 0.3])

    assert (found.count, found.p50, found.p95, found.longest) == (4, 0.2, 0.4, 0.4)


def test_work_spread_evenly_over_the_cores_has_no_overhead() -> None:
    assert overhead(6.0, [8.0, 4.0], cores=2) == 1.0


def test_waiting_shows_as_overhead() -> None:
    assert overhead(9.0, [8.0, 4.0], cores=2) == 1.5


def test_parts_that_took_no_time_allow_no_comparison() -> None:
    with pytest.raises(ValueError, match="no time"):
        overhead(1.0, [], cores=2)


def test_the_chain_does_what_the_documented_table_says() -> None:
    assert (commits_per_interview(), len(TOPICS), len(STEPS)) == (18, 8, 15)


def test_a_process_is_part_of_its_own_tree_and_has_a_peak() -> None:
    (pids,) = machine.trees({"this": os.getpid()}).values()

    assert os.getpid() in pids
    assert machine.peak_memory(pids) > 0


def test_the_longest_path_is_made_of_the_steps_of_the_chain() -> None:
    assert set(LONGEST_PATH) <= {SUBMISSION.name, *(step.name for step in STEPS)}


def test_a_database_that_does_a_quarter_of_the_work_has_that_share() -> None:
    assert share(1.5, 6.0) == 0.25


def test_nothing_used_has_no_shares() -> None:
    with pytest.raises(ValueError, match="nothing was used"):
        share(0.0, 0.0)


def test_waits_of_several_processes_add_up_by_name() -> None:
    assert together([{"a": 1.0, "b": 2.0}, {"a": 0.5}]) == {"a": 1.5, "b": 2.0}
