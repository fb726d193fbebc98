"""Which partitions topics have, as the broker says now."""

from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition


async def existing_partitions(consumer: Any, topics: Iterable[str]) -> list[TopicPartition]:
    """The partitions of those topics that exist, in order; raises KafkaError.

    A consumer's own `partitions_for_topic` knows the topics that it reads, and no others on Kafka.
    """
    client = vars(consumer)["_client"]  # what aiokafka publishes of this answer has names of topics only
    cluster = await client.fetch_all_metadata()
    return [
        TopicPartition(topic, number)
        for topic in topics
        for number in sorted(cluster.partitions_for_topic(topic) or ())
    ]
