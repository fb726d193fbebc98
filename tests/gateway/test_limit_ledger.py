"""However requests interleave over several gateways, a limit admits what it says and little more."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.databases import NOON, turns
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.counters import Counted
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.gateway.limits import ledger
from vivavoce.gateway.limits.ledger import AWAY_SECONDS, Ledger
from vivavoce.gateway.limits.rules import BATCHES, EXACT_UP_TO, Rule, Tier

WINDOW = 60


def rule_of(limit: int) -> Rule:
    return Rule(Tier.GENERAL, limit, WINDOW, limit // BATCHES if limit > EXACT_UP_TO else 0)


class SlowCounters:
    """The counters of a database whose answers take some turns of the loop, before and after it counts."""

    def __init__(self, database: MemoryDatabase, delays: Sequence[int] = (0,)) -> None:
        self._database = database
        self._delays = delays
        self.asked = 0

    async def add(self, name: str, amount: int, *, expires_at: datetime, most: int | None = None) -> Counted:
        """Add, after a while, and answer after another."""
        delay = self._delays[self.asked % len(self._delays)]
        self.asked += 1
        for _ in range(delay):
            await asyncio.sleep(0)
        counted = await self._database.counters.add(name, amount, expires_at=expires_at, most=most)
        for _ in range(delay):
            await asyncio.sleep(0)
        return counted


class Fleet:
    """Gateways that keep their limits together."""

    def __init__(self, instances: int, delays: Sequence[int] = (0,)) -> None:
        self.clock = ManualClock(NOON)
        self.database = MemoryDatabase(source="/test", clock=self.clock)
        self.counters = SlowCounters(self.database, delays)
        self.ledgers = [Ledger(self.counters, self.clock) for _ in range(instances)]

    async def take(self, rule: Rule, instance: int = 0, cost: int = 1, caller: str = "ada") -> bool:
        """Whether one gateway admits a request."""
        return (await self.ledgers[instance].take(rule, caller, cost)).admitted

    async def take_in_turn(self, rule: Rule, count: int) -> int:
        """How many of so many requests are admitted, sent one after the other to each gateway in turn."""
        return sum([await self.take(rule, number % len(self.ledgers)) for number in range(count)])


def at_once(work: Coroutine[Any, Any, bool]) -> bool:
    """What the work comes to, if the loop need not turn for it."""
    try:
        work.send(None)
    except StopIteration as ended:
        return bool(ended.value)
    work.close()
    raise AssertionError("it waits")


LIMITS = st.sampled_from([1, 3, 10, 60, 61, 100, 240])
BURSTS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 90)), min_size=1, max_size=12)
DELAYS = st.lists(st.integers(0, 5), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(instances=st.integers(1, 4), limit=LIMITS, bursts=BURSTS, delays=DELAYS)
def test_no_interleaving_admits_more_than_the_bound_or_less_than_the_limit(
    instances: int, limit: int, bursts: list[tuple[int, int]], delays: list[int]
) -> None:
    """Bursts run into each other; what was asked for and fits is admitted, wherever it was asked."""

    async def run() -> tuple[int, int]:
        fleet, rule, running = Fleet(instances, delays), rule_of(limit), []
        for place, size in bursts:
            running += [asyncio.create_task(fleet.take(rule, place % instances)) for _ in range(size)]
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(*running)
        outcomes += [await fleet.take(rule, place) for place in range(instances) for _ in range(3)]
        return len(outcomes), sum(outcomes)

    asked, admitted = asyncio.run(run())
    batch = rule_of(limit).batch
    assert min(asked, limit) <= admitted <= limit + (instances - 1) * batch
    if instances == 1 or limit <= EXACT_UP_TO:
        assert admitted == min(asked, limit)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    instances=st.integers(1, 4),
    costs=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 120)), min_size=1, max_size=60),
    delays=DELAYS,
)
def test_costs_larger_than_a_batch_stay_within_the_bound_too(
    instances: int, costs: list[tuple[int, int]], delays: list[int]
) -> None:
    async def run() -> tuple[int, bool]:
        fleet, rule = Fleet(instances, delays), rule_of(1000)
        takes = [fleet.take(rule, place % instances, cost) for place, cost in costs]
        outcomes = await asyncio.gather(*takes)
        return sum(cost for (_, cost), admitted in zip(costs, outcomes, strict=True) if admitted), all(
            outcomes
        )

    used, all_admitted = asyncio.run(run())
    assert used <= 1000 + (instances - 1) * rule_of(1000).batch
    if sum(cost for _, cost in costs) <= 1000:
        assert all_admitted


async def test_a_lone_caller_gets_all_of_its_limit_over_four_gateways() -> None:
    for limit in (10, 60, 61, 600):
        assert await Fleet(4).take_in_turn(rule_of(limit), limit) == limit


async def test_a_small_limit_is_counted_exactly_over_four_gateways() -> None:
    assert await Fleet(4).take_in_turn(rule_of(10), 40) == 10


async def test_each_window_has_a_limit_of_its_own_and_each_caller_too() -> None:
    fleet, rule = Fleet(2), rule_of(10)
    assert await fleet.take_in_turn(rule, 20) == 10
    assert await fleet.take(rule, caller="grace")
    await fleet.clock.advance(timedelta(seconds=WINDOW))
    assert await fleet.take_in_turn(rule, 20) == 10


async def test_a_light_caller_costs_the_store_nothing_and_a_heavy_one_a_question_for_half_a_batch() -> None:
    fleet, rule = Fleet(1), rule_of(600)
    assert await fleet.take_in_turn(rule, 14) == 14
    assert fleet.counters.asked == 0
    for _ in range(586):
        await fleet.take(rule)
        await turns()
    assert fleet.counters.asked == 600 * 2 // rule.batch


async def test_a_request_does_not_wait_while_less_than_a_batch_is_unreported() -> None:
    fleet, rule = Fleet(1, delays=(1_000,)), rule_of(600)
    for _ in range(rule.batch):
        assert at_once(fleet.take(rule))
    await turns()
    assert fleet.counters.asked == 1
    with pytest.raises(AssertionError, match="waits"):
        at_once(fleet.take(rule))


async def test_who_is_known_to_have_used_up_a_limit_is_refused_without_asking_again() -> None:
    fleet, rule = Fleet(1), rule_of(10)
    await fleet.take_in_turn(rule, 11)
    asked = fleet.counters.asked
    assert await fleet.take_in_turn(rule, 100) == 0
    assert fleet.counters.asked == asked


async def test_with_the_store_away_each_gateway_admits_the_limit_by_itself_and_reports_later() -> None:
    for limit in (10, 600):
        fleet, rule = Fleet(2), rule_of(limit)
        fleet.database.away = True
        assert await fleet.take_in_turn(rule, 4 * limit) == 2 * limit
        fleet.database.away = False
        await fleet.clock.advance(timedelta(seconds=AWAY_SECONDS))
        newcomer = Ledger(fleet.counters, fleet.clock)
        await fleet.ledgers[0].take(rule, "ada", 0)
        await turns()
        outcomes = [await newcomer.take(rule, "ada", 1) for _ in range(rule.batch + 1)]
        assert sum(taken.admitted for taken in outcomes) <= rule.batch


async def test_a_store_that_is_away_is_not_asked_for_every_request() -> None:
    fleet, rule = Fleet(1), rule_of(10)
    fleet.database.away = True
    await fleet.take_in_turn(rule, 10)
    assert fleet.counters.asked == 1


async def test_a_flood_of_callers_is_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_WINDOWS", 100)
    monkeypatch.setattr(ledger, "SWEEP_AT", 10)
    fleet, rule = Fleet(1), rule_of(600)
    for number in range(5_000):
        assert await fleet.take(rule, caller=str(number))
    assert len(fleet.ledgers[0]._windows) <= 101


async def test_windows_that_have_ended_are_forgotten() -> None:
    fleet, rule = Fleet(1), rule_of(600)
    for minute in range(5):
        for number in range(700):
            await fleet.take(rule, caller=f"{minute}-{number}")
        await fleet.clock.advance(timedelta(seconds=WINDOW))
    assert len(fleet.ledgers[0]._windows) <= 1_700
