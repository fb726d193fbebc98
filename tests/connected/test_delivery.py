"""What the memory twin can't show: the same promises over a real connection to the embedded broker."""

import asyncio
from dataclasses import replace

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

from tests.support import facts
from tests.support.databases import ACME, CONTEXT, until
from tests.support.delivery import SOON, Heard, commit, memory_database, of, parcel, running, service, unique
from tests.support.kafka import Kafka
from vivavoce.chassis.answers import answer
from vivavoce.chassis.ask import Asker
from vivavoce.chassis.broadcasts import broadcast
from vivavoce.chassis.broker import Publisher, ensure_topics
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import NotFound, ProviderFault
from vivavoce.chassis.service import Service
from vivavoce.chassis.subscriptions import Group, Received, on
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.chassis.wire import ParcelRefused, Record
from vivavoce.contracts import (
    ListWebhooks,
    MediaFeatures,
    PipelineProgress,
    RecordingRejected,
    RecordingRequested,
    WebhooksListed,
)

pytestmark = pytest.mark.connected


def about(heard: Heard, interview: str) -> list[str]:
    """The types that a handler heard about an interview, in order."""
    return [r.envelope.type for r in heard.received if r.fact.interview_id == interview]


async def test_one_consumer_hears_several_topics_in_order_per_key_and_poison_stops_none(
    kafka: Kafka,
) -> None:
    interview, servers = unique("interview"), kafka.bootstrap_servers
    heard, dead = Heard(), Heard()
    group = Group("all", (on(RecordingRequested, heard, within=SOON), on(MediaFeatures, heard, within=SOON)))
    worker = service(unique("worker"), groups=[group], bootstrap_servers=servers)
    giver = service(unique("giver"), bootstrap_servers=servers)
    dead_letters: list[Record] = []

    good = parcel(of(interview, facts.requested()), f"{interview}/1")

    async def keep(record: Record) -> None:
        if record.key == good.key:
            dead_letters.append(record)

    async with running(worker, giver), giver.broker.wire.listen("recording.requested.dlq", keep):
        for poison in (
            replace(good, value=b"not json"),
            replace(good, headers=(("ce_id", b"\xff"), ("odd", b"\xff"))),
            replace(good, headers=()),
        ):
            await giver.broker.wire.send(poison)
        await commit(giver, *[of(interview, facts.requested())] * 3, of(interview, facts.features()))

        await until(lambda: len(about(heard, interview)) >= 4 and len(dead_letters) >= 3)

    assert [i for i in heard.ids if i.startswith(f"{interview}/recording.requested")] == [
        f"{interview}/recording.requested/{number}" for number in range(3)
    ]
    assert about(heard, interview).count("media.features") == 1
    assert {record.value for record in dead_letters} == {good.value, b"not json"}
    assert dead.received == []


async def test_a_failing_message_is_tried_again_then_told_and_put_aside(
    kafka: Kafka,
) -> None:
    interview, servers = unique("interview"), kafka.bootstrap_servers
    passing, hopeless, told = Heard(ProviderFault("busy")), Heard(*[ProviderFault("down")] * 9), Heard()

    async def tell(received: Received[MediaFeatures], _: object, uow: UnitOfWork) -> None:
        uow.emit(of(received.fact.interview_id, facts.rejected()))

    groups = [
        Group("passing", (on(RecordingRequested, passing, within=SOON),)),
        Group("hopeless", (on(MediaFeatures, hopeless, within=SOON, tries=2, failed=tell),)),
        Group("told", (on(RecordingRejected, told, within=SOON),)),
    ]
    worker = service(unique("worker"), groups=groups, bootstrap_servers=servers)

    async with running(worker):
        await commit(worker, of(interview, facts.requested()), of(interview, facts.features()))
        await until(lambda: about(told, interview) != [] and about(passing, interview) != [])

    assert about(passing, interview) == ["recording.requested"]
    assert about(told, interview) == ["recording.rejected"]
    assert about(hopeless, interview) == []


async def test_a_service_that_comes_back_goes_on_where_it_stopped(kafka: Kafka) -> None:
    name, interview, servers = unique("worker"), unique("interview"), kafka.bootstrap_servers
    database = memory_database(SystemClock())
    first, second = Heard(), Heard()

    def worker(heard: Heard) -> Service:
        group = Group("work", (on(RecordingRequested, heard, within=SOON),))
        return service(name, groups=[group], database=database, bootstrap_servers=servers)

    async with running(before := worker(first)):
        await commit(before, of(interview, facts.requested()))
        await until(lambda: about(first, interview) != [])
    async with running(after := worker(second)):
        await commit(after, of(interview + "-next", facts.requested()))
        await until(lambda: about(second, interview + "-next") != [])

    assert about(second, interview) == []


