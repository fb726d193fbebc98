"""What the embedded broker alone does after a restart, and why its topics come first."""

import asyncio

import pytest

from tests.support.delivery import settings
from tests.support.embedded_kafka import EmbeddedKafka, running_kafka
from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.wire import Parcel, Place

pytestmark = pytest.mark.connected
TOPIC = "score.generated"
SENDS = 20


def wire_to(kafka: EmbeddedKafka) -> KafkaWire:
    return KafkaWire(settings(kafka_bootstrap_servers=kafka.bootstrap_servers))


async def acknowledged(wire: KafkaWire) -> list[tuple[Place, int]]:
    """Where the broker says that it put some messages of one key."""
    placed = [await wire.send(Parcel(TOPIC, b"k", b"%d" % number)) for number in range(SENDS)]
    return [((TOPIC, one.partition), one.offset) for one in placed]


async def kept(kafka: EmbeddedKafka, told: list[tuple[Place, int]]) -> int:
    """How many of these places have a record to somebody who asks anew."""
    reader = wire_to(kafka)
    lost = [await reader.forgotten({place: offset}) for place, offset in told]
    await reader.stop()
    return lost.count(set())


@pytest.mark.parametrize("topics_first", [False, True])
async def test_a_restarted_broker_keeps_what_it_acknowledges_only_when_its_topics_were_created_first(
    topics_first: bool,
) -> None:
    with running_kafka() as kafka:
        living = wire_to(kafka)
        assert await kept(kafka, await acknowledged(living)) == SENDS

        kafka.kill()
        await asyncio.to_thread(kafka.start_with_topics if topics_first else kafka.start)
        told = await acknowledged(living)

        assert len(told) == SENDS
        assert (await kept(kafka, told) == SENDS) is topics_first
        await living.stop()
