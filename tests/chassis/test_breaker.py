"""A breaker around a provider: open after failures in a row, tried again after a rest."""

import asyncio

import pytest

from tests.support.gateway import NOON
from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import ProviderAway, ProviderFault


def level(breaker: Breaker) -> str:
    return breaker.state.state


async def fail(breaker: Breaker) -> None:
    with pytest.raises(ProviderFault):
        async with breaker.guard():
            raise ProviderFault("away")


async def test_failures_in_a_row_open_it_and_nothing_gets_through() -> None:
    breaker = Breaker("provider", ManualClock(NOON), failures=2, rest_seconds=60)
    await fail(breaker)
    assert level(breaker) == "closed"
    await fail(breaker)
    assert (level(breaker), breaker.state.since) == ("opened", NOON)
    with pytest.raises(ProviderAway) as refused:
        async with breaker.guard():
            raise AssertionError("it was asked")
    assert refused.value.retry_after == 60


async def test_a_success_in_between_starts_the_count_again() -> None:
    breaker = Breaker("provider", ManualClock(NOON), failures=2, rest_seconds=60)
    for _ in range(3):
        await fail(breaker)
        async with breaker.guard():
            pass
    assert level(breaker) == "closed"


async def test_after_its_rest_one_success_closes_it_and_one_failure_opens_it() -> None:
    breaker = Breaker("provider", ManualClock(NOON), failures=1, rest_seconds=0.001)
    await fail(breaker)
    await asyncio.sleep(0.01)
    await fail(breaker)
    assert level(breaker) == "opened"
    await asyncio.sleep(0.01)
    async with breaker.guard():
        pass
    assert level(breaker) == "closed"
