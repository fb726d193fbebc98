"""How far a consumer is behind: told per partition, and no longer once it has been given up."""

import asyncio
from contextlib import suppress

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError
from prometheus_client import REGISTRY

from tests.support.databases import until
from vivavoce.chassis.kafka_lag import lag_of, report_lag

PLACE = TopicPartition("media.features", 3)


class Consumer:
    """A consumer as aiokafka's tells of itself."""

    def __init__(self, position: int | None, end: int | None) -> None:
        self._group_id = f"proctoring.lag-{position}-{end}"
        self._position = position
        self._end = end
        self.assigned = {PLACE}

    @property
    def group(self) -> str:
        return self._group_id

    def assignment(self) -> set[TopicPartition]:
        return self.assigned

    def highwater(self, _: TopicPartition) -> int | None:
        return self._end

    async def position(self, _: TopicPartition) -> int:
        if self._position is None:
            raise IllegalStateError("not assigned")
        return self._position


def told(consumer: Consumer) -> float | None:
    labels = {"group": consumer.group, "topic": PLACE.topic, "partition": str(PLACE.partition)}
    return REGISTRY.get_sample_value("viva_consumer_lag", labels)


async def test_the_lag_is_what_has_not_been_taken() -> None:
    assert await lag_of(Consumer(7, 12), PLACE) == 5
    assert await lag_of(Consumer(12, 12), PLACE) == 0


async def test_an_end_that_is_told_too_low_is_no_negative_lag() -> None:
    assert await lag_of(Consumer(13, 12), PLACE) == 0


async def test_before_the_first_fetch_and_after_the_last_there_is_no_lag() -> None:
    assert await lag_of(Consumer(7, None), PLACE) is None
    assert await lag_of(Consumer(None, 12), PLACE) is None


async def test_a_lag_is_told_until_its_consumer_ends() -> None:
    consumer = Consumer(7, 12)
    task = asyncio.create_task(report_lag(consumer))
    await until(lambda: told(consumer) is not None)
    assert told(consumer) == 5
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert told(consumer) is None
