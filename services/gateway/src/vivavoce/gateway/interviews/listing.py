"""Pages of interviews: filtered and ordered, at a cost that doesn't grow with the number of interviews."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vivavoce.chassis.documents import Collection
from vivavoce.contracts import RiskBand
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.interviews.entries import Entry, Order, Standing, score_key, time_key
from vivavoce.gateway.interviews.spans import AFTER_ALL, BEFORE_ALL, Stretches, segments_of

MOST_EXAMINED = 1_000
AT_ONCE = 200
RIGHT_AFTER = "!"
"""Sorts before every digit, so that nothing lies between a text and the text with this."""


@dataclass(frozen=True)
class Filter:
    """What an interview must be to be listed; None asks for nothing. `until` is no longer included."""

    status: Standing | None = None
    position_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    integrity_band: RiskBand | None = None
    least_score: float | None = None
    most_score: float | None = None
    candidate_email: str | None = None
    external_id: str | None = None
    application_id: str | None = None


@dataclass(frozen=True)
class Slice:
    """Which part of a list: at most `size` entries beyond the place, backwards from it or forwards.

    A place is the text that the list is ordered by, of an entry; without one, the list's beginning or,
    backwards, its end. Without `peek` nobody looks whether more follow. `reach` is how far back the page is
    expected to reach, if that is known.
    """

    order: Order
    descending: bool
    size: int
    place: str | None = None
    backwards: bool = False
    peek: bool = True
    reach: timedelta | None = None

    @property
    def needed(self) -> int:
        """How many entries end the search."""
        return self.size + self.peek

    @property
    def begins_at_the_oldest(self) -> bool:
        """Whether reading begins at the beginning of times, which has to be known for that."""
        return self.place is None and not self.falls and self.order is not Order.OVERALL_SCORE

    @property
    def falls(self) -> bool:
        """Whether the texts that entries are ordered by fall on the way."""
        return self.descending != self.backwards


@dataclass(frozen=True)
class Page:
    """Entries in the list's order. `reached` is how far was looked, `more` whether something may follow."""

    entries: tuple[Entry, ...]
    more: bool
    reached: str | None


def matches(entry: Entry, wanted: Filter) -> bool:
    """Whether an interview is one of those that are asked for."""
    equal = (
        (wanted.status, entry.status),
        (wanted.position_id, entry.position_id),
        (wanted.integrity_band, entry.integrity_band),
        (wanted.candidate_email, entry.candidate_email),
        (wanted.external_id, entry.external_id),
        (wanted.application_id, entry.application_id),
    )
    return (
        all(asked is None or asked == found for asked, found in equal)
        and _within(entry.submitted_at, wanted.since, wanted.until)
        and _scored_within(entry.overall, wanted.least_score, wanted.most_score)
    )


async def page_of(
    entries: Collection[Entry],
    principal: Principal,
    scopes: Sequence[dict[str, str]],
    wanted: Filter,
    part: Slice,
    *,
    since: datetime,
    now: datetime,
) -> Page:
    """A page of the interviews that the principal may see.

    They are within any of the `scopes`. Those of one candidate, application or outer id, and those of who is
    not staff in several scopes or in another order than by submission, are ordered here, and are the latest
    `MOST_EXAMINED` of each. All others are read in the order of an index, no more than `MOST_EXAMINED` of
    them: a page may then have fewer than were asked for, though more follow. `since` is about when the
    organization's interviews begin: older ones are found too.
    """
    few = _one_of_few(wanted)
    gathered = [few] if few else scopes
    if few or len(scopes) > 1 or (scopes[0] and part.order is not Order.SUBMITTED_AT):
        latest = [await _latest(entries, principal.organization_id, where) for where in gathered]
        unique = {entry.id: entry for found in latest for entry in found}.values()
        seen = [
            entry
            for entry in unique
            if principal.sees(entry.submitted_by, entry.candidate_email, entry.id) and matches(entry, wanted)
        ]
        return _in_order(_cut(seen, part), part)
    walk = _Walk(entries, principal.organization_id, scopes[0], wanted, part, since, now)
    return _in_order(await walk.page(), part)


async def latest_of(
    entries: Collection[Entry],
    organization_id: str,
    where: dict[str, str],
    limit: int,
    *,
    since: datetime,
    now: datetime,
    reach: timedelta | None = None,
) -> tuple[Entry, ...]:
    """The latest interviews with one submitter or one candidate, which are expected to reach so far back."""
    part = Slice(Order.SUBMITTED_AT, descending=True, size=limit, peek=False, reach=reach)
    return (await _Walk(entries, organization_id, where, Filter(), part, since, now).page()).entries


