"""Creates the topics of the contracts on a broker; there is no second list of them."""

import asyncio
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError, TopicAlreadyExistsError, for_code

from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.log import get_logger
from vivavoce.contracts.topics import Topic, all_topics

ADMIN_TIMEOUT_MS = 10_000
# A broker that can't grow topics is the embedded one. It forgets its topics when it restarts, and
# creates one with this many partitions as soon as any client asks about it: a topic with more
# would come back with too few.
PARTITIONS_IF_FIXED = 4

log = get_logger(__name__)


async def ensure_topics(
    bootstrap_servers: str, *, replication_factor: int = 1, topics: tuple[Topic, ...] | None = None
) -> None:
    """Create each topic that doesn't exist, with its partitions and retention, and grow the others.

    All topics of the contracts by default. Never takes partitions away. Raises InfrastructureAway.
    """
    wanted = topics if topics is not None else all_topics()
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap_servers.split(","), request_timeout_ms=ADMIN_TIMEOUT_MS
    )
    try:
        await admin.start()
        await _ensure(admin, wanted, replication_factor)
    except (KafkaError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
        raise InfrastructureAway(f"The broker doesn't create topics: {type(error).__name__}.") from error
    finally:
        await admin.close()


async def _ensure(admin: AIOKafkaAdminClient, wanted: tuple[Topic, ...], replication_factor: int) -> None:
    growing = await _can_grow(admin)
    fitting = [topic if growing else _with_fixed_partitions(topic) for topic in wanted]
    existing = {found["topic"]: len(found["partitions"]) for found in await admin.describe_topics()}
    missing = [_new_topic(topic, replication_factor) for topic in fitting if topic.name not in existing]
    if missing:
        response = await admin.create_topics(missing)
        _check_created(response.to_object()["topic_errors"])
    small = {
        topic.name: topic.partitions
        for topic in fitting
        if existing.get(topic.name, topic.partitions) < topic.partitions
    }
    if small and growing:
        await admin.create_partitions({name: NewPartitions(count) for name, count in small.items()})
        log.info("topics_grown", topics=sorted(small))


async def _can_grow(admin: AIOKafkaAdminClient) -> bool:
    try:
        await admin.create_partitions({})
    except IncompatibleBrokerVersion:
        return False
    return True


def _with_fixed_partitions(topic: Topic) -> Topic:
    return topic.model_copy(update={"partitions": min(topic.partitions, PARTITIONS_IF_FIXED)})


def _new_topic(topic: Topic, replication_factor: int) -> NewTopic:
    retention_ms = int(topic.retention.total_seconds() * 1000)
    return NewTopic(
        topic.name,
        num_partitions=topic.partitions,
        replication_factor=replication_factor,
        topic_configs={"retention.ms": str(retention_ms)},
    )


def _check_created(results: list[dict[str, Any]]) -> None:
    created = [result["topic"] for result in results if not result["error_code"]]
    if created:
        log.info("topics_created", count=len(created), topics=created)
    for result in results:
        error = for_code(result["error_code"])
        if result["error_code"] and error is not TopicAlreadyExistsError:
            raise error(f"{result['topic']} was not created")
