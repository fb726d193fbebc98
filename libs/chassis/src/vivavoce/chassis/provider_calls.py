"""Calls of models at outside providers: bounded, behind the provider's breaker, measured as every call is."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeVar

from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.errors import ProviderAway, ProviderFault, ProviderRefused, RateLimited, VivaError
from vivavoce.chassis.model_calls import ModelCall, model_call
from vivavoce.chassis.retry_after import seconds_until

ANSWER = TypeVar("ANSWER")

NOT_FOR_US = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN})
PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})


async def call_provider(
    breaker: Breaker,
    ask: Callable[[ModelCall], Awaitable[ANSWER]],
    *,
    operation: str,
    model: str,
    within: timedelta,
) -> ANSWER:
    """What a model at the breaker's provider answers; `ask` sets the call's tokens.

    Raises CircuitOpen at once while the breaker is open, which is no call; ProviderAway after `within`,
    which counts as a failure; and whatever `ask` does.
    """
    async with breaker.guard():
        with model_call(operation, breaker.name, model) as call:
            return await _bounded(breaker.name, ask(call), within)


async def _bounded(provider: str, answer: Awaitable[ANSWER], within: timedelta) -> ANSWER:
    seconds = within.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError as error:
        raise ProviderAway(f"{provider} has not answered within {seconds:g} s.") from error


def error_of_status(provider: str, status: int, retry_after: str | None, now: datetime) -> VivaError:
    """The error that a provider's HTTP status other than 2xx stands for; what it wrote is left out.

    429 is its wish to be asked later. Credentials that it doesn't accept are a failure like any outage:
    they hold for every call. Other 4xx are about this request alone.
    """
    answered = f"{provider} answered with {status}"
    wait = seconds_until(retry_after, now)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"{answered}: it takes no more for now.", retry_after=wait)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return ProviderAway(f"{answered}.", retry_after=wait)
    if status in NOT_FOR_US:
        return ProviderFault(f"{answered}: check the credentials and the account.")
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in PASSING:
        return ProviderRefused(f"{answered}: it doesn't take this request.")
    return ProviderFault(f"{answered}.")
