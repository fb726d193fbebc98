"""Presentation times as seconds of the recording: where streams meet, and which pictures are taken."""

from math import floor

BACKWARD_JUMP = 0.5
TOLERANCE = 0.001


class Timeline:
    """One stream's presentation times as seconds since `start`, the container's common start.

    A time that is missing follows what came before. Times that jump back by more than half a second,
    as where files were joined end to end, go on from there.
    """

    def __init__(self, start: float) -> None:
        self._shift = -start
        self._end: float | None = None

    def at(self, time: float | None, lasts: float) -> float:
        """The second at which something begins that is presented at `time` for `lasts` seconds."""
        follows = self._end or 0.0
        placed = follows if time is None else time + self._shift
        if self._end is not None and placed < self._end - lasts - BACKWARD_JUMP:
            self._shift += follows - placed
            placed = follows
        placed = max(0.0, placed)
        self._end = max(follows, placed + lasts)
        return placed


class SamplingGrid:
    """Chooses `rate` moments per second: the first one at or after each point of a regular grid.

    Where moments are sparser than the grid, every one is chosen, and none twice.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._due = 0.0

    def takes(self, time: float) -> bool:
        """Whether the moment at `time` seconds is chosen; one before the last chosen never is."""
        if time < self._due - TOLERANCE:
            return False
        self._due = (floor((time + TOLERANCE) * self._rate) + 1) / self._rate
        return True
