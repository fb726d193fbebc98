"""Tokens that were checked a moment ago, so that a hot one costs no signature check."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.gateway.auth.keys import FixedKeys, Keys
from vivavoce.gateway.auth.principals import Principal


@dataclass(frozen=True)
class Verified:
    """Whose token it is, by which key set, and until when that counts."""

    principal: Principal
    source: Keys
    keys: FixedKeys
    until: datetime


class VerifiedTokens:
    """At most `size` tokens by their SHA-256, each until it ends and for `seconds` at most.

    One that was checked with a key set that is no longer its issuer's counts for nothing.
    """

    def __init__(self, clock: Clock, *, seconds: float, size: int) -> None:
        self._clock = clock
        self._lifetime = timedelta(seconds=seconds)
        self._size = size
        self._known: OrderedDict[bytes, Verified] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._known)

    def find(self, token: str) -> Principal | None:
        """Whose token it is, if that is known."""
        digest = _digest(token)
        known = self._known.get(digest)
        if known is None:
            return None
        if known.until <= self._clock.now() or known.source.current() is not known.keys:
            del self._known[digest]
            return None
        self._known.move_to_end(digest)
        return known.principal

    def add(self, token: str, principal: Principal, source: Keys, keys: FixedKeys, ends: float) -> None:
        """Remember a token that holds and ends at a time in seconds since 1970."""
        now = self._clock.now()
        left = min(self._lifetime.total_seconds(), ends - now.timestamp())
        if left <= 0:
            return
        until = now.astimezone(UTC) + timedelta(seconds=left)
        self._known[_digest(token)] = Verified(principal, source, keys, until)
        if len(self._known) > self._size:
            self._known.popitem(last=False)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
