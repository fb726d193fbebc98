"""Who asks at the same time shares a look, and nobody gets what a look saw before they asked."""

import asyncio
from collections.abc import Sequence

import pytest

from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.shared_looks import SharedLooks


class Shelf:
    """Records by id that are read when a look is let go; each look is noted."""

    def __init__(self) -> None:
        self.records = {"a": 1, "b": 2}
        self.looks: list[list[str]] = []
        self.go = asyncio.Event()
        self.failure: Exception | None = None

    async def look_up(self, ids: Sequence[str]) -> dict[str, int]:
        self.looks.append(list(ids))
        seen = dict(self.records)
        await self.go.wait()
        if self.failure is not None:
            raise self.failure
        return {each: seen[each] for each in ids if each in seen}


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_all_who_ask_while_a_look_is_under_way_share_the_next_one() -> None:
    shelf = Shelf()
    looks = SharedLooks(shelf.look_up)
    first = asyncio.create_task(looks.get("a"))
    await settled()
    shelf.records["a"] = 10
    others = [asyncio.create_task(looks.get(each)) for each in ("a", "b", "c", "a")]
    await settled()
    shelf.go.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [10, 2, None, 10]
    assert shelf.looks == [["a"], ["a", "b", "c"]]


async def test_a_look_reads_so_many_and_the_next_one_the_rest() -> None:
    shelf = Shelf()
    shelf.go.set()
    looks = SharedLooks(shelf.look_up, most=2)
    assert await asyncio.gather(*(looks.get(each) for each in "abc")) == [1, 2, None]
    assert shelf.looks == [["a", "b"], ["c"]]


async def test_what_a_look_failed_with_is_told_to_those_who_shared_it_only() -> None:
    shelf = Shelf()
    shelf.go.set()
    shelf.failure = InfrastructureAway("away")
    looks = SharedLooks(shelf.look_up)
    told = await asyncio.gather(looks.get("a"), looks.get("b"), return_exceptions=True)
    assert [type(each) for each in told] == [InfrastructureAway] * 2
    shelf.failure = None
    assert await looks.get("a") == 1


async def test_who_is_cancelled_takes_the_look_from_nobody() -> None:
    shelf = Shelf()
    looks = SharedLooks(shelf.look_up)
    gone, staying = (asyncio.create_task(looks.get("a")) for _ in range(2))
    await settled()
    gone.cancel()
    shelf.go.set()
    assert await staying == 1
    with pytest.raises(asyncio.CancelledError):
        await gone
