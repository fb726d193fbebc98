"""The topics, derived from the contracts: nothing else names one."""

from datetime import timedelta

from vivavoce.contracts.fact import Value
from vivavoce.contracts.registry import FACTS, REQUESTS

DEAD_LETTER_SUFFIX = ".dlq"
DEAD_LETTER_RETENTION = timedelta(days=30)
AUDIT_TOPIC = "dlq.audit"
AUDIT_RETENTION = timedelta(days=400)
REPLY_TOPIC = "gateway.replies"
REPLY_PARTITIONS = 8
REQUEST_RETENTION = timedelta(hours=1)


class Topic(Value):
    """One Kafka topic: its name, the field that keys it, its partitions and how long it keeps."""

    name: str
    key: str
    partitions: int
    retention: timedelta


def dead_letter_topic(topic: str) -> str:
    """The topic that keeps what could not be handled from the given topic."""
    return topic + DEAD_LETTER_SUFFIX


def is_dead_letter_topic(topic: str) -> bool:
    """Whether the topic keeps what could not be handled from another one."""
    return topic.endswith(DEAD_LETTER_SUFFIX)


def original_topic(topic: str) -> str:
    """The topic whose dead letters the given one keeps."""
    return topic.removesuffix(DEAD_LETTER_SUFFIX)


def all_topics() -> tuple[Topic, ...]:
    """Every topic, in order of name: facts, dead letters and their audit, requests and replies."""
    topics = (*_fact_topics(), *_request_topics(), _audit_topic())
    return tuple(sorted(topics, key=lambda topic: topic.name))


def _fact_topics() -> list[Topic]:
    topics: list[Topic] = []
    for name, fact in FACTS.items():
        key = fact.key_field
        topics.append(Topic(name=name, key=key, partitions=fact.partitions, retention=fact.retention))
        if fact.durable:
            topics.append(_dead_letters_of(name, key))
    return topics


def _dead_letters_of(name: str, key: str) -> Topic:
    return Topic(name=dead_letter_topic(name), key=key, partitions=1, retention=DEAD_LETTER_RETENTION)


def _audit_topic() -> Topic:
    """What operators did about dead letters: outlives the letters, so that a settled one stays settled."""
    return Topic(name=AUDIT_TOPIC, key="letter_id", partitions=1, retention=AUDIT_RETENTION)


def _request_topics() -> list[Topic]:
    names = {request.topic for request in REQUESTS.values()}
    requests = [
        Topic(name=n, key="organization_id", partitions=3, retention=REQUEST_RETENTION) for n in names
    ]
    replies = Topic(
        name=REPLY_TOPIC, key="organization_id", partitions=REPLY_PARTITIONS, retention=REQUEST_RETENTION
    )
    return [*requests, replies]
