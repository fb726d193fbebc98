"""A consumer that waits beyond the end of its log goes back to the beginning, and no other does."""

import asyncio
from contextlib import suppress

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from tests.support.databases import until
from vivavoce.chassis import kafka_positions
from vivavoce.chassis.kafka_positions import keep_within_log

PLACE = TopicPartition("gateway.replies", 1)


class Consumer:
    """A consumer at one position, whose log ends where each look in turn finds it; the last one stays.

    Asked for the end, the broker says `asked`, or the same as to the last look.
    """

    def __init__(self, position: int | None, *ends: int | None, asked: int | None = None) -> None:
        self.sought: list[int] = []
        self.looks = 0
        self._position = position
        self._ends = ends
        self._asked = ends[-1] if asked is None else asked

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    async def position(self, _: TopicPartition) -> int:
        self.looks += 1
        if self._position is None:
            raise IllegalStateError("not assigned")
        return self._position

    def highwater(self, _: TopicPartition) -> int | None:
        return self._ends[min(self.looks, len(self._ends)) - 1]

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int | None]:
        return dict.fromkeys(places, self._asked)

    def seek(self, _: TopicPartition, offset: int) -> None:
        self.sought.append(offset)
        self._position = offset


async def watched(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where the consumer was sent to within several looks."""
    monkeypatch.setattr(kafka_positions, "LOOK_SECONDS", 0.001)
    keeping = asyncio.create_task(keep_within_log(consumer))
    await until(lambda: consumer.looks >= 6)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    return consumer.sought


async def test_beyond_the_end_it_goes_back_to_the_beginning_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await watched(Consumer(7, 0), monkeypatch) == [0]


async def test_an_end_that_is_lower_for_a_moment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await watched(Consumer(7, 7, 5, 7, 5, 8), monkeypatch) == []


async def test_an_end_that_readers_are_told_too_low_for_long_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await watched(Consumer(7, 0, asked=7), monkeypatch) == []


@pytest.mark.parametrize("end", [None, 7, 12])
async def test_within_the_log_or_before_the_first_answer_it_stays(
    monkeypatch: pytest.MonkeyPatch, end: int | None
) -> None:
    assert await watched(Consumer(7, end), monkeypatch) == []


async def test_a_partition_that_was_given_up_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await watched(Consumer(None, 0), monkeypatch) == []