async def test_questions_are_answered_over_the_broker(kafka: Kafka) -> None:
    servers = kafka.bootstrap_servers

    async def list_webhooks(question: ListWebhooks, _: Context) -> WebhooksListed:
        if question.organization_id != ACME:
            raise NotFound("no such organization")
        return WebhooksListed(endpoints=())

    notifier = service(
        unique("notifier"), answers=[answer(ListWebhooks, list_webhooks)], bootstrap_servers=servers
    )
    gateway = service(unique("gateway"), bootstrap_servers=servers)
    gateway.asker = Asker(
        gateway.broker, gateway.database, service_name="gateway", owner="1", clock=SystemClock()
    )

    async with running(notifier, gateway):
        reply = await gateway.asker.ask(ListWebhooks(organization_id=ACME), CONTEXT, within=SOON)
        with pytest.raises(NotFound):
            await gateway.asker.ask(ListWebhooks(organization_id="org_none"), CONTEXT, within=SOON)

    assert reply == WebhooksListed(endpoints=())


async def test_every_instance_hears_progress_from_now_on(kafka: Kafka) -> None:
    servers, interview = kafka.bootstrap_servers, unique("interview")
    heard: list[list[str]] = [[], []]

    def listener(into: list[str]) -> Service:
        async def note(received: Received[PipelineProgress]) -> None:
            into.append(received.fact.interview_id)

        return service("gateway", broadcasts=[broadcast(PipelineProgress, note)], bootstrap_servers=servers)

    giver = service(unique("giver"), bootstrap_servers=servers)
    publisher = Publisher(giver.broker, service_name="giver", clock=SystemClock())
    progress = of(interview, facts.progress())

    async def heard_by_both() -> bool:
        await publisher.publish_now(progress, CONTEXT)
        return all(interview in into for into in heard)

    async with running(giver, *map(listener, heard)):
        await until(heard_by_both)


async def test_a_published_fact_is_a_cloud_event_for_the_published_sdk(kafka: Kafka) -> None:
    giver = service(unique("giver"), bootstrap_servers=kafka.bootstrap_servers)
    interview = unique("interview")
    records: list[Record] = []

    async def keep(record: Record) -> None:
        records.append(record)

    async with running(giver), giver.broker.wire.listen("score.generated", keep):
        await commit(giver, of(interview, facts.scored()))
        await until(lambda: records != [])

    [record] = records
    event = from_kafka_event(KafkaMessage(dict(record.headers), record.key, record.value or b""))
    assert (event.get_type(), event.get_specversion()) == ("score.generated", "1.0")
    assert (event.get_subject(), event.get_source()) == (interview, "/vivavoce/test")
    assert event.get_extension("organizationid") == ACME
    assert event.get_extension("correlationid") == CONTEXT.correlation_id
    assert event.get_extension("causationid") == CONTEXT.causation_id
    data = event.get_data()
    assert isinstance(data, dict)
    assert data["overall"] == 78.5


async def test_creating_the_topics_again_keeps_what_is_in_them(kafka: Kafka) -> None:
    wire = service(unique("giver"), bootstrap_servers=kafka.bootstrap_servers).broker.wire
    placed = await wire.send(parcel(facts.ingested()))

    await ensure_topics(kafka.bootstrap_servers)

    assert await wire.forgotten({("recording.ingested", placed.partition): placed.offset}) == set()
    await wire.stop()


async def test_only_what_the_broker_lost_counts_as_forgotten(kafka: Kafka) -> None:
    wire = service(unique("giver"), bootstrap_servers=kafka.bootstrap_servers).broker.wire
    batch = await asyncio.gather(*(wire.send(parcel(facts.reported(), f"e{n}")) for n in range(40)))
    place, last = ("integrity.reported", batch[0].partition), max(placed.offset for placed in batch)

    assert await wire.forgotten({place: last}) == set()
    assert await wire.forgotten({place: last + 1, ("no.such.topic", 3): 0}) == {place, ("no.such.topic", 3)}
    await wire.stop()


async def test_a_message_that_is_too_large_is_refused_for_good(kafka: Kafka) -> None:
    wire = service(unique("giver"), bootstrap_servers=kafka.bootstrap_servers).broker.wire

    with pytest.raises(ParcelRefused):
        await wire.send(replace(parcel(facts.ingested()), value=b"x" * 2_000_000))
    await wire.stop()
