"""Reading the audit log: pages, newest first, each a bounded number of looks whatever is asked for."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.gateway.audit.entries import NARROWING, Entry, moment_in_order
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.signing import key_for

CHUNK = 200
MOST_EXAMINED = 2_000
FIRST, LAST = "", "~"
MARK_BYTES = 12


@dataclass(frozen=True)
class Wish:
    """Which entries: of what happened from `since` until before `until`, and equal in what is named."""

    named: Mapping[str, str]
    since: datetime | None = None
    until: datetime | None = None

    @property
    def low(self) -> str:
        """The first place that is wanted."""
        return FIRST if self.since is None else moment_in_order(self.since)

    @property
    def high(self) -> str:
        """The place before which all that is wanted is."""
        return LAST if self.until is None else moment_in_order(self.until)


@dataclass(frozen=True)
class Page:
    """Some entries, and where the next ones are; None when there are none."""

    entries: tuple[Entry, ...]
    next_cursor: str | None


class AuditReader:
    """Reads an organization's entries. Cursors are its own: no other's are taken, nor made up ones."""

    def __init__(self, audit: AuditLog, secret: str) -> None:
        self._entries = audit.entries
        self._key = key_for("audit cursors", secret)

    async def page(self, organization_id: str, wish: Wish, *, cursor: str | None, limit: int) -> Page:
        """A page, newest first; raises InvalidInput at a cursor that is none.

        One of the equalities may be looked for in an index, the others in what is found by it: a page may
        be short or empty and still have a next one.
        """
        where = _indexed(wish.named)
        is_wanted = _rest(wish.named, where)
        upper = wish.high if cursor is None else min(wish.high, self._read(organization_id, cursor))
        found: list[Entry] = []
        size = max(limit + 1, CHUNK) if wish.named.keys() - where else limit + 1
        for _ in range(0, MOST_EXAMINED, size):
            places = {**where, "place": {"$gte": wish.low, "$lt": upper}}
            chunk = await self._entries.find(organization_id, places, sort=(("place", -1),), limit=size)
            for entry in filter(is_wanted, chunk):
                if len(found) == limit:
                    return Page(tuple(found), self._cursor(organization_id, found[-1].place))
                found.append(entry)
            if len(chunk) < size:
                return Page(tuple(found), None)
            upper = chunk[-1].place
        return Page(tuple(found), self._cursor(organization_id, upper))

    def _cursor(self, organization_id: str, place: str) -> str:
        told = json.dumps([place, self._mark(organization_id, place)]).encode()
        return base64.urlsafe_b64encode(told).rstrip(b"=").decode()

    def _read(self, organization_id: str, cursor: str) -> str:
        """The place that a cursor leads to."""
        try:
            place, mark = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if hmac.compare_digest(mark.encode(), self._mark(organization_id, place).encode()):
                return str(place)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise _unreadable() from error
        raise _unreadable()

    def _mark(self, organization_id: str, place: str) -> str:
        told = json.dumps([organization_id, place]).encode()
        return hmac.digest(self._key, told, "sha256")[:MARK_BYTES].hex()


def _indexed(named: Mapping[str, str]) -> dict[str, str]:
    """The one equality that narrows most."""
    return next(({name: named[name]} for name in NARROWING if name in named), {})


def _rest(named: Mapping[str, str], indexed: Mapping[str, str]) -> Callable[[Entry], bool]:
    others = {name: value for name, value in named.items() if name not in indexed}
    return lambda entry: all(getattr(entry, name) == value for name, value in others.items())


def _unreadable() -> InvalidInput:
    problem = FieldProblem("cursor", "give the nextCursor of an earlier page of the same list")
    return InvalidInput("The cursor can't be read.", problems=(problem,))
