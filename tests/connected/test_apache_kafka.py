"""What only a cluster of Apache Kafka can be asked: copies, idempotence, and brokers that die one by one."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaClient
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record import MemoryRecords

from tests.support import facts
from tests.support.apache_kafka import ApacheKafka
from tests.support.delivery import SOON, Heard, commit, of, parcel, pending, running, service, unique
from tests.support.kafka import apache_only
from tests.support.live import eventually
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.metrics import RELAY_FAILURES, RESENT
from vivavoce.chassis.service import Service
from vivavoce.chassis.subscriptions import Group, on
from vivavoce.chassis.wire import Parcel, ParcelRefused, Record
from vivavoce.cli.home import Home
from vivavoce.cli.stack.kafka import cluster_id, kafka_environment
from vivavoce.contracts import RecordingRequested, all_topics

pytestmark = [pytest.mark.connected, apache_only, pytest.mark.timeout(400)]

PATIENCE = 120.0
INTERVIEWS = 60
MEBIBYTE = 1_048_576
NO_PRODUCER_ID = -1
ALL = -1


@pytest.fixture(autouse=True)
def told_as_in_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services have the settings that `viva up --kafka` gives them."""
    for name, value in kafka_environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def whole(cluster: ApacheKafka) -> Iterator[ApacheKafka]:
    """The cluster, for a test that kills brokers; they run again afterwards."""
    yield cluster
    cluster.start()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[ProduceRequest]:
    """Every request by which messages reach a broker."""
    requests: list[ProduceRequest] = []
    send = AIOKafkaClient.send

    async def noted(client: Any, node: object, request: Any, **options: Any) -> Any:
        if isinstance(request, ProduceRequest):
            requests.append(request)
        return await send(client, node, request, **options)

    monkeypatch.setattr(AIOKafkaClient, "send", noted)
    return requests


def hearing(cluster: ApacheKafka, heard: Heard) -> Service:
    group = Group("hear", (on(RecordingRequested, heard, within=SOON),))
    return service(unique("worker"), groups=[group], bootstrap_servers=cluster.bootstrap_servers)


def giving(cluster: ApacheKafka) -> Service:
    return service(unique("giver"), bootstrap_servers=cluster.bootstrap_servers)


async def give(giver: Service, interviews: Sequence[str]) -> None:
    for interview in interviews:
        await commit(giver, of(interview, facts.requested()))
        await asyncio.sleep(0.02)


def times_heard(heard: Heard, interviews: Sequence[str]) -> Counter[str]:
    keys = (received.fact.interview_id for received in heard.received)
    return Counter(key for key in keys if key in set(interviews))


def failures() -> float:
    return float(RELAY_FAILURES.labels(RecordingRequested.type)._value.get())


@asynccontextmanager
async def administering(cluster: ApacheKafka) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def partitions_of(cluster: ApacheKafka, *topics: str) -> dict[str, list[dict[str, Any]]]:
    async with administering(cluster) as admin:
        return {found["topic"]: found["partitions"] for found in await admin.describe_topics(list(topics))}


async def settings_of(cluster: ApacheKafka, *topics: str) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
    async with administering(cluster) as admin:
        answers = [answer.to_object() for answer in await admin.describe_configs(resources)]
    found = [resource for answer in answers for resource in answer["resources"]]
    return {
        resource["resource_name"]: {
            entry["config_names"]: entry["config_value"] for entry in resource["config_entries"]
        }
        for resource in found
    }


async def new_topic(cluster: ApacheKafka, **settings: str) -> str:
    """A topic of one partition that is in no contract."""
    name = unique("topic")
    async with administering(cluster) as admin:
        await admin.create_topics([NewTopic(name, 1, 3, topic_configs=settings)])
    return name


async def leader_of(cluster: ApacheKafka, topic: str) -> str:
    """The broker that leads the topic's first partition, and others."""
    [first, *_] = sorted((await partitions_of(cluster, topic))[topic], key=lambda one: int(one["partition"]))
    return cluster.brokers[int(first["leader"]) - 1]


async def test_topics_have_the_contracts_partitions_and_retention_and_three_copies(
    cluster: ApacheKafka,
) -> None:
    names = [topic.name for topic in all_topics()]
    described, configured = await partitions_of(cluster, *names), await settings_of(cluster, *names)

    for topic in all_topics():
        assert len(described[topic.name]) == topic.partitions
        assert {len(partition["replicas"]) for partition in described[topic.name]} == {3}
        assert int(configured[topic.name]["retention.ms"]) == topic.retention.total_seconds() * 1000
        assert configured[topic.name]["min.insync.replicas"] == "2"


async def test_what_is_sent_is_acknowledged_by_all_and_counted_so_that_a_repeat_is_dropped(
    cluster: ApacheKafka, sent: list[ProduceRequest]
) -> None:
    wire = giving(cluster).broker.wire
    for number in range(3):
        await wire.send(parcel(facts.requested(), f"e{number}"))
    await wire.stop()

    batches = [MemoryRecords(bytes(data)).next_batch() for data in map(data_of, sent)]
    assert {request._required_acks for request in sent} == {ALL}
    assert len({batch.producer_id for batch in batches} - {NO_PRODUCER_ID}) == 1
    assert {batch.base_sequence for batch in batches} == {0, 1, 2}


