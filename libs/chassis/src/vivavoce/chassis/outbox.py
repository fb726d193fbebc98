"""The outbox: messages committed with the state that they tell of, and published afterwards.

An aggregate is what messages are ordered by: all facts of one key, whatever their topic.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

SENT_ROWS_KEPT_DAYS = 7


@dataclass(frozen=True)
class OutboxRow:
    """One message to publish. `sequence` counts the messages of its aggregate in commit order.

    `event_id` is that of the fact; a forwarded message has none. `created_at` never decreases
    within an aggregate.
    """

    id: str
    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    event_id: str | None
    aggregate: str
    sequence: int
    created_at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Acknowledged:
    """Where the broker put a row."""

    row_id: str
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True)
class Refusal:
    """Why the broker will never take a row as it is, and what to publish in its place, if anything."""

    row: OutboxRow
    reason: str
    instead: OutboxRow | None = None


@dataclass(frozen=True)
class RefusedRow:
    """A row that was set aside, because the broker refused it for good."""

    row: OutboxRow
    reason: str
    refused_at: datetime


@dataclass(frozen=True)
class Backlog:
    """How many rows wait to be published, since when the oldest does, and how many were refused."""

    depth: int
    oldest: datetime | None
    refused: int = 0


class Outbox(Protocol):
    """What the relay reads and marks. Every method raises InfrastructureAway."""

    @property
    def written(self) -> asyncio.Event:
        """Set when this process commits rows; the relay clears it before it reads."""
        ...

    async def pending(self, limit: int) -> list[OutboxRow]:
        """Unsent rows, oldest first; of each aggregate the lowest sequences, in order, without a gap."""
        ...

    async def mark_sent(self, rows: Sequence[Acknowledged], at: datetime) -> None:
        """Remember that the broker acknowledged the rows, and how far each partition has come."""
        ...

    async def set_aside(self, refusals: Sequence[Refusal], at: datetime) -> None:
        """Take rows that the broker refuses out of the way of those behind them; none is forgotten.

        What is to be published in the place of one waits under its id.
        """
        ...

    async def refused(self, limit: int) -> list[RefusedRow]:
        """The rows that were set aside, oldest first."""
        ...

    async def send_again(self, row_ids: Sequence[str]) -> int:
        """Let rows that were set aside wait to be published again. Returns how many there were."""
        ...

    async def high_water(self, topic: str, partition: int) -> int | None:
        """The highest offset acknowledged in a partition, or None when there was none yet."""
        ...

    async def high_waters(self) -> dict[tuple[str, int], int]:
        """The highest acknowledged offset of every (topic, partition)."""
        ...

    async def requeue_sent_since(self, since: datetime, topic: str | None = None) -> int:
        """Make rows sent at or after `since` pending again, and forget the high waters.

        For a broker that lost its log: the whole of it, or one topic. Returns the number of rows.
        """
        ...

    async def backlog(self) -> Backlog:
        """The depth and age of what waits, and how much was set aside."""
        ...
