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
class Backlog:
    """How many rows wait to be published, and since when the oldest does."""

    depth: int
    oldest: datetime | None


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
        """The depth and age of what waits."""
        ...
