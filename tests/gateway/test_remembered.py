"""What was looked up is believed for one life, and a hot record is looked up in the background only."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.databases import NOON, turns
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.gateway.auth.notes import Notes
from vivavoce.gateway.auth.remembered import Remembered

LIFE = timedelta(seconds=1)
HALF = LIFE / 2


class Shelf:
    """Records that are looked up; `gate` holds every look until it is opened."""

    def __init__(self, **records: str) -> None:
        self.records = dict(records)
        self.looks: list[list[str]] = []
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def look_up(self, ids: Sequence[str]) -> Mapping[str, str]:
        self.looks.append(list(ids))
        found = {each: self.records[each] for each in ids if each in self.records}
        await self.gate.wait()
        if self.away:
            raise InfrastructureAway("away")
        return found


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(a="one")


@pytest.fixture
def memory(shelf: Shelf, clock: ManualClock) -> Remembered[str]:
    return Remembered(shelf.look_up, clock, LIFE, most=10)


async def test_within_its_life_a_record_is_looked_up_once(
    memory: Remembered[str], shelf: Shelf, clock: ManualClock
) -> None:
    for _ in range(3):
        assert await memory.get("a") == "one"
        await clock.advance(LIFE / 4)
    assert shelf.looks == [["a"]]


async def test_after_its_life_it_is_looked_up_again(
    memory: Remembered[str], shelf: Shelf, clock: ManualClock
) -> None:
    await memory.get("a")
    del shelf.records["a"]
    await clock.advance(LIFE)
    assert await memory.get("a") is None


async def test_a_hot_record_is_never_looked_up_by_who_asks(
    memory: Remembered[str], shelf: Shelf, clock: ManualClock
) -> None:
    await memory.get("a")
    for _ in range(5):
        await clock.advance(HALF)
        assert await memory.get("a") == "one"
        in_the_background = len(shelf.looks)
        await memory.refresh()
        assert len(shelf.looks) == in_the_background + 1


async def test_what_nobody_asks_for_is_not_refreshed(
    memory: Remembered[str], shelf: Shelf, clock: ManualClock
) -> None:
    await memory.get("a")
    await clock.advance(HALF)
    await memory.refresh()
    assert shelf.looks == [["a"]]


async def test_what_is_dropped_is_looked_up_again_at_once(memory: Remembered[str], shelf: Shelf) -> None:
    await memory.get("a")
    shelf.records["a"] = "two"
    memory.drop("a")
    assert await memory.get("a") == "two"


async def test_what_is_dropped_while_it_is_read_is_not_kept(memory: Remembered[str], shelf: Shelf) -> None:
    shelf.gate.clear()
    reading = asyncio.create_task(memory.get("a"))
    await turns()
    shelf.records["a"] = "two"
    memory.drop("a")
    shelf.gate.set()
    assert await reading == "one"
    assert await memory.get("a") == "two"


async def test_who_asks_after_a_drop_gets_no_older_read(memory: Remembered[str], shelf: Shelf) -> None:
    shelf.gate.clear()
    before = asyncio.create_task(memory.get("a"))
    await turns()
    shelf.records["a"] = "two"
    memory.drop("a")
    after = asyncio.create_task(memory.get("a"))
    await turns()
    shelf.gate.set()
    assert (await before, await after) == ("one", "two")


async def test_what_is_dropped_by_what_it_is_takes_nothing_else_along(
    memory: Remembered[str], shelf: Shelf
) -> None:
    shelf.records["b"] = "two"
    for each in "ab":
        await memory.get(each)
    shelf.records.clear()
    memory.drop_where(lambda value: value == "one")
    assert (await memory.get("a"), await memory.get("b")) == (None, "two")


async def test_what_is_read_or_was_not_there_might_be_what_is_dropped(
    memory: Remembered[str], shelf: Shelf
) -> None:
    assert await memory.get("absent") is None
    shelf.records["absent"] = "one"
    shelf.gate.clear()
    early = asyncio.create_task(memory.get("a"))
    await turns()
    shelf.records["a"] = "two"
    memory.drop_where(lambda value: value == "one")
    shelf.gate.set()
    assert (await early, await memory.get("a"), await memory.get("absent")) == ("one", "two", "one")


async def test_all_who_ask_at_one_time_share_two_reads(memory: Remembered[str], shelf: Shelf) -> None:
    shelf.gate.clear()
    asking = [asyncio.create_task(memory.get(f"guess-{number}")) for number in range(100)]
    await turns()
    shelf.gate.set()
    assert await asyncio.gather(*asking) == [None] * 100
    assert len(shelf.looks) <= 2


async def test_what_is_not_there_is_remembered_without_pushing_out_what_is(
    memory: Remembered[str], shelf: Shelf
) -> None:
    await memory.get("a")
    for number in range(30):
        await memory.get(f"guess-{number}")
    looks = len(shelf.looks)
    assert await memory.get("a") == "one"
    assert await memory.get("guess-29") is None
    assert len(shelf.looks) == looks
    await memory.get("guess-0")
    assert len(shelf.looks) == looks + 1


async def test_while_nothing_can_be_read_nobody_is_believed_for_longer(
    memory: Remembered[str], shelf: Shelf, clock: ManualClock
) -> None:
    await memory.get("a")
    shelf.away = True
    await clock.advance(HALF)
    assert await memory.get("a") == "one"
    with pytest.raises(InfrastructureAway):
        await memory.refresh()
    await clock.advance(HALF)
    with pytest.raises(InfrastructureAway):
        await memory.get("a")
    shelf.away = False
    assert await memory.get("a") == "one"


async def test_a_clock_that_is_set_back_makes_nothing_older_believed(
    memory: Remembered[str], shelf: Shelf, clock: ManualClock
) -> None:
    await memory.get("a")
    await clock.advance(-timedelta(hours=1))
    shelf.records["a"] = "two"
    assert await memory.get("a") == "two"


async def test_who_gives_up_waiting_takes_nothing_from_the_others(
    memory: Remembered[str], shelf: Shelf
) -> None:
    shelf.gate.clear()
    impatient, patient = [asyncio.create_task(memory.get("a")) for _ in range(2)]
    await turns()
    impatient.cancel()
    await turns()
    shelf.gate.set()
    assert await patient == "one"
    assert shelf.looks == [["a"]]


async def test_a_look_that_breaks_leaves_nobody_waiting(clock: ManualClock) -> None:
    async def broken(_: Sequence[str]) -> Mapping[str, str]:
        await turns()
        raise LookupError

    memory: Remembered[str] = Remembered(broken, clock, LIFE)
    asking = [asyncio.create_task(memory.get(each)) for each in ("a", "b")]
    await asyncio.sleep(0)
    asking.append(asyncio.create_task(memory.get("c")))
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(each) for each in found] == [InfrastructureAway] * 3


STEPS = st.lists(st.sampled_from(["ask", "wait", "revoke", "drop", "refresh"]), max_size=40)


@given(STEPS)
@settings(deadline=None)
async def test_nothing_is_believed_a_life_after_it_has_changed(steps: list[str]) -> None:
    clock, shelf = ManualClock(NOON), Shelf(a="valid")
    memory = Remembered(shelf.look_up, clock, LIFE)
    revoked_at = None
    for step in steps:
        if step == "ask":
            found = await memory.get("a")
            late = revoked_at is not None and clock.now() - revoked_at >= LIFE
            assert not (late and found == "valid")
        elif step == "wait":
            await clock.advance(LIFE / 4)
        elif step == "revoke":
            shelf.records["a"] = "revoked"
            revoked_at = revoked_at or clock.now()
        elif step == "drop":
            memory.drop("a")
        else:
            await memory.refresh()


class Book:
    """Where notes are written, unless it is away."""

    def __init__(self) -> None:
        self.written: list[dict[str, str]] = []
        self.away = False

    async def write(self, notes: Mapping[str, str]) -> None:
        if self.away:
            raise InfrastructureAway("away")
        self.written.append(dict(notes))


async def test_the_same_news_is_written_once_a_minute(clock: ManualClock) -> None:
    book = Book()
    notes: Notes[str] = Notes(book.write, clock)
    for number in range(70):
        notes.note("a", f"second {number}")
        await notes.flush()
        await clock.advance(timedelta(seconds=1))
    assert book.written == [{"a": "second 0"}, {"a": "second 60"}]


async def test_other_news_is_written_at_the_next_time(clock: ManualClock) -> None:
    book = Book()
    notes: Notes[str] = Notes(book.write, clock)
    for role in ("admin", "candidate"):
        notes.note("a", role, role)
        await notes.flush()
    assert book.written == [{"a": "admin"}, {"a": "candidate"}]


async def test_what_cannot_be_written_waits_for_the_next_time(clock: ManualClock) -> None:
    book = Book()
    notes: Notes[str] = Notes(book.write, clock)
    notes.note("a", "one")
    book.away = True
    with pytest.raises(InfrastructureAway):
        await notes.flush()
    notes.note("b", "two")
    book.away = False
    await notes.flush()
    assert book.written == [{"a": "one", "b": "two"}]


async def test_notes_are_bounded(clock: ManualClock) -> None:
    book = Book()
    notes: Notes[str] = Notes(book.write, clock, most=3)
    for number in range(10):
        notes.note(str(number), "")
    await notes.flush()
    assert list(book.written[0]) == ["7", "8", "9"]
