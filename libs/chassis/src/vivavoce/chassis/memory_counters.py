"""The shared counters in memory."""

from datetime import datetime

from vivavoce.chassis.counters import Counted
from vivavoce.chassis.memory_documents import MemoryTables

SWEEP_AT = 10_000


class MemoryCounters:
    """Implements the Counters port."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables
        self._counters: dict[str, tuple[int, datetime]] = {}

    async def add(self, name: str, amount: int, *, expires_at: datetime, most: int | None = None) -> Counted:
        """Add to a counter, if its total stays within `most`."""
        self._tables.check()
        total, expires = self._counters.get(name, (0, expires_at))
        if most is not None and total + amount > most:
            return Counted(added=False, total=total)
        self._counters[name] = (total + amount, expires)
        if len(self._counters) > SWEEP_AT:
            self._sweep()
        return Counted(added=True, total=total + amount)

    def _sweep(self) -> None:
        now = self._tables.clock.now()
        self._counters = {name: each for name, each in self._counters.items() if each[1] > now}
