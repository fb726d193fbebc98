"""The account of webhooks: what was sent, held against what a receiver noted."""

import pytest

from bench.deliveries import (
    Receipt,
    Sent,
    account,
    delivered_per_second,
    fates,
    highest_held,
    queue_grows,
    waiting,
)

STEADY = "steady-1"


def sent(event_id: str, at: float = 0.0, endpoint: str = STEADY) -> Sent:
    return Sent(endpoint, event_id, at)


def came(event_id: str, at: float, status: int | None = 204, endpoint: str = STEADY) -> Receipt:
    return Receipt(endpoint, event_id, at, status)


def steadily(count: int, latency: float) -> tuple[list[Sent], list[Receipt]]:
    """One event each second, each accepted after the same time."""
    events = [sent(str(number), float(number)) for number in range(count)]
    return events, [came(event.event_id, event.at + latency) for event in events]


def test_an_event_has_arrived_when_it_is_first_accepted() -> None:
    (fate,) = fates([sent("a", at=10.0)], [came("a", 10.5, 500), came("a", 12.0), came("a", 15.0)])

    assert (fate.after, fate.attempts, fate.accepted) == (2.0, 3, 2)


def test_an_event_that_was_never_accepted_is_lost() -> None:
    found = account(fates([sent("a"), sent("b"), sent("c")], [came("a", 1.0), came("b", 1.0, 500)]), [STEADY])

    assert (found.delivered, found.lost, found.attempts) == (1, 2, 2)


def test_an_event_that_was_accepted_again_is_a_duplicate() -> None:
    found = account(fates([sent("a")], [came("a", 1.0), came("a", 2.0), came("a", 3.0)]), [STEADY])

    assert (found.duplicates, found.latencies) == (2, [1.0])


def test_a_request_that_was_never_answered_is_an_attempt_and_no_acceptance() -> None:
    found = account(fates([sent("a")], [came("a", 1.0, status=None)]), [STEADY])

    assert (found.lost, found.attempts) == (1, 1)


def test_what_came_to_another_endpoint_counts_for_nothing() -> None:
    found = account(fates([sent("a")], [came("a", 1.0, endpoint="steady-2")]), [STEADY])

    assert (found.lost, found.attempts) == (1, 0)


def test_only_the_asked_endpoints_are_accounted_for() -> None:
    found = fates([sent("a"), sent("b", endpoint="doubtful")], [came("a", 1.0)])

    assert account(found, [STEADY]).lost == 0


def test_an_event_waits_from_its_publication_to_its_acceptance() -> None:
    found = fates([sent("a", at=1.0)], [came("a", 3.0)])

    assert [waiting(found, at) for at in (0.5, 1.0, 2.9, 3.0)] == [0, 1, 1, 0]


def test_a_queue_that_is_long_but_no_longer_than_before_does_not_grow() -> None:
    assert not queue_grows(fates(*steadily(100, latency=20.0)))


def test_a_queue_whose_events_come_ever_later_grows() -> None:
    events = [sent(str(number), float(number)) for number in range(100)]
    receipts = [came(event.event_id, event.at * 1.5 + 1.0) for event in events]

    assert queue_grows(fates(events, receipts))


def test_without_events_nothing_is_said_about_a_queue() -> None:
    with pytest.raises(ValueError, match="nothing was sent"):
        queue_grows([])


def test_the_highest_rate_is_looked_for_upwards_from_one_that_is_held() -> None:
    assert highest_held(lambda rate: rate < 50, start=10, step=2, least=1) == 40


def test_the_highest_rate_is_looked_for_downwards_from_one_that_is_not_held() -> None:
    assert highest_held(lambda rate: rate < 30, start=100, step=2, least=1) == 25


def test_a_machine_that_holds_nothing_has_no_highest_rate() -> None:
    assert highest_held(lambda _: False, start=100, step=2, least=10) is None


def test_the_rate_of_deliveries_counts_the_time_until_the_last_has_come() -> None:
    assert delivered_per_second(fates(*steadily(10, latency=11.0))) == 0.5


def test_without_a_delivery_there_is_no_rate() -> None:
    with pytest.raises(ValueError, match="nothing was delivered"):
        delivered_per_second(fates([sent("a")], []))
