"""Pages of a log that is asked for with filters: each costs a bounded amount, however long the log is."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from vivavoce.chassis.documents import Collection, Where
from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.contracts.webhook_limits import MOST_ON_A_PAGE
from vivavoce.notifier.deliveries import Attempt, Delivery, moment_in_order
from vivavoce.notifier.endpoints import Endpoint

MOST_EXAMINED = 2_000
CHUNK = 200
MOST_AT_ONE_TIME = 1_000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
FIRST, LAST = "", "~"

PLACED = TypeVar("PLACED", Delivery, Attempt, Endpoint)
UPDATED = TypeVar("UPDATED", Delivery, Endpoint)


@dataclass(frozen=True)
class Page(Generic[PLACED]):
    """Some documents, and where the next ones are; None when there are none.

    `cursors` are those of the items, each good to go on after it; there are none where reading can't go on
    within a page.
    """

    items: list[PLACED]
    next_cursor: str | None
    cursors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """The places that are asked for, from `low` until before `high`."""

    low: str = FIRST
    high: str = LAST

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None) -> "Span":
        """The places of what happened from `since` until before `until`."""
        low = FIRST if since is None else moment_in_order(max(since, EARLIEST))
        return cls(low, LAST if until is None else moment_in_order(max(until, EARLIEST)))


async def newest_first(
    collection: Collection[PLACED],
    organization_id: str,
    where: Where,
    span: Span,
    *,
    cursor: str | None,
    limit: int,
    wanted: Callable[[PLACED], bool] | None = None,
) -> Page[PLACED]:
    """A page by descending place. `where` has to be covered by an index that ends in `place`.

    `wanted` is looked at in what was found; when little of it is wanted, a page may be short or empty and
    still have a next one.
    """
    upper = span.high if cursor is None else min(span.high, _read(cursor)[0])
    size = limit + 1 if wanted is None else max(limit + 1, CHUNK)
    found: list[PLACED] = []
    for _ in range(0, MOST_EXAMINED, size):
        places = {**where, "place": {"$gte": span.low, "$lt": upper}}
        chunk = await collection.find(organization_id, places, sort=(("place", -1),), limit=size)
        for item in chunk:
            if wanted is not None and not wanted(item):
                continue
            if len(found) == limit:
                return _page(found, found[-1].place)
            found.append(item)
        if len(chunk) < size:
            return _page(found, None)
        upper = chunk[-1].place
    return _page(found, upper)


async def oldest_first(
    collection: Collection[PLACED], organization_id: str, *, cursor: str | None, limit: int
) -> Page[PLACED]:
    """A page of all, by ascending place."""
    after = FIRST if cursor is None else _read(cursor)[0]
    found = await collection.find(
        organization_id, {"place": {"$gt": after}}, sort=(("place", 1),), limit=limit + 1
    )
    return _page(found[:limit], found[limit - 1].place if len(found) > limit else None)


async def last_changed_first(
    collection: Collection[UPDATED],
    organization_id: str,
    after: datetime,
    *,
    cursor: str | None,
    limit: int,
    wanted: Callable[[UPDATED], bool] | None = None,
) -> Page[UPDATED]:
    """A page of what changed after a time. What changed at one time is not split over pages.

    So a page is short or long where many changed at once.
    """
    before = {} if cursor is None else {"$lt": _read_time(cursor)}
    changed: Where = {"updated_at": {"$gt": max(after, EARLIEST), **before}}
    found = await collection.find(organization_id, changed, sort=(("updated_at", -1),), limit=limit + 1)
    next_cursor = None
    if len(found) > limit:
        cut = found[limit].updated_at
        whole = [item for item in found if item.updated_at > cut]
        found = whole or await _changed_at(collection, organization_id, cut)
        next_cursor = cursor_of(found[-1].updated_at.isoformat())
    return Page([item for item in found if wanted is None or wanted(item)], next_cursor)


def _page(found: list[PLACED], reached: str | None) -> Page[PLACED]:
    """A page in the order of places, of a list that goes on after the place that was reached."""
    next_cursor = None if reached is None else cursor_of(reached)
    return Page(found, next_cursor, tuple(cursor_of(item.place) for item in found))


async def _changed_at(collection: Collection[UPDATED], organization_id: str, at: datetime) -> list[UPDATED]:
    return await collection.find(organization_id, {"updated_at": at}, limit=MOST_AT_ONE_TIME)


def limit_of(asked: int) -> int:
    """How much is on a page; raises InvalidInput."""
    if 1 <= asked <= MOST_ON_A_PAGE:
        return asked
    problem = FieldProblem("limit", f"give 1 to {MOST_ON_A_PAGE}")
    raise InvalidInput("No page is so long.", problems=(problem,))


def cursor_of(*parts: str) -> str:
    """The parts as a caller carries them: opaque, and safe in an address."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


def _read(cursor: str) -> list[str]:
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise _unreadable() from error
    if not (isinstance(parts, list) and parts and all(_is_plain(part) for part in parts)):
        raise _unreadable()
    return parts


def _is_plain(part: object) -> bool:
    return isinstance(part, str) and part.isascii()


def _read_time(cursor: str) -> datetime:
    try:
        at = datetime.fromisoformat(_read(cursor)[0])
    except ValueError as error:
        raise _unreadable() from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _unreadable() -> InvalidInput:
    problem = FieldProblem("cursor", "give the nextCursor of an earlier page of the same list")
    return InvalidInput("The cursor can't be read.", problems=(problem,))
