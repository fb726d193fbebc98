"""Keys of an issuer elsewhere: kept at hand, renewed in time, and asked for seldom whatever comes."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import ProviderAway, ProviderFault, VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.auth.key_fetch import Fetch
from vivavoce.gateway.auth.keys import UNUSABLE, FixedKeys

ALGORITHMS = ("RS256",)
MOST_UNKNOWN = 1_000
SOONEST_SECONDS = 1.0

log = get_logger(__name__)


@dataclass(frozen=True)
class Pace:
    """How often an issuer is asked for its keys.

    `renewed`: the age at which keys are asked for in the background. `kept`: the age up to which they
    are believed while the issuer is away. `between`: the least time from one question that a request
    causes to the next. `unknown`: for how long a key that isn't in the set is not asked for again.
    """

    renewed: timedelta
    kept: timedelta
    between: timedelta
    unknown: timedelta


class RemoteKeys:
    """The key set at an issuer's address, behind a breaker.

    However many requests name however many keys that aren't known, one question is on its way at a
    time, and the next one may start `Pace.between` after the last.
    """

    def __init__(self, fetch: Fetch, breaker: Breaker, clock: Clock, pace: Pace) -> None:
        self.breaker = breaker
        self._fetch = fetch
        self._clock = clock
        self._pace = pace
        self._keys: FixedKeys | None = None
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._failure: VivaError | None = None
        self._asking: asyncio.Task[None] | None = None
        self._unknown: OrderedDict[str | None, datetime] = OrderedDict()

    @property
    def unknown(self) -> int:
        """How many keys are remembered that the issuer doesn't have."""
        return len(self._unknown)

    def current(self) -> FixedKeys | None:
        """The keys, unless they are too old to be believed."""
        known = self._fetched_at is not None and self._clock.now() < self._fetched_at + self._pace.kept
        return self._keys if known else None

    async def with_key(self, key_id: str | None) -> FixedKeys | None:
        """The keys after looking for one; raises ProviderAway when only the issuer could tell."""
        keys = self.current()
        if keys is not None and (keys.get(key_id) is not None or self._is_unknown(key_id)):
            return keys
        await self._ask_seldom()
        keys = self.current()
        found = keys is not None and keys.get(key_id) is not None
        if keys is None or (self._failure is not None and not found):
            raise self._away()
        if not found:
            self._remember_unknown(key_id)
        return keys

    async def renew_forever(self) -> None:
        """Ask for the keys now, and again before they grow old."""
        while True:
            await self._ask()
            wait = self._pace.renewed if self._failure is None else self._pace.between
            await self._clock.sleep(wait.total_seconds())

    async def _ask_seldom(self) -> None:
        if self._asking is not None or self._next_try() <= self._clock.now():
            await self._ask()

    def _next_try(self) -> datetime:
        return self._clock.now() if self._tried_at is None else self._tried_at + self._pace.between

    async def _ask(self) -> None:
        """Ask the issuer, or wait for the question that is on its way; a caller who leaves doesn't end it."""
        if self._asking is None:
            self._tried_at = self._clock.now()
            self._asking = asyncio.create_task(self._renew())
            self._asking.add_done_callback(self._asked)
        await asyncio.shield(self._asking)

    def _asked(self, _: asyncio.Task[None]) -> None:
        self._asking = None

    async def _renew(self) -> None:
        try:
            async with self.breaker.guard():
                keys = usable(await self._fetch())
        except VivaError as error:
            self._failure = error
            log.warning("issuer_keys_unavailable", error=error.code, reason=error.message)
            return
        self._failure, self._fetched_at = None, self._clock.now()
        if self._keys is None or keys.public() != self._keys.public():
            self._keys = keys

    def _is_unknown(self, key_id: str | None) -> bool:
        until = self._unknown.get(key_id)
        return until is not None and self._clock.now() < until

    def _remember_unknown(self, key_id: str | None) -> None:
        self._unknown[key_id] = self._clock.now() + self._pace.unknown
        self._unknown.move_to_end(key_id)
        if len(self._unknown) > MOST_UNKNOWN:
            self._unknown.popitem(last=False)

    def _away(self) -> ProviderAway:
        wait = (self._next_try() - self._clock.now()).total_seconds()
        told = self._failure.retry_after if self._failure is not None else None
        return ProviderAway(
            "The issuer of this token doesn't answer, so that its signature can't be checked now. "
            "Nothing is wrong with the token as far as is known: try again.",
            retry_after=max(wait, told or 0.0, SOONEST_SECONDS),
        )


def usable(jwks: dict[str, object]) -> FixedKeys:
    """The keys of an issuer's answer; raises ProviderFault when there is none that could sign a token."""
    try:
        keys = FixedKeys(jwks, ALGORITHMS)
    except UNUSABLE as error:
        raise ProviderFault("The issuer's key set can't be used.") from error
    if not len(keys):
        raise ProviderFault(f"The issuer's key set has no key for {', '.join(ALGORITHMS)}.")
    return keys
