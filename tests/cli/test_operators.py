"""`viva dlq`, `viva topics`, `viva outbox` and `viva replay`, as an operator types them."""

import asyncio
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.support.delivery import unique
from tests.support.embedded_kafka import EmbeddedKafka, embedded_kafka
from tests.support.embedded_mongo import EmbeddedMongo, embedded_mongo
from tests.support.operators import foreign_producer
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.outbox import Refusal
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.cli import gateway_command, replaying
from vivavoce.cli.app import main
from vivavoce.cli.broker_lag import PartitionEnd, lags_of
from vivavoce.cli.dead_letter_tables import value_lines
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.moments import moment_of
from vivavoce.cli.stack.parts import Plan, Process

__all__ = ["embedded_kafka", "embedded_mongo"]

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TOPIC = "score.generated"
Viva = Callable[..., tuple[int, str, str]]


@pytest.fixture
def viva(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    embedded_kafka: EmbeddedKafka,
) -> Viva:
    """Runs `viva` at the embedded broker; returns its exit code, what it printed and what it said."""
    monkeypatch.setenv("VIVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", embedded_kafka.bootstrap_servers)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["viva", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def headers(group: str, event_id: str, error: str = "provider_fault: busy") -> list[tuple[str, bytes]]:
    told = {
        "ce_id": event_id,
        "ce_type": TOPIC,
        "dlq_topic": TOPIC,
        "dlq_partition": "3",
        "dlq_offset": "17",
        "dlq_group": group,
        "dlq_error": error,
        "dlq_attempts": "5",
        "dlq_first_failed_at": "2026-01-01T00:00:00+00:00",
    }
    return [(name, value.encode()) for name, value in told.items()]


@pytest.fixture
async def group(embedded_kafka: EmbeddedKafka) -> str:
    """A group that has given up two messages."""
    name = unique("operated.work")
    async with foreign_producer(embedded_kafka.bootstrap_servers) as producer:
        for event, value, error in (
            ("first", b'{"overall": 78.5}', "provider_fault: busy"),
            ("second", b"\x00\xff{", "undecodable: The value is not a score.generated."),
        ):
            await producer.send_and_wait(
                f"{TOPIC}.dlq", value, name.encode(), headers=headers(name, f"{name}/{event}", error)
            )
    return name


@pytest.mark.connected
def test_letters_are_listed_and_filtered(viva: Viva, group: str) -> None:
    code, out, _ = viva("dlq", "list", "--group", group, "--json")
    listed = json.loads(out)
    assert code == 0
    assert [(one["event_id"], one["state"], one["attempts"]) for one in listed] == [
        (f"{group}/first", "open", 5),
        (f"{group}/second", "open", 5),
    ]
    assert viva("dlq", "list", "--group", group)[1].count("open") == 2
    for narrower in (("--error", "undecodable"), ("--key", "nobody"), ("--until", "1d"), ("--limit", "1")):
        assert len(json.loads(viva("dlq", "list", "--group", group, "--json", *narrower)[1])) < 2
    for wider in (("--topic", TOPIC), ("--topic", f"{TOPIC}.dlq"), ("--since", "1h")):
        assert len(json.loads(viva("dlq", "list", "--group", group, "--json", *wider)[1])) == 2


@pytest.mark.connected
def test_a_letter_is_shown_whole(viva: Viva, group: str) -> None:
    place = json.loads(viva("dlq", "list", "--group", group, "--json")[1])[0]["copies"][0]
    _, out, _ = viva("dlq", "show", place)
    for said in ('"overall": 78.5', f"ce_id: {group}/first", f"by {group} after 5 tries", f"{TOPIC}/3/17"):
        assert said in out
    assert viva("dlq", "show", "no/such/place")[0] == 1


@pytest.mark.connected
async def test_a_redrive_keeps_the_headers_and_is_audited(
    viva: Viva, group: str, embedded_kafka: EmbeddedKafka
) -> None:
    def order(*arguments: str) -> tuple[int, str, str]:
        return viva("dlq", "redrive", "--error", "provider_fault", "--group", group, *arguments)

    planned = json.loads((await asyncio.to_thread(order, "--dry-run", "--json"))[1])
    done = json.loads((await asyncio.to_thread(order, "--yes", "--json", "--reason", "mended"))[1])
    assert planned == done
    [step] = done
    found = await sent_again(embedded_kafka.bootstrap_servers, step["redrive_id"])
    wanted = [*headers(group, f"{group}/first"), ("dlq_redrive_id", step["redrive_id"].encode())]
    assert (found.key, found.value, list(found.headers)) == (group.encode(), b'{"overall": 78.5}', wanted)

    audit = json.loads((await asyncio.to_thread(viva, "dlq", "audit", "--json"))[1])
    [recorded] = [one for one in audit if one["redrive_id"] == step["redrive_id"]]
    assert (recorded["reason"], recorded["action"], recorded["event_id"]) == (
        "mended",
        "redriven",
        f"{group}/first",
    )
    assert "@" in recorded["by"]
    again = await asyncio.to_thread(order, "--yes")
    assert "1 settled already are left alone" in again[2]


async def sent_again(servers: str, redrive_id: str) -> Any:
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await consumer.topics()
        consumer.assign([TopicPartition(TOPIC, n) for n in consumer.partitions_for_topic(TOPIC)])
        while True:
            record = await consumer.getone()
            if ("dlq_redrive_id", redrive_id.encode()) in record.headers:
                return record
    finally:
        await consumer.stop()


@pytest.mark.connected
def test_a_discarded_letter_is_listed_no_more_unless_all_states_are_asked_for(viva: Viva, group: str) -> None:
    assert viva("dlq", "discard", "--group", group, "--yes", "--reason", "known")[0] == 0
    assert json.loads(viva("dlq", "list", "--group", group, "--json")[1]) == []
    every = json.loads(viva("dlq", "list", "--group", group, "--json", "--all-states")[1])
    assert {one["state"] for one in every} == {"discarded"}
    assert {one["settlements"][0]["reason"] for one in every} == {"known"}
    assert "discarded" in viva("dlq", "list", "--group", group, "--all-states")[1]
    assert "known" in viva("dlq", "audit")[1]


@pytest.mark.connected
def test_nothing_is_done_to_all_letters_by_mistake(
    viva: Viva, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = viva("dlq", "redrive", "--yes")
    assert (code, "say --all" in err) == (1, True)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert viva("dlq", "discard", "--group", group)[0] == 1
    assert len(json.loads(viva("dlq", "list", "--group", group, "--json")[1])) == 2


@pytest.mark.connected
async def test_lag_is_shown_per_group_with_ends_that_the_broker_understates(
    viva: Viva, embedded_kafka: EmbeddedKafka
) -> None:
    servers, name = embedded_kafka.bootstrap_servers, unique("lagging.work")
    place = TopicPartition("interview.completed", 0)
    async with foreign_producer(servers) as producer:
        batch = [await producer.send(place.topic, b"{}", partition=0) for _ in range(9)]
        last = max([(await sent).offset for sent in batch])
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=servers, group_id=name, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([place])
    await consumer.commit({place: last - 3})
    await consumer.stop()

    _, out, err = await asyncio.to_thread(viva, "topics", "--json", "--group", name)
    [topic] = [one for one in json.loads(out) if one["name"] == place.topic]
    assert topic["end_offsets"][0] == last + 1
    assert topic["groups"][name][0] == {
        "partition": 0,
        "committed": last - 3,
        "end": last + 1,
        "lag": 4,
    }
    shown = await asyncio.to_thread(viva, "topics", "--group", name)
    assert "lower ends than there are records" in shown[2].replace("\n", " ")
    assert name in (await asyncio.to_thread(viva, "topics"))[1]
    assert (await asyncio.to_thread(viva, "topics", "--group", "nobody"))[0] == 1
    assert err == ""


def test_a_group_lags_also_where_it_has_never_committed() -> None:
    places = [TopicPartition("t", 0), TopicPartition("t", 1), TopicPartition("other", 0)]
    ends = {
        place: PartitionEnd(topic=place.topic, partition=place.partition, begin=2, end=9, told=9)
        for place in places
    }
    lags = lags_of("g", {places[0]: 5}, ends)
    assert [(lag.topic, lag.partition, lag.committed, lag.lag) for lag in lags] == [
        ("t", 0, 5, 4),
        ("t", 1, None, 7),
    ]


@pytest.mark.connected
async def test_refused_rows_are_listed_and_sent_again(
    viva: Viva, embedded_mongo: EmbeddedMongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGODB_URI", embedded_mongo.uri)
    database = MongoDatabase(embedded_mongo.uri, "viva_media", source="/t", clock=SystemClock())
    await database.prepare()

    async def work(uow: UnitOfWork) -> None:
        uow.forward("media.features", b"i1", b"x" * 2000, [])

    await database.transact(Context("org", "c"), work)
    [row] = await database.outbox.pending(10)
    await database.outbox.set_aside([Refusal(row, "too large")], NOW)

    [listed] = json.loads((await asyncio.to_thread(viva, "outbox", "list", "--json"))[1])
    assert (listed["service"], listed["topic"], listed["bytes"], listed["reason"]) == (
        "media",
        "media.features",
        2000,
        "too large",
    )
    assert (await asyncio.to_thread(viva, "outbox", "resend"))[0] == 1
    assert (await asyncio.to_thread(viva, "outbox", "resend", row.id, "--yes"))[0] == 0
    assert [waiting.id for waiting in await database.outbox.pending(10)] == [row.id]
    assert "nothing" in (await asyncio.to_thread(viva, "outbox", "list"))[2]
    await database.close()


def test_a_replay_runs_with_the_environment_of_the_stacks_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import json, os, sys; names = 'read applied unchanged repeated ignored undecodable unknown failed';"
        "print('a log line'); print(json.dumps({**dict.fromkeys(names.split(), 0), 'read': len(sys.argv),"
        "'dry_run': os.environ['WHOSE'] == 'gateway'}))"
    )
    gateway = Process(
        name="gateway",
        room="services",
        command=(sys.executable, "-c", script),
        environment={"WHOSE": "gateway"},
    )
    plan = Plan(base_url="", kafka="", mongodb=None, processes=(gateway,))
    monkeypatch.setattr(gateway_command, "running_plan", lambda _: plan)
    report = replaying.replay(NOW, NOW, dry_run=True, environment={"VIVA_HOME": str(tmp_path)})
    assert (report.read, report.dry_run) == (7, True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("15min", NOW - timedelta(minutes=15)),
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-03-01T10:00+02:00", datetime(2026, 3, 1, 8, 0, tzinfo=UTC)),
    ],
)
def test_times_are_given_as_people_say_them(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


def test_what_is_no_time_is_named() -> None:
    with pytest.raises(CommandFailed, match="'yesterday' is no time"):
        moment_of("yesterday", NOW)


def test_a_value_is_shown_in_the_form_that_tells_most() -> None:
    assert value_lines(b'{"a":1}') == ["{", '  "a": 1', "}"]
    assert value_lines("not {json ü".encode()) == ["'not {json ü'"]
    assert value_lines(b"\x00\xff") == ["00ff"]
    assert value_lines(None) == ["–"]
    assert value_lines(b"x" * 600)[1] == "… and 88 bytes more"