async def _latest(entries: Collection[Entry], organization_id: str, where: dict[str, str]) -> list[Entry]:
    order = [(Order.SUBMITTED_AT.value, -1)]
    return await entries.find(organization_id, where, sort=order, limit=MOST_EXAMINED)


def _one_of_few(wanted: Filter) -> dict[str, str]:
    values = {
        "external_id": wanted.external_id,
        "application_id": wanted.application_id,
        "candidate_email": wanted.candidate_email,
    }
    return next(({name: value} for name, value in values.items() if value is not None), {})


def _cut(seen: Sequence[Entry], part: Slice) -> Page:
    ordered = sorted(seen, key=lambda entry: key_of(entry, part.order), reverse=part.falls)
    beyond = [entry for entry in ordered if part.place is None or _is_beyond(entry, part, part.place)]
    return _page(beyond, part, more=len(beyond) > part.size)


def _is_beyond(entry: Entry, part: Slice, place: str) -> bool:
    key = key_of(entry, part.order)
    return key < place if part.falls else key > place


@dataclass(frozen=True)
class _Walk:
    """Reads along an index, stretch by stretch: `own` is what its first fields must be."""

    entries: Collection[Entry]
    organization_id: str
    own: dict[str, str]
    wanted: Filter
    part: Slice
    since: datetime
    now: datetime

    async def page(self) -> Page:
        """The page, or as much of it as `MOST_EXAMINED` entries have."""
        part, seen, examined = self.part, [], 0
        bounds = _bounds(self.wanted, part)
        segments = segments_of(part.order, self.since, self.now, part.reach)
        stretches = Stretches(part.order, segments, part.falls, bounds)
        stretch, found = stretches.next(), 0
        while stretch is not None:
            found = 0
            async for batch in self._batches(*stretch):
                found += len(batch)
                seen += [entry for entry in batch if matches(entry, self.wanted)]
                if len(seen) >= part.needed:
                    return _page(seen, part, more=len(seen) > part.size)
                if examined + found >= MOST_EXAMINED:
                    return replace(_page(seen, part, more=True), reached=key_of(batch[-1], part.order))
            examined += found
            stretch = stretches.next(found, part.needed - len(seen))
        return _page(seen, part, more=False)

    async def _batches(self, low: str, high: str) -> AsyncIterator[list[Entry]]:
        """The entries of a stretch, in order, some at a time."""
        order, falls = self.part.order, self.part.falls
        asks = any(value is not None for value in vars(self.wanted).values())
        limit = min(AT_ONCE, MOST_EXAMINED) if asks else self.part.needed
        while True:
            batch = await self.entries.find(
                self.organization_id,
                {**self.own, order.value: {"$gte": low, "$lt": high}},
                sort=[(order.value, -1 if falls else 1)],
                limit=limit,
            )
            if batch:
                yield batch
            if len(batch) < limit:
                return
            last = key_of(batch[-1], order)
            low, high = (low, last) if falls else (last + RIGHT_AFTER, high)


def _bounds(wanted: Filter, part: Slice) -> tuple[str, str]:
    lowest, highest = BEFORE_ALL, AFTER_ALL
    if part.order is Order.SUBMITTED_AT:
        lowest = time_key(wanted.since, "") if wanted.since else lowest
        highest = time_key(wanted.until, AFTER_ALL) if wanted.until else highest
    if part.order is Order.OVERALL_SCORE:
        lowest = _score_bound(wanted.least_score, BEFORE_ALL, lowest)
        highest = _score_bound(wanted.most_score, AFTER_ALL, highest)
    if part.place is not None and part.falls:
        highest = min(highest, part.place)
    elif part.place is not None:
        lowest = max(lowest, part.place + RIGHT_AFTER)
    return lowest, highest


def _score_bound(score: float | None, entry_id: str, otherwise: str) -> str:
    return otherwise if score is None else score_key(min(max(score, 0.0), 100.0), entry_id)


def _page(seen: Sequence[Entry], part: Slice, *, more: bool) -> Page:
    taken = tuple(seen[: part.size])
    return Page(taken, more, key_of(taken[-1], part.order) if taken else part.place)


def _in_order(page: Page, part: Slice) -> Page:
    return replace(page, entries=page.entries[::-1]) if part.backwards else page


def key_of(entry: Entry, order: Order) -> str:
    """The text that a list is ordered by, of an entry."""
    keys = {
        Order.SUBMITTED_AT: entry.by_submission,
        Order.COMPLETED_AT: entry.by_completion,
        Order.OVERALL_SCORE: entry.by_score,
    }
    return keys[order]


def _within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _scored_within(score: float | None, least: float | None, most: float | None) -> bool:
    if score is None:
        return least is None and most is None
    return (least is None or score >= least) and (most is None or score <= most)
