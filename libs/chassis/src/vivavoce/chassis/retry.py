"""How often and how soon something is tried again."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import WAITED_FOR, VivaError

RESULT = TypeVar("RESULT")


@dataclass(frozen=True)
class Backoff:
    """Waits that double from `first` to `longest` seconds, each shortened by up to half at random."""

    first: float = 0.2
    longest: float = 10.0

    def seconds(self, attempt: int, error: VivaError | None = None) -> float:
        """The wait after the given failed try, counted from 1.

        An error's own `retry_after` is honoured, up to `longest`.
        """
        doubled = min(self.longest, self.first * 2.0 ** min(attempt - 1, 30))
        jittered = doubled * random.uniform(0.5, 1.0)
        asked = error.retry_after if error is not None and error.retry_after is not None else 0.0
        return min(self.longest, max(jittered, asked))

    def total(self, tries: int) -> float:
        """The longest time that the waits between `tries` tries can take together, in seconds."""
        return self.longest * max(0, tries - 1)


class HandBack(VivaError):
    """What is being done can't be finished now: give it back, to be begun anew later."""

    code = "handed_back"
    status = 503
    retryable = True


class GaveUp(Exception):
    """The tries are used up, or trying again can't help."""

    def __init__(self, error: VivaError, attempts: int) -> None:
        super().__init__(error.message)
        self.error = error
        self.attempts = attempts


def as_viva(error: Exception) -> VivaError:
    """The error in terms of the tree: an unknown one may pass, so it is tried again."""
    if isinstance(error, VivaError):
        return error
    return UnknownFault(f"{type(error).__name__}: {error}")


class UnknownFault(VivaError):
    """An exception outside the error tree: a fault of ours, which may or may not pass."""

    code = "internal_error"
    status = 500
    retryable = True


@dataclass
class Patience:
    """Waits on a clock, until told to stop.

    `limit` is how many seconds in a row what is waited for may be away before HandBack is raised;
    with 0, the first time is too long.
    """

    clock: Clock
    backoff: Backoff = field(default_factory=Backoff)
    limit: float = 30.0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, seconds: float) -> None:
        """Return when the seconds have passed; raises HandBack as soon as the process stops."""
        if not self.stopping.is_set():
            await self._first_of(self.clock.sleep(seconds), self.stopping.wait())
        if self.stopping.is_set():
            raise HandBack("The process is stopping.")

    async def outlast(self, work: Callable[[], Awaitable[RESULT]]) -> RESULT:
        """The result of the work, tried again for as long as the infrastructure or a provider is away."""
        since = self.clock.now()
        attempt = 0
        while True:
            try:
                return await work()
            except WAITED_FOR as error:
                attempt += 1
                if (self.clock.now() - since).total_seconds() >= self.limit:
                    raise HandBack(f"Away for more than {self.limit} s: {error.message}") from error
                await self.wait(self.backoff.seconds(attempt, error))

    async def persist(
        self,
        work: Callable[[], Awaitable[RESULT]],
        *,
        tries: int,
        on_retry: Callable[[VivaError, int], None] = lambda _, __: None,
    ) -> RESULT:
        """The result of the work within a number of tries; raises GaveUp.

        Tries at which the infrastructure was away, or a breaker open, don't count.
        """
        for attempt in range(1, tries + 1):
            try:
                return await self.outlast(work)
            except HandBack:
                raise
            except Exception as raised:  # handlers may raise anything; it is classed, logged and kept
                error = as_viva(raised)
                on_retry(error, attempt)
                if not error.retryable or attempt == tries:
                    raise GaveUp(error, attempt) from raised
                await self.wait(self.backoff.seconds(attempt, error))
        raise ValueError("tries must be at least 1")

    @staticmethod
    async def _first_of(*awaitables: Awaitable[object]) -> None:
        tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
