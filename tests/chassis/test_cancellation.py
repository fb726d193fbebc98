"""A swallowed cancellation ends the task all the same."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from vivavoce.chassis.cancellation import cancellation_kept


async def swallow(seconds: float) -> None:
    """Behave as `asyncio.wait_for` of Python 3.11 may."""
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        return


async def swallow_and_fail(seconds: float) -> None:
    await swallow(seconds)
    raise ConnectionError


@pytest.mark.parametrize("library", [swallow, swallow_and_fail])
async def test_a_task_ends_although_a_library_swallowed_its_cancellation(
    library: Callable[[float], Awaitable[None]],
) -> None:
    went_on = False

    async def work() -> None:
        nonlocal went_on
        with cancellation_kept():
            await library(60)
        went_on = True

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on


async def test_work_of_a_task_that_was_cancelled_before_goes_on() -> None:
    cleaned_up = False

    async def work() -> None:
        nonlocal cleaned_up
        try:
            await asyncio.sleep(60)
        finally:
            with cancellation_kept():
                await asyncio.sleep(0)
            cleaned_up = True

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned_up


async def test_other_errors_pass() -> None:
    with pytest.raises(LookupError), cancellation_kept():
        raise LookupError
