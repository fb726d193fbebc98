"""Every client of the broker is made on purpose: what a library would choose by itself is chosen here."""

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, from_kafka
from cloudevents.core.formats.json import JSONFormat
from faststream.kafka import prometheus
from faststream.kafka.subscriber.usecase import DefaultSubscriber
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from tests.support import facts
from tests.support.databases import until
from tests.support.delivery import parcel, settings
from tests.support.house import House
from tests.support.scripted_consumer import ScriptedCluster
from tests.support.shared import ROOT
from vivavoce.chassis import kafka_wire
from vivavoce.chassis.broker import make_broker
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.groups import longest_take, subscribe_topics
from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.retry import Backoff, Patience
from vivavoce.chassis.service import Service
from vivavoce.chassis.store import make_store
from vivavoce.chassis.turn import REVOKE_GRACE_SECONDS
from vivavoce.chassis.wire import Record

SOURCES = ("libs", "services", "cli", "samples", "bench", "tools", "tests")
CHOSEN = {
    "AIOKafkaConsumer": {"group_id", "enable_auto_commit"},
    "AIOKafkaProducer": {"acks", "enable_idempotence"},
}


async def take(_: Record) -> None:
    """Nothing."""


def trees(word: str, *folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """What is written in the files that contain a word."""
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        text = path.read_text(encoding="utf-8")
        if word in text:
            yield path, ast.parse(text)


def default(kind: type, name: str) -> object:
    return inspect.signature(kind).parameters[name].default


async def test_what_the_libraries_choose_by_themselves_is_not_what_delivery_needs() -> None:
    producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1")
    assert producer._sender._acks == 1
    assert default(AIOKafkaProducer, "enable_idempotence") is False
    assert default(AIOKafkaConsumer, "auto_offset_reset") == "latest"
    assert default(AIOKafkaConsumer, "enable_auto_commit") is True
    assert default(AIOKafkaConsumer, "rebalance_timeout_ms") is None
    assert default(AIOKafkaConsumer, "max_poll_interval_ms") == 300_000
    await producer.stop()


class NoConnection:
    """Stands in for a client: notes its options, and finds no broker."""

    made: list[dict[str, Any]]

    def __init__(self, **options: Any) -> None:
        self.made.append(options)

    async def start(self) -> None:
        raise KafkaConnectionError

    async def stop(self) -> None:
        """There is nothing to end."""


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The options of every client that the wire makes."""
    found: list[dict[str, Any]] = []
    for name in ("AIOKafkaProducer", "AIOKafkaConsumer"):
        monkeypatch.setattr(kafka_wire, name, type(name, (NoConnection,), {"made": found}))
    return found


@pytest.mark.parametrize("idempotent", [True, False])
async def test_whatever_is_sent_is_acknowledged_by_all_replicas_and_once_where_the_broker_can(
    made: list[dict[str, Any]], idempotent: bool
) -> None:
    with pytest.raises(InfrastructureAway):
        await KafkaWire(settings(kafka_idempotence=idempotent)).send(parcel(facts.ingested()))
    [options] = made
    assert (options["acks"], options["enable_idempotence"]) == ("all", idempotent)


async def test_whoever_listens_without_a_group_commits_nothing_and_says_where_it_begins(
    made: list[dict[str, Any]],
) -> None:
    wire = KafkaWire(settings())
    with pytest.raises(InfrastructureAway):
        async with wire.listen("score.generated", take):
            pass
    with pytest.raises(InfrastructureAway):
        await wire.forgotten({("score.generated", 0): 1})
    listening, asking = made
    assert (listening["auto_offset_reset"], asking["auto_offset_reset"]) == ("latest", "earliest")
    assert all((one["group_id"], one["enable_auto_commit"]) == (None, False) for one in made)


async def test_a_consumer_of_a_group_begins_at_the_beginning_and_outlives_its_rebalances(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster = ScriptedCluster(monkeypatch)
    chosen = settings("media", instance_name="2", kafka_static_membership=True, kafka_session_timeout=6.0)
    stream = make_broker(chosen).stream
    subscribe_topics(stream, "media.analysis", ["recording.ingested"], take, chosen, 1800.0)
    await stream.start()
    await stream.stop()

    options = cluster.consumers[0].options
    assert (options["group_id"], options["group_instance_id"]) == ("media.analysis", "media.analysis.2")
    assert (options["auto_offset_reset"], options["enable_auto_commit"]) == ("earliest", False)
    assert options["session_timeout_ms"] >= 3 * options["heartbeat_interval_ms"]
    assert options["max_poll_interval_ms"] == 1_800_000
    assert options["rebalance_timeout_ms"] > REVOKE_GRACE_SECONDS * 1000
    assert options["client_id"] == "media.2"


def test_no_client_is_made_without_saying_how_it_acknowledges() -> None:
    unsaid = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, tree in trees("AIOKafka", "libs", "services", "cli")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if not CHOSEN.get(call.func.id, set()) <= {given.arg for given in call.keywords}
    ]
    assert unsaid == []


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_nothing_uses_the_librarys_deprecated_way_into_http() -> None:
    users = [
        str(path)
        for path, tree in trees("faststream", *SOURCES)
        if any(name.startswith("faststream") and ".fastapi" in name for name in imported(tree))
    ]
    assert users == []


def services_of(house: House) -> list[Service]:
    return house.bus._services


def test_every_group_of_every_service_takes_one_message_at_a_time_for_as_long_as_its_rows_may(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    patience = Patience(house.clock, Backoff())
    names: list[str] = []
    for running in services_of(house):
        running._shell._register()
        by_name = {f"{running.settings.service_name}.{group.name}": group for group in running.groups}
        for subscriber in running.broker.stream.subscribers:
            assert type(subscriber) is DefaultSubscriber
            assert subscriber.group_id is not None
            names.append(subscriber.group_id)
            group = by_name.get(subscriber.group_id)
            if group is not None:
                wanted = longest_take(group.rows, patience) * 1000
                assert subscriber._connection_args["max_poll_interval_ms"] >= wanted
    assert len(names) == len(set(names)) == sum(len(running.groups) for running in services_of(house)) + 1


def test_every_stream_is_measured_and_the_measures_know_neither_lag_nor_rebalances(tmp_path: Path) -> None:
    for running in services_of(House(tmp_path)):
        middlewares = running.broker.stream.middlewares
        assert [type(one) for one in middlewares] == [prometheus.KafkaPrometheusMiddleware]
    registry = CollectorRegistry()
    prometheus.KafkaPrometheusMiddleware(registry=registry)
    told = generate_latest(registry).decode()
    assert "faststream_received_messages" in told
    assert "lag" not in told
    assert "rebalance" not in told


async def test_what_a_group_received_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def received() -> float:
        labels = {"app_name": "faststream", "broker": "kafka", "handler": "media.features"}
        return REGISTRY.get_sample_value("faststream_received_messages_total", labels) or 0.0

    cluster, before = ScriptedCluster(monkeypatch), received()
    cluster.put("media.features")
    stream = make_broker(settings()).stream
    subscribe_topics(stream, "media.features", ["media.features"], take, settings(), 1.0)
    await stream.start()
    await until(lambda: cluster.consumers[0].commits != [])
    await stream.stop()
    assert received() == before + 1


def test_a_structured_event_that_repeats_its_headers_is_misread_so_ours_are_binary() -> None:
    structured = json.dumps({"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": {"a": 1}})
    repeated = {"ce_specversion": b"1.0", "ce_id": b"1", "ce_source": b"/s", "ce_type": b"t"}
    misread = from_kafka(KafkaMessage(dict(repeated), None, structured.encode()), JSONFormat())
    assert misread.get_data() != {"a": 1}

    sent = parcel(facts.scored())
    read = from_binary(KafkaMessage(dict(sent.headers), sent.key, sent.value or b""), JSONFormat())
    assert read.get_data() == json.loads(sent.value or b"")
    assert dict(sent.headers)["content-type"] == b"application/json"


async def test_a_claim_holds_wherever_the_store_is_mounted(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    claim = await make_store(here.as_uri()).put("analyses/a1/track", b"{}", "application/json")
    here.rename(there)
    assert await make_store(there.as_uri()).get(claim) == b"{}"
    assert str(tmp_path) not in claim.model_dump_json()
