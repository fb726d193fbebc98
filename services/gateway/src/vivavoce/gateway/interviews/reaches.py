"""How far back somebody's latest interviews reached a moment ago, so that reading begins with as much."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vivavoce.gateway.interviews.entries import Entry

BELIEVED = timedelta(minutes=1)
"""For no longer, since what has come meanwhile is read as well."""
REMEMBERED = 1_000


@dataclass(frozen=True)
class _Reach:
    oldest: datetime
    noted_at: datetime


class Reaches:
    """The oldest of the latest interviews by what they were asked for."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, _Reach] = OrderedDict()

    def of(self, asked: Hashable, now: datetime) -> timedelta | None:
        """How far back from now they reach; None when that isn't known."""
        known = self._known.get(asked)
        if known is None or not timedelta() <= now - known.noted_at < BELIEVED:
            return None
        return now - known.oldest

    def note(
        self, asked: Hashable, found: Sequence[Entry], limit: int, since: datetime, now: datetime
    ) -> None:
        """Remember what was found: as many as were asked for, or all that there are since a time."""
        oldest = found[-1].submitted_at if len(found) == limit else since
        self._known[asked] = _Reach(oldest, now)
        self._known.move_to_end(asked)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
