"""How far back a list reached is believed for a minute, and never hides what has come since."""

from datetime import timedelta

from tests.support import crowd
from tests.support.gateway import NOON
from vivavoce.gateway.interviews.days import BEGINNING
from vivavoce.gateway.interviews.entries import Entry
from vivavoce.gateway.interviews.reaches import BELIEVED, REMEMBERED, Reaches

SECOND = timedelta(seconds=1)


def latest(count: int) -> list[Entry]:
    return sorted(crowd.entries(count, NOON), key=lambda entry: entry.submitted_at, reverse=True)


def test_a_full_page_reaches_back_to_its_oldest() -> None:
    reaches, found = Reaches(), latest(5)
    reaches.note("them", found, len(found), BEGINNING, NOON)
    assert reaches.of("them", NOON + SECOND) == NOON + SECOND - found[-1].submitted_at
    assert reaches.of("others", NOON) is None


def test_fewer_than_were_asked_for_are_all_that_there_are() -> None:
    reaches = Reaches()
    reaches.note("them", latest(5), 6, BEGINNING, NOON)
    assert reaches.of("them", NOON) == NOON - BEGINNING


def test_it_is_forgotten_after_a_while_and_when_the_clock_was_set_back() -> None:
    reaches = Reaches()
    reaches.note("them", [], 1, BEGINNING, NOON)
    assert reaches.of("them", NOON + BELIEVED - SECOND) is not None
    assert reaches.of("them", NOON + BELIEVED) is None
    assert reaches.of("them", NOON - SECOND) is None


def test_only_so_many_are_remembered() -> None:
    reaches = Reaches()
    for number in range(REMEMBERED + 1):
        reaches.note(number, [], 1, BEGINNING, NOON)
    assert (reaches.of(0, NOON), reaches.of(1, NOON)) == (None, NOON - BEGINNING)
