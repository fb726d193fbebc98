"""The embedded stack under a real supervisor: it comes up, heals, gives up aloud, and leaves nothing."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.stacks import free_ports, home_in, plan_of, running, stand_in
from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.wire import Parcel
from vivavoce.cli.broker_lag import broker_view
from vivavoce.cli.broker_place import BrokerPlace
from vivavoce.cli.dead_letter_desk import all_letters
from vivavoce.cli.errors import CommandFailed, NotRunning
from vivavoce.cli.home import Home
from vivavoce.cli.stack.lifecycle import run_plan, take_down, write_plan
from vivavoce.cli.stack.plan import embedded_broker, embedded_database
from vivavoce.cli.stack.processes import alive, records, wait_gone
from vivavoce.cli.stack.status import ProcessStatus, stack_status
from vivavoce.contracts import all_topics

pytestmark = pytest.mark.connected
PATIENCE = 30.0


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.05)


def process(home: Home, name: str) -> ProcessStatus:
    return next(found for found in stack_status(home).processes if found.name == name)


def came_back(home: Home, name: str, restarts: int) -> bool:
    found = process(home, name)
    return found.ready and found.restarts == restarts


def kill(home: Home, name: str) -> None:
    os.kill(records(home)[name].pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Broker, database and one stand-in service."""
    home = home_in(tmp_path_factory.mktemp("stack"))
    ports = free_ports("gateway", "broker", "database")
    plan = plan_of(
        home,
        *embedded_broker(ports["broker"]),
        embedded_database(home, ports["database"]),
        stand_in("gateway", ports["gateway"]),
        kafka=f"127.0.0.1:{ports['broker']}",
        port=ports["gateway"],
    )
    with running(home, plan):
        yield home


def test_all_processes_are_ready_with_ids_and_ports(stack: Home) -> None:
    status = stack_status(stack)
    assert status.ready
    assert {found.name for found in status.processes} == {"broker", "database", "gateway"}
    assert all(found.pid == records(stack)[found.name].pid for found in status.processes)


def test_a_killed_service_is_started_again_on_its_port(stack: Home) -> None:
    before = process(stack, "gateway")
    kill(stack, "gateway")
    eventually(lambda: came_back(stack, "gateway", before.restarts + 1))
    after = process(stack, "gateway")
    assert after.pid != before.pid
    assert after.port == before.port


async def partitions(kafka: str) -> set[tuple[str, int]]:
    view = await broker_view(BrokerPlace(kafka), all_topics())
    return {(place.topic, place.partition) for place in view.ends}


async def test_a_killed_broker_comes_back_with_its_topics(stack: Home) -> None:
    kafka = stack_status(stack).kafka
    restarts, ends = process(stack, "broker").restarts, await partitions(kafka)
    kill(stack, "broker-server")
    eventually(lambda: came_back(stack, "broker", restarts + 1))
    again = await partitions(kafka)
    assert {topic for topic, _ in again} == {topic.name for topic in all_topics()}
    assert again == ends


def test_the_broker_ends_with_its_runner(stack: Home) -> None:
    before, server = process(stack, "broker").restarts, records(stack)["broker-server"]
    kill(stack, "broker")
    eventually(lambda: came_back(stack, "broker", before + 1))
    assert not alive(server)


async def test_dead_letters_are_listed_with_what_is_known_of_them(stack: Home) -> None:
    kafka = stack_status(stack).kafka
    wire = KafkaWire(ServiceSettings(kafka_bootstrap_servers=kafka))
    headers = (
        ("dlq_topic", b"recording.requested"),
        ("dlq_partition", b"3"),
        ("dlq_offset", b"17"),
        ("dlq_group", b"media.ingest"),
        ("dlq_error", b"analysis_failed: no"),
        ("dlq_attempts", b"5"),
        ("dlq_first_failed_at", b"2026-01-01T00:00:00Z"),
    )
    await wire.send(Parcel("recording.requested.dlq", b"answer-1", b"{}", headers))
    await wire.stop()
    letter = (await all_letters(BrokerPlace(kafka)))[0].described()
    assert (letter.topic, letter.offset, letter.key) == ("recording.requested.dlq", 0, "answer-1")
    assert (letter.error, letter.attempts) == ("analysis_failed: no", 5)
    assert (letter.original_topic, letter.original_partition, letter.original_offset) == (
        "recording.requested",
        3,
        17,
    )


def test_a_second_start_is_refused_while_one_is_under_way(stack: Home) -> None:
    import fcntl

    with (stack.run / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandFailed, match="Another `viva` is starting or stopping"):
            take_down(stack)


def test_a_crash_loop_is_given_up_with_its_last_words_and_nothing_survives(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    ports = free_ports("gateway", "media")
    broken = stand_in("media", ports["media"], mode="crash")
    plan = plan_of(home, stand_in("gateway", ports["gateway"]), broken, kafka="", port=ports["gateway"])
    write_plan(home, plan)
    with pytest.raises(CommandFailed, match=r"media crashes again and again: (.|\n)*this one never starts"):
        run_plan(home, plan, PATIENCE, lambda _: None)
    with pytest.raises(NotRunning):
        stack_status(home)
    assert records(home) == {}


def test_services_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    ports = free_ports("gateway")
    with running(home, plan_of(home, stand_in("gateway", ports["gateway"]))):
        service = records(home)["gateway"]
        kill(home, "supervisor")
        assert wait_gone([service], PATIENCE)
        with pytest.raises(NotRunning):
            stack_status(home)


def test_what_an_earlier_stack_left_is_ended_by_its_record_and_a_stranger_is_not(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    ports = free_ports("gateway")
    plan = plan_of(home, stand_in("gateway", ports["gateway"]).model_copy(update={"death_signal": None}))
    with running(home, plan):
        orphan = records(home)["gateway"]
        stranger = home.run / "stranger.process.json"
        stranger.write_text(
            f'{{"name": "stranger", "pid": {os.getpid()}, "started": "long ago", "starts": 1}}'
        )
        kill(home, "supervisor")
        eventually(lambda: not alive(records(home)["supervisor"]))
        assert alive(orphan)
        assert take_down(home) == ("gateway",)
        assert not alive(orphan)
