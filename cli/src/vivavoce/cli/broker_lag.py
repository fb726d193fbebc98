"""How far each consumer group has come: what the broker knows of groups is the only list of them."""

from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from pydantic import BaseModel, ConfigDict

from vivavoce.chassis.kafka_history import ends_of, history_reader, starts_of, true_ends
from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.kafka_wire import away
from vivavoce.cli.broker_place import BrokerPlace
from vivavoce.contracts import Topic

NOTHING_COMMITTED = -1


class PartitionEnd(BaseModel):
    """The next offset of a partition. `told` is what the broker says, which may be too low."""

    model_config = ConfigDict(frozen=True)

    topic: str
    partition: int
    begin: int
    end: int
    told: int


class Lag(BaseModel):
    """What one group still has to handle of one partition; `committed` is None when it never did."""

    model_config = ConfigDict(frozen=True)

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int


class BrokerView(BaseModel):
    """The partitions of the topics that exist, and the groups that have ever committed."""

    model_config = ConfigDict(frozen=True)

    ends: tuple[PartitionEnd, ...]
    lags: tuple[Lag, ...]

    @property
    def understated(self) -> bool:
        """Whether the broker told an end of some partition that is too low."""
        return any(place.end > place.told for place in self.ends)


async def broker_view(place: BrokerPlace, topics: Iterable[Topic]) -> BrokerView:
    """Ends and lags of the topics; raises InfrastructureAway."""
    async with history_reader(place.options) as consumer:
        partitions = await existing_partitions(consumer, [topic.name for topic in topics])
        committed = await _committed(place, partitions)
        begins, told = await starts_of(consumer, partitions, None), await ends_of(consumer, partitions)
        found = await true_ends(consumer, told)
    ends = {
        place: PartitionEnd(
            topic=place.topic,
            partition=place.partition,
            begin=begins[place],
            end=max(found[place], *(offsets.get(place, 0) for offsets in committed.values()), 0),
            told=told[place],
        )
        for place in partitions
    }
    lags = [lag for group, offsets in sorted(committed.items()) for lag in lags_of(group, offsets, ends)]
    return BrokerView(ends=tuple(ends.values()), lags=tuple(lags))


def lags_of(
    group: str, offsets: dict[TopicPartition, int], ends: dict[TopicPartition, PartitionEnd]
) -> list[Lag]:
    """The lags of a group in the topics of which it has committed something; it reads all of those."""
    topics = {place.topic for place in offsets}
    return [_lag(group, offsets.get(place), end) for place, end in ends.items() if place.topic in topics]


def _lag(group: str, committed: int | None, end: PartitionEnd) -> Lag:
    position = end.begin if committed is None else max(committed, end.begin)
    return Lag(
        group=group,
        topic=end.topic,
        partition=end.partition,
        committed=committed,
        end=end.end,
        lag=max(0, end.end - position),
    )


async def _committed(
    place: BrokerPlace, partitions: list[TopicPartition]
) -> dict[str, dict[TopicPartition, int]]:
    """For each group the offsets that it has committed.

    The partitions are named, because the embedded broker doesn't tell of all when it is asked for all.
    """
    admin: Any = AIOKafkaAdminClient(**place.options)
    try:
        await admin.start()
        groups = sorted({name for name, _ in await admin.list_consumer_groups()})
        return {group: await _offsets(admin, group, partitions) for group in groups}
    except (KafkaError, TimeoutError, OSError) as error:
        raise away(error) from error
    finally:
        await admin.close()


async def _offsets(admin: Any, group: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    found = await admin.list_consumer_group_offsets(group, partitions=partitions) if partitions else {}
    return {place: at.offset for place, at in found.items() if at.offset != NOTHING_COMMITTED}
