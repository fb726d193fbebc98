"""The pure parts of the measurement of several workers."""

from collections import Counter

import pytest

from bench.scale import evenly_spread, partition_of, scaled
from bench.workers import Uneven, check_even, handled_in

METRICS = """\
# HELP viva_consumed_total Messages settled by a consumer.
# TYPE viva_consumed_total counter
viva_consumed_total{group="media.analysis",outcome="handled",topic="recording.ingested"} 7.0
viva_consumed_total{group="media.analysis",outcome="failed",topic="recording.ingested"} 1.0
viva_consumed_total{group="media.ingest",outcome="handled",topic="recording.requested"} 9.0
"""


def test_answers_lie_evenly_on_the_first_partitions() -> None:
    requests = list(evenly_spread(5, 3))

    assert Counter(map(partition_of, requests)) == {0: 5, 1: 5, 2: 5}


def test_every_answer_is_another() -> None:
    assert len(set(evenly_spread(5, 4))) == 20


def test_workers_that_do_as_much_as_each_other_scale_linearly() -> None:
    assert [one.share_of_linear for one in scaled([1.0, 2.0, 3.0], each=10)] == [1.0, 1.0, 1.0]


def test_workers_that_wait_for_each_other_fall_short_of_linear() -> None:
    second = scaled([1.0, 1.5], each=10)[1]

    assert (second.multiple, second.share_of_linear, second.answers) == (1.5, 0.75, 20)


def test_a_worker_is_known_by_what_it_has_handled_of_a_topic() -> None:
    assert handled_in(METRICS, "recording.ingested") == 8


def test_a_worker_that_got_more_than_its_share_spoils_the_measurement() -> None:
    with pytest.raises(Uneven, match=r"\[6, 4\] messages, not 5 each"):
        check_even([6, 4], each=5)
