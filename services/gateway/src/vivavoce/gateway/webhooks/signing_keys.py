"""Endpoints' public signing keys, for anyone: remembered for a while, so that a crowd asks once."""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import NotFound, Overloaded
from vivavoce.chassis.http import request_ids
from vivavoce.contracts import GetSigningKeys, SigningKey, SigningKeysFound
from vivavoce.gateway.webhooks.notifier import Notifier

MOST_REMEMBERED = 1_000
MOST_AT_ONCE = 4
MOST_WAITING = 100
ANYONE = "anyone"

Known = tuple[datetime, tuple[SigningKey, ...] | None]
"""Until when it counts, and the keys; None for an endpoint that there isn't."""


class SigningKeys:
    """Asks the notifier for keys, a few at once, and remembers also that there are none.

    Nobody has to authenticate for these, so guessing ids must neither crowd out other questions nor
    make this process remember without end.
    """

    def __init__(self, notifier: Notifier, clock: Clock, seconds: float) -> None:
        self._notifier = notifier
        self._clock = clock
        self.kept = timedelta(seconds=seconds)
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._waiting = 0

    async def of(self, endpoint_id: str) -> tuple[SigningKey, ...]:
        """The keys, newest first; raises NotFound, or Overloaded when too many ask."""
        known = self._remembered(endpoint_id) or await self._in_turn(endpoint_id)
        if known[1] is None:
            raise NotFound(f"There is no webhook {endpoint_id}.")
        return known[1]

    def _remembered(self, endpoint_id: str) -> Known | None:
        known = self._known.get(endpoint_id)
        return known if known is not None and known[0] > self._clock.now() else None

    async def _in_turn(self, endpoint_id: str) -> Known:
        if self._waiting >= MOST_WAITING:
            raise Overloaded("Too many ask for signing keys.", retry_after=1.0)
        self._waiting += 1
        try:
            async with self._room:
                return self._remembered(endpoint_id) or await self._asked(endpoint_id)
        finally:
            self._waiting -= 1

    async def _asked(self, endpoint_id: str) -> Known:
        context = Context(ANYONE, request_ids().correlation_id)
        question = GetSigningKeys(endpoint_id=endpoint_id)
        keys: tuple[SigningKey, ...] | None
        try:
            keys = (await self._notifier.ask(question, context, SigningKeysFound)).keys
        except NotFound:
            keys = None
        known = (self._clock.now() + self.kept, keys)
        self._known[endpoint_id] = known
        self._known.move_to_end(endpoint_id)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known
