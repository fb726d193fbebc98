"""What is worth writing down of requests, kept in memory until it is written, many in one go."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from vivavoce.chassis.clock import Clock

NOTE = TypeVar("NOTE")
VALUE = TypeVar("VALUE")
MOST_NOTES = 10_000
A_MINUTE = timedelta(minutes=1)

Write = Callable[[Mapping[str, NOTE]], Awaitable[None]]
"""Stores the notes by their ids."""


def is_worth_writing(last: datetime | None, at: datetime) -> bool:
    """Whether a moment is news where an earlier one is stored, perhaps by another instance."""
    return last is None or at - last >= A_MINUTE


class Notes(Generic[NOTE]):
    """The latest note about each id; one that says nothing new is taken once a minute.

    Bounded: beyond `most` ids the oldest are lost, and noted again when they come again.
    """

    def __init__(self, write: Write[NOTE], clock: Clock, *, most: int = MOST_NOTES) -> None:
        self._write = write
        self._clock = clock
        self._most = most
        self._waiting: OrderedDict[str, NOTE] = OrderedDict()
        self._taken: OrderedDict[str, tuple[object, datetime]] = OrderedDict()

    def note(self, record_id: str, note: NOTE, news: object = None) -> None:
        """Keep a note to be written, unless one with the same news was taken within the minute."""
        now = self._clock.now()
        last = self._taken.get(record_id)
        if last is not None and last[0] == news and timedelta() <= now - last[1] < A_MINUTE:
            return
        self._put(self._taken, record_id, (news, now))
        self._put(self._waiting, record_id, note)

    async def flush(self) -> None:
        """Write what waits; what can't be written waits on, unless there is a newer note."""
        waiting, self._waiting = self._waiting, OrderedDict()
        if not waiting:
            return
        try:
            await self._write(waiting)
        except BaseException:
            newer, self._waiting = self._waiting, waiting
            for record_id, note in newer.items():
                self._put(self._waiting, record_id, note)
            raise

    def _put(self, room: OrderedDict[str, VALUE], record_id: str, value: VALUE) -> None:
        room[record_id] = value
        room.move_to_end(record_id)
        while len(room) > self._most:
            room.popitem(last=False)