def data_of(request: ProduceRequest) -> bytes:
    [(_, [(_, data)])] = request._topics
    return bytes(data)


async def test_a_leader_that_is_killed_in_a_stream_of_facts_loses_nothing_and_doubles_nothing(
    whole: ApacheKafka,
) -> None:
    heard, resent = Heard(), RESENT._value.get()
    giver, worker = giving(whole), hearing(whole, heard)
    interviews = [unique("interview") for _ in range(INTERVIEWS)]

    async with running(giver, worker):
        stream = asyncio.create_task(give(giver, interviews))
        await heard_at_least(heard, interviews, INTERVIEWS // 4)
        whole.kill_broker(await leader_of(whole, RecordingRequested.type))
        await stream
        await heard_at_least(heard, interviews, INTERVIEWS)
        await all_published(giver)

    assert set(times_heard(heard, interviews).values()) == {1}
    assert RESENT._value.get() == resent


async def test_while_too_few_copies_can_be_written_the_relay_waits_and_afterwards_sends(
    whole: ApacheKafka,
) -> None:
    heard, resent, failed = Heard(), RESENT._value.get(), failures()
    giver, worker = giving(whole), hearing(whole, heard)
    interviews = [unique("interview") for _ in range(3)]

    async with running(giver, worker):
        for name in whole.brokers[1:]:
            whole.kill_broker(name)
        await give(giver, interviews)
        await eventually(lambda: holds(failures() > failed), PATIENCE)
        assert len(await pending(giver.database)) == len(interviews)
        assert times_heard(heard, interviews) == Counter()

        await asyncio.to_thread(whole.start)
        await heard_at_least(heard, interviews, len(interviews))
        await all_published(giver)

    assert set(times_heard(heard, interviews).values()) == {1}
    assert RESENT._value.get() == resent


async def test_a_listener_goes_on_where_it_was_when_the_whole_cluster_was_killed(whole: ApacheKafka) -> None:
    heard: list[bytes | None] = []
    topic, words = await new_topic(whole), [b"one", b"two", b"three"]

    async def keep(record: Record) -> None:
        heard.append(record.value)

    wire = giving(whole).broker.wire
    await wire.send(Parcel(topic, None, b"before"))
    async with wire.listen(topic, keep):
        for word in words:
            await wire.send(Parcel(topic, None, word))
        await eventually(lambda: holds(heard == words), PATIENCE)

        whole.kill()
        await asyncio.to_thread(whole.start)
        await patiently(lambda: wire.send(Parcel(topic, None, b"four")))

        await eventually(lambda: holds(b"four" in heard), PATIENCE)
    await wire.stop()
    assert [word for word in heard if word != b"four"] == words


async def test_after_a_message_that_a_broker_refuses_for_its_size_others_are_sent_as_before(
    cluster: ApacheKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_MAX_MESSAGE_BYTES", str(4 * MEBIBYTE))
    wire, topic = giving(cluster).broker.wire, await new_topic(cluster)
    await wire.send(Parcel(topic, None, b"before"))

    with pytest.raises(ParcelRefused):
        await wire.send(Parcel(topic, None, b"x" * 3 * MEBIBYTE))

    after = [await wire.send(Parcel(topic, None, b"after")) for _ in range(3)]
    assert [placed.offset for placed in after] == [1, 2, 3]
    await wire.stop()


async def test_a_message_as_large_as_both_the_setting_and_the_topic_allow_arrives(
    cluster: ApacheKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_MAX_MESSAGE_BYTES", str(4 * MEBIBYTE))
    heard: list[int] = []
    topic = await new_topic(cluster, **{"max.message.bytes": str(4 * MEBIBYTE)})

    async def keep(record: Record) -> None:
        heard.append(len(record.value or b""))

    wire = giving(cluster).broker.wire
    await wire.send(Parcel(topic, None, b"first"))
    async with wire.listen(topic, keep):
        await wire.send(Parcel(topic, None, b"x" * 3 * MEBIBYTE))
        await eventually(lambda: holds(heard == [3 * MEBIBYTE]), PATIENCE)
    await wire.stop()


async def test_a_cluster_can_be_made_in_every_home_whatever_sign_its_id_begins_with(tmp_path: Path) -> None:
    homes = (tmp_path / str(number) for number in count())
    home = next(home for home in homes if cluster_id(Home(home)).startswith("-"))
    home.mkdir()
    kafka = ApacheKafka(home)
    try:
        await asyncio.to_thread(kafka.start)
    finally:
        kafka.kill()


async def patiently(send: Callable[[], Awaitable[object]]) -> None:
    async def is_sent() -> bool:
        try:
            await send()
        except InfrastructureAway:
            return False
        return True

    await eventually(is_sent, PATIENCE)


async def heard_at_least(heard: Heard, interviews: Sequence[str], count: int) -> None:
    await eventually(lambda: holds(len(times_heard(heard, interviews)) >= count), PATIENCE)


async def all_published(giver: Service) -> None:
    async def none_waits() -> bool:
        return await pending(giver.database) == []

    await eventually(none_waits, PATIENCE)


async def holds(condition: bool) -> bool:
    return condition
