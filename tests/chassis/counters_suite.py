"""What all shared counters keep."""

import asyncio
from datetime import UTC, datetime

import pytest

from vivavoce.chassis.counters import Counted
from vivavoce.chassis.uow import Database

LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""After the present of whoever deletes what has expired, be it a test's clock or a server's."""


class CounterSuite:
    async def test_additions_add_up_by_name(self, database: Database) -> None:
        assert await database.counters.add("a", 2, expires_at=LATER) == Counted(added=True, total=2)
        assert await database.counters.add("a", 3, expires_at=LATER) == Counted(added=True, total=5)
        assert await database.counters.add("b", 1, expires_at=LATER) == Counted(added=True, total=1)

    async def test_what_does_not_fit_is_not_added(self, database: Database) -> None:
        await database.counters.add("a", 8, expires_at=LATER, most=10)
        assert await database.counters.add("a", 3, expires_at=LATER, most=10) == Counted(added=False, total=8)
        assert await database.counters.add("a", 2, expires_at=LATER, most=10) == Counted(added=True, total=10)
        assert not (await database.counters.add("a", 1, expires_at=LATER, most=10)).added

    async def test_more_than_ever_fits_begins_no_counter(self, database: Database) -> None:
        assert await database.counters.add("a", 3, expires_at=LATER, most=2) == Counted(added=False, total=0)
        assert (await database.counters.add("a", 2, expires_at=LATER, most=2)).added

    async def test_a_counter_without_a_limit_counts_on(self, database: Database) -> None:
        await database.counters.add("a", 10, expires_at=LATER, most=10)
        assert (await database.counters.add("a", 5, expires_at=LATER)).total == 15

    @pytest.mark.parametrize("begun", [0, 2])
    async def test_of_many_at_once_exactly_as_many_are_made_as_fit(
        self, database: Database, begun: int
    ) -> None:
        if begun:
            await database.counters.add("a", begun, expires_at=LATER)
        counted = await asyncio.gather(
            *(database.counters.add("a", 1, expires_at=LATER, most=5) for _ in range(12))
        )
        assert sum(each.added for each in counted) == 5 - begun
        assert max(each.total for each in counted) == 5
