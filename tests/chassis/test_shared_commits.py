"""Work that is to be committed at the same time shares a commit, and nothing else."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.support.databases import ACME, CONTEXT, NOON, Note, note
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.errors import InfrastructureAway, InvalidInput
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.shared_commits import SharedCommits
from vivavoce.chassis.uow import RESULT, Share, UnitOfWork


class SlowDatabase(MemoryDatabase):
    """Commits only when it is let, and notes how many shares each transaction had."""

    def __init__(self) -> None:
        super().__init__(source="/tested", clock=ManualClock(NOON))
        self.let = asyncio.Event()
        self.commits: list[int] = []

    async def transact_together(self, shares: Sequence[Share[RESULT]]) -> list[RESULT]:
        await self.let.wait()
        results = await super().transact_together(shares)
        self.commits.append(len(shares))
        return results


class Desk:
    """Writes notes through shared commits."""

    def __init__(self) -> None:
        self.database = SlowDatabase()
        self.notes: Collection[Note] = self.database.collection("notes", Note)
        self.commits = SharedCommits(self.database, self.notes.read_ahead)

    async def write(self, name: str) -> str:
        async def work(uow: UnitOfWork) -> str:
            if name.startswith("bad"):
                raise InvalidInput(name)
            await self.notes.insert(note(name), uow)
            return name.upper()

        return await self.commits.transact(name, CONTEXT, work)

    async def begin(self, *names: str) -> list["asyncio.Task[str]"]:
        """The first has its transaction before the others come."""
        tasks = []
        for name in names:
            tasks.append(asyncio.create_task(self.write(name)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return tasks

    async def written(self) -> set[str]:
        return {found.id for found in await self.notes.find(ACME)}


async def test_what_comes_during_a_transaction_shares_the_next_and_each_gets_its_own_result() -> None:
    desk = Desk()
    tasks = await desk.begin("a", "b", "c", "d")

    desk.database.let.set()

    assert await asyncio.gather(*tasks) == ["A", "B", "C", "D"]
    assert desk.database.commits == [1 + 1, 1 + 3]  # one of each reads ahead
    assert await desk.written() == {"a", "b", "c", "d"}


async def test_one_that_fails_takes_nobody_with_it() -> None:
    desk = Desk()
    tasks = await desk.begin("a", "b", "bad", "c")

    desk.database.let.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(result) for result in results] == [str, str, InvalidInput, str]
    assert await desk.written() == {"a", "b", "c"}


async def test_while_the_database_is_away_all_are_told_so_and_later_ones_get_through() -> None:
    desk = Desk()
    desk.database.let.set()
    desk.database.away = True
    results = await asyncio.gather(desk.write("a"), desk.write("b"), return_exceptions=True)
    desk.database.away = False

    assert await desk.write("c") == "C"
    assert [type(result) for result in results] == [InfrastructureAway, InfrastructureAway]


async def test_whoever_no_longer_waits_keeps_nobody_waiting() -> None:
    desk = Desk()
    first, second, third = await desk.begin("a", "b", "c")
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second

    desk.database.let.set()

    assert [await first, await third] == ["A", "C"]
