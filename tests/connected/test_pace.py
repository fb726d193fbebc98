"""Consumers of the embedded broker that a bell tells when to look: they hear at once, and rest in between."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaClient, AIOKafkaProducer
from aiokafka.protocol.fetch import FetchRequest

from tests.support import facts
from tests.support.databases import ACME, CONTEXT, until
from tests.support.delivery import SOON, Heard, commit, of, parcel, running, service, unique
from tests.support.embedded_kafka import EmbeddedKafka
from tests.support.kafka import embedded_only
from vivavoce.chassis import groups, kafka_pace
from vivavoce.chassis.answers import answer
from vivavoce.chassis.ask import Asker
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.service import Service
from vivavoce.chassis.subscriptions import Group, Received, on
from vivavoce.chassis.wire import Parcel, Record
from vivavoce.contracts import ListWebhooks, MediaFeatures, RecordingRequested, WebhooksListed

pytestmark = [pytest.mark.connected, embedded_only]

QUIET_SECONDS = 2.0
FETCHES_OF_THE_RESTLESS = 100
"""Far more than a paced consumer has in that time, and far fewer than one that isn't."""

LONGER_THAN_PREFETCHING_WAITS = 0.3
"""After a tenth of a second, a consumer asks for its partitions without that of its current message."""


def hearing(heard: Heard, kafka: EmbeddedKafka, folder: Path, **parts: Any) -> Service:
    """A service that hears two topics in one group."""
    rows = on(RecordingRequested, heard, within=SOON), on(MediaFeatures, heard, within=SOON)
    return service(
        unique("worker"),
        groups=[Group("all", rows)],
        bootstrap_servers=kafka.bootstrap_servers,
        doorbells=folder,
        **parts,
    )


def both_heard(heard: Heard, interview: str) -> bool:
    return [received.fact.interview_id for received in heard.received].count(interview) == 2


def known_in(folder: Path) -> list[str]:
    """The services whose bells others find."""
    return sorted(path.name.partition(".")[0] for path in folder.iterdir())


@pytest.fixture
def only_rings_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch that is held goes on when the bell rings, and never by itself."""
    monkeypatch.setattr(kafka_pace, "HOLD_SECONDS", 1e6)


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every fetch that reaches a broker."""
    sent: list[object] = []
    send = AIOKafkaClient.send

    async def counted(client: Any, node: object, request: Any, **options: Any) -> Any:
        if isinstance(request, FetchRequest):
            sent.append(request)
        return await send(client, node, request, **options)

    monkeypatch.setattr(AIOKafkaClient, "send", counted)
    return sent


async def test_what_another_process_sends_is_heard_when_it_rings(
    embedded_kafka: EmbeddedKafka, tmp_path: Path, only_rings_count: None
) -> None:
    heard, interview = Heard(), unique("interview")
    worker = hearing(heard, embedded_kafka, tmp_path)
    giver = service(unique("giver"), bootstrap_servers=embedded_kafka.bootstrap_servers, doorbells=tmp_path)

    async with running(worker, giver):
        for name in (f"{interview}/{number}" for number in range(5)):
            await commit(giver, of(name, facts.requested()), of(name, facts.features()))
            await until(partial(both_heard, heard, name))


async def test_what_is_sent_while_a_slow_handler_works_is_heard_after_it(
    embedded_kafka: EmbeddedKafka, tmp_path: Path, only_rings_count: None
) -> None:
    interview, let_go = unique("interview"), asyncio.Event()
    heard: list[str] = []

    async def slow(received: Received[RecordingRequested], _: object) -> None:
        heard.append(received.envelope.id)
        if received.fact.interview_id == interview:
            await let_go.wait()

    group = Group("slow", (on(RecordingRequested, slow, within=SOON),))
    worker = service(
        unique("worker"),
        groups=[group],
        bootstrap_servers=embedded_kafka.bootstrap_servers,
        doorbells=tmp_path,
    )

    async with running(worker):
        for name in ("first", "second"):
            await worker.broker.wire.send(parcel(of(interview, facts.requested()), f"{interview}/{name}"))
            await until(lambda: f"{interview}/first" in heard)
            await asyncio.sleep(LONGER_THAN_PREFETCHING_WAITS)
        let_go.set()

        await until(lambda: f"{interview}/second" in heard)


async def test_a_look_for_which_the_time_is_too_short_is_repeated_with_more(
    embedded_kafka: EmbeddedKafka,
    tmp_path: Path,
    only_rings_count: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        groups, "fetch_wait_ms", lambda *_: 0
    )  # as if the logs were too long for a millisecond
    heard, interview = Heard(), unique("interview")

    async with running(worker := hearing(heard, embedded_kafka, tmp_path)):
        for name in (f"{interview}/{number}" for number in range(3)):
            await commit(worker, of(name, facts.requested()), of(name, facts.features()))
            await until(partial(both_heard, heard, name))


async def test_questions_and_listeners_are_told_too(
    embedded_kafka: EmbeddedKafka, tmp_path: Path, only_rings_count: None
) -> None:
    servers = embedded_kafka.bootstrap_servers

    async def list_webhooks(_: ListWebhooks, __: Context) -> WebhooksListed:
        return WebhooksListed(endpoints=())

    answering = [answer(ListWebhooks, list_webhooks)]
    notifier = service(unique("notifier"), answers=answering, bootstrap_servers=servers, doorbells=tmp_path)
    gateway = service(unique("gateway"), bootstrap_servers=servers, doorbells=tmp_path)
    gateway.asker = Asker(
        gateway.broker, gateway.database, service_name="gateway", owner="1", clock=SystemClock()
    )
    words: list[bytes | None] = []

    async def keep(record: Record) -> None:
        words.append(record.value)

    async with running(notifier, gateway), gateway.broker.wire.listen("score.generated.dlq", keep):
        for word in (b"one", b"two", b"three"):
            await gateway.asker.ask(ListWebhooks(organization_id=ACME), CONTEXT, within=SOON)
            await notifier.broker.wire.send(Parcel("score.generated.dlq", word, word))
            await until(partial(words.__contains__, word))


async def test_what_nobody_rings_for_is_heard_too(embedded_kafka: EmbeddedKafka, tmp_path: Path) -> None:
    heard, interview = Heard(), unique("interview")
    sent = parcel(of(interview, facts.requested()), interview)

    async with running(hearing(heard, embedded_kafka, tmp_path)):
        producer = AIOKafkaProducer(bootstrap_servers=embedded_kafka.bootstrap_servers)
        await producer.start()
        await producer.send_and_wait(sent.topic, sent.value, sent.key, headers=list(sent.headers))
        await producer.stop()

        await until(lambda: interview in heard.ids)


async def test_consumers_of_a_quiet_broker_rest(
    embedded_kafka: EmbeddedKafka, tmp_path: Path, fetches: list[object]
) -> None:
    async def keep(_: Record) -> None:
        raise AssertionError("nobody spoke")

    worker = hearing(Heard(), embedded_kafka, tmp_path)
    async with running(worker), worker.broker.wire.listen("score.generated.dlq", keep):
        await asyncio.sleep(QUIET_SECONDS)  # what lay there has been read
        fetches.clear()

        await asyncio.sleep(QUIET_SECONDS)

        assert 0 < len(fetches) < FETCHES_OF_THE_RESTLESS


async def test_a_process_is_told_only_while_it_runs(embedded_kafka: EmbeddedKafka, tmp_path: Path) -> None:
    worker = hearing(Heard(), embedded_kafka, tmp_path)

    async with running(worker):
        assert known_in(tmp_path) == [worker.settings.service_name]

    assert known_in(tmp_path) == []
