"""A breaker around a provider: open after failures in a row, tried again after a rest, on any clock."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from tests.support.gateway import NOON
from vivavoce.chassis.breaker import Breaker, is_failure
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import (
    CircuitOpen,
    DeadlineExceeded,
    InfrastructureAway,
    InvalidInput,
    NotFound,
    ProviderAway,
    ProviderFault,
    ProviderRefused,
    RateLimited,
    VivaError,
)
from vivavoce.contracts import CircuitState

REST = timedelta(seconds=60)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


def breaker_on(clock: ManualClock, *, failures: int = 2, name: str = "provider") -> Breaker:
    return Breaker(name, clock, failures=failures, rest_seconds=REST.total_seconds())


def level(breaker: Breaker) -> CircuitState:
    return breaker.state.state


async def fail(breaker: Breaker) -> None:
    with pytest.raises(ProviderFault):
        async with breaker.guard():
            raise ProviderFault("away")


async def refused(breaker: Breaker) -> CircuitOpen:
    with pytest.raises(CircuitOpen) as caught:
        async with breaker.guard():
            raise AssertionError("it was asked")
    return caught.value


async def test_failures_in_a_row_open_it_and_nothing_gets_through(clock: ManualClock) -> None:
    breaker = breaker_on(clock)
    await fail(breaker)
    assert (level(breaker), breaker.state.failures) == ("closed", 1)
    await fail(breaker)
    assert (level(breaker), breaker.state.since, breaker.state.until) == ("open", NOON, NOON + REST)
    error = await refused(breaker)
    assert (error.status, error.retryable, error.retry_after) == (503, True, 60)
    await clock.advance(REST / 2)
    assert (await refused(breaker)).retry_after == 30


async def test_a_success_in_between_starts_the_count_again(clock: ManualClock) -> None:
    breaker = breaker_on(clock)
    for _ in range(3):
        await fail(breaker)
        async with breaker.guard():
            pass
    assert (level(breaker), breaker.state.failures) == ("closed", 0)


async def test_after_its_rest_one_failure_opens_it_and_one_success_closes_it(clock: ManualClock) -> None:
    breaker = breaker_on(clock, failures=1)
    await fail(breaker)
    await clock.advance(REST)
    await fail(breaker)
    assert (level(breaker), breaker.state.since, breaker.state.failures) == ("open", NOON + REST, 2)
    await refused(breaker)
    await clock.advance(REST)
    async with breaker.guard():
        assert level(breaker) == "half_open"
    assert (level(breaker), breaker.state.until) == ("closed", None)


async def test_one_trial_is_under_way_at_a_time(clock: ManualClock) -> None:
    breaker = breaker_on(clock, failures=1)
    await fail(breaker)
    await clock.advance(REST)
    async with breaker.guard():
        assert (await refused(breaker)).retry_after == 1
    async with breaker.guard(), breaker.guard():
        pass


async def test_a_trial_that_is_cancelled_says_nothing_and_lets_the_next_one_try(clock: ManualClock) -> None:
    breaker = breaker_on(clock, failures=1)
    await fail(breaker)
    await clock.advance(REST)

    async def ask() -> None:
        async with breaker.guard():
            await asyncio.Event().wait()

    trial = asyncio.create_task(ask())
    await asyncio.sleep(0)
    trial.cancel()
    await asyncio.gather(trial, return_exceptions=True)
    assert level(breaker) == "half_open"
    async with breaker.guard():
        pass
    assert level(breaker) == "closed"


async def test_a_call_from_before_it_opened_says_nothing_about_the_time_since(clock: ManualClock) -> None:
    breaker = breaker_on(clock, failures=1)
    async with breaker.guard():
        await fail(breaker)
    assert level(breaker) == "open"


async def test_a_clock_that_is_set_back_does_not_keep_it_open(clock: ManualClock) -> None:
    breaker = breaker_on(clock, failures=1)
    await fail(breaker)
    await clock.advance(timedelta(hours=-5))
    async with breaker.guard():
        pass
    assert level(breaker) == "closed"


@pytest.mark.parametrize(
    "error",
    [
        *(ProviderFault("x"), ProviderAway("x"), InfrastructureAway("x"), DeadlineExceeded("x")),
        *(TimeoutError(), ConnectionResetError(), OSError()),
    ],
)
def test_no_answer_or_one_that_gives_up_is_a_failure(error: Exception) -> None:
    assert is_failure(error) is True


@pytest.mark.parametrize(
    "error", [InvalidInput("x"), NotFound("x"), ProviderRefused("x"), RateLimited("x", retry_after=5)]
)
def test_an_answer_that_the_caller_does_not_like_is_none(error: VivaError) -> None:
    assert is_failure(error) is False


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyError("ours")])
def test_a_fault_of_ours_says_nothing_of_the_provider(error: BaseException) -> None:
    assert is_failure(error) is None


async def test_metrics_and_listeners_are_told_of_changes_and_of_calls_that_were_not_made(
    clock: ManualClock,
) -> None:
    breaker = breaker_on(clock, failures=1, name="told")
    changes: list[CircuitState] = []
    breaker.on_change(lambda: changes.append(level(breaker)))
    await fail(breaker)
    await refused(breaker)
    await clock.advance(REST)
    async with breaker.guard():
        pass
    assert changes == ["open", "half_open", "closed"]
    assert REGISTRY.get_sample_value("viva_breaker_rejected_total", {"name": "told"}) == 1
    opened = {"name": "told", "state": "open"}
    assert REGISTRY.get_sample_value("viva_breaker_changes_total", opened) == 1
    assert REGISTRY.get_sample_value("viva_breaker_state", {"name": "told"}) == 0
