"""What was looked up a moment ago, so that a hot credential costs no database read."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.shared_looks import IN_ONE_LOOK, LookUp, SharedLooks

VALUE = TypeVar("VALUE")
REMEMBERED = 10_000
ROUNDS_IN_A_LIFE = 3


@dataclass
class _Entry(Generic[VALUE]):
    """What one look found, None when there was nothing, and whether anybody has asked since."""

    value: VALUE | None
    looked_at: datetime
    asked: bool = False


class Remembered(Generic[VALUE]):
    """Records by id, each believed for one life from the beginning of the look that found it.

    What is asked for again meanwhile is looked up in the background by `refresh`, many in one read; the
    rest is looked up by whoever asks next, and all who ask at one time share one read. Ids that aren't
    there are remembered as well, in a room of their own, so that guesses push out nothing that is known,
    and are not looked up in the background.
    """

    def __init__(
        self, look_up: LookUp[VALUE], clock: Clock, life: timedelta, *, most: int = REMEMBERED
    ) -> None:
        self._look_up = look_up
        self._clock = clock
        self._life = life
        self._most = most
        self._known: OrderedDict[str, _Entry[VALUE]] = OrderedDict()
        self._absent: OrderedDict[str, _Entry[VALUE]] = OrderedDict()
        self._shared = SharedLooks(self._fetch)
        self._looks = 0
        self._looking = 0
        self._dropped: dict[str, int] = {}
        self._all_dropped = 0

    async def get(self, record_id: str) -> VALUE | None:
        """The record, at most one life old, or None; raises InfrastructureAway when it can't be read."""
        entry = self._known.get(record_id) or self._absent.get(record_id)
        if entry is not None and self._is_young(entry, self._life):
            entry.asked = True
            return entry.value
        return await self._shared.get(record_id)

    def drop(self, record_id: str) -> None:
        """Forget a record at once, also one that is being read."""
        self._known.pop(record_id, None)
        self._absent.pop(record_id, None)
        if self._looking:
            self._dropped[record_id] = self._looks

    def drop_where(self, matches: Callable[[VALUE], bool]) -> None:
        """Forget all records that match at once, and whatever might be one: what is absent or being read."""
        for record_id in [each for each, entry in self._known.items() if _holds(entry, matches)]:
            del self._known[record_id]
        self._absent.clear()
        self._all_dropped = self._looks

    async def refresh(self) -> None:
        """Look again for what was asked for since its last look and has lived a good part of its life."""
        young = self._life / ROUNDS_IN_A_LIFE
        due = [
            record_id
            for record_id, entry in self._known.items()
            if entry.asked and not self._is_young(entry, young)
        ]
        for first in range(0, len(due), IN_ONE_LOOK):
            await self._fetch(due[first : first + IN_ONE_LOOK])

    def _is_young(self, entry: _Entry[VALUE], life: timedelta) -> bool:
        """Whether an entry is younger than this; one from the future isn't: the clock was set back."""
        return timedelta() <= self._clock.now() - entry.looked_at < life

    async def _fetch(self, ids: Sequence[str]) -> Mapping[str, VALUE]:
        looked_at = self._clock.now()
        self._looks += 1
        self._looking += 1
        look = self._looks
        try:
            found = await self._look_up(ids)
            for record_id in ids:
                if max(self._dropped.get(record_id, 0), self._all_dropped) < look:
                    self._keep(record_id, _Entry(found.get(record_id), looked_at))
        finally:
            self._looking -= 1
            if not self._looking:
                self._dropped.clear()
        return found

    def _keep(self, record_id: str, entry: _Entry[VALUE]) -> None:
        present = self._known.pop(record_id, None) or self._absent.pop(record_id, None)
        if present is not None and present.looked_at > entry.looked_at:
            entry = present
        room = self._absent if entry.value is None else self._known
        room[record_id] = entry
        while len(room) > self._most:
            room.popitem(last=False)


def _holds(entry: _Entry[VALUE], matches: Callable[[VALUE], bool]) -> bool:
    return entry.value is not None and matches(entry.value)
