"""The outbox in memory, with the same orders and marks as the real one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from vivavoce.chassis.emissions import Emission, by_aggregate, numbered
from vivavoce.chassis.memory_documents import MemoryTables
from vivavoce.chassis.outbox import Acknowledged, Backlog, OutboxRow, Refusal, RefusedRow
from vivavoce.chassis.stored import moment


class MemoryOutbox:
    """Implements the Outbox port; `write` is for the database's own commit."""

    def __init__(self, tables: MemoryTables, sent_kept: timedelta) -> None:
        self._tables = tables
        self._sent_kept = sent_kept
        self._rows: dict[str, OutboxRow] = {}
        self._refused: dict[str, RefusedRow] = {}
        self._counters: dict[str, tuple[int, datetime]] = {}
        self._marks: dict[tuple[str, int], int] = {}
        self._written = asyncio.Event()

    @property
    def written(self) -> asyncio.Event:
        """Set when this process commits rows; the relay clears it before it reads."""
        return self._written

    def write(self, emissions: Sequence[Emission], now: datetime) -> None:
        """Store the emissions of a commit, each with its place in its aggregate."""
        for aggregate, group in by_aggregate(emissions).items():
            last, at = self._counters.get(aggregate, (0, moment(now)))
            last, at = last + len(group), max(at, moment(now))
            self._counters[aggregate] = (last, at)
            self._rows.update((row.id, row) for row in numbered(group, last, at))
        self._written.set()

    async def pending(self, limit: int) -> list[OutboxRow]:
        """Unsent rows, oldest first; of each aggregate the lowest sequences, in order."""
        return self._unsent()[:limit]

    async def mark_sent(self, rows: Sequence[Acknowledged], at: datetime) -> None:
        """Remember that the broker acknowledged the rows, and how far each partition has come."""
        self._tables.check()
        for row in rows:
            place = (row.topic, row.partition)
            self._marks[place] = max(row.offset, self._marks.get(place, row.offset))
            if row.row_id in self._rows:
                self._rows[row.row_id] = replace(self._rows[row.row_id], sent_at=moment(at))

    async def set_aside(self, refusals: Sequence[Refusal], at: datetime) -> None:
        """Take rows that the broker refuses out of the way of those behind them."""
        self._tables.check()
        for refusal in refusals:
            row = refusal.row
            self._refused.setdefault(row.id, RefusedRow(row, refusal.reason, moment(at)))
            self._rows.pop(row.id, None)
            if refusal.instead is not None:
                self._rows[row.id] = refusal.instead

    async def refused(self, limit: int) -> list[RefusedRow]:
        """The rows that were set aside, oldest first."""
        self._tables.check()
        return sorted(self._refused.values(), key=lambda refused: refused.refused_at)[:limit]

    async def send_again(self, row_ids: Sequence[str]) -> int:
        """Let rows that were set aside wait to be published again."""
        self._tables.check()
        found = [self._refused.pop(row_id).row for row_id in row_ids if row_id in self._refused]
        self._rows.update((row.id, row) for row in found)
        if found:
            self._written.set()
        return len(found)

    async def high_water(self, topic: str, partition: int) -> int | None:
        """The highest offset acknowledged in a partition, or None when there was none yet."""
        self._tables.check()
        return self._marks.get((topic, partition))

    async def high_waters(self) -> dict[tuple[str, int], int]:
        """The highest acknowledged offset of every (topic, partition)."""
        self._tables.check()
        return dict(self._marks)

    async def requeue_sent_since(self, since: datetime, topic: str | None = None) -> int:
        """Make rows sent at or after `since` pending again, and forget the high waters."""
        requeued = [
            row
            for row in self._kept()
            if row.sent_at is not None and row.sent_at >= moment(since) and topic in {None, row.topic}
        ]
        self._rows.update((row.id, replace(row, sent_at=None)) for row in requeued)
        self._marks = {
            place: offset for place, offset in self._marks.items() if topic not in {None, place[0]}
        }
        if requeued:
            self._written.set()
        return len(requeued)

    async def backlog(self) -> Backlog:
        """The depth and age of what waits, and how much was set aside."""
        unsent = self._unsent()
        return Backlog(len(unsent), unsent[0].created_at if unsent else None, len(self._refused))

    def _unsent(self) -> list[OutboxRow]:
        unsent = [row for row in self._kept() if row.sent_at is None]
        return sorted(unsent, key=lambda row: (row.created_at, row.sequence))

    def _kept(self) -> list[OutboxRow]:
        self._tables.check()
        limit = self._tables.clock.now() - self._sent_kept
        self._rows = {
            row.id: row for row in self._rows.values() if row.sent_at is None or row.sent_at >= limit
        }
        return list(self._rows.values())
