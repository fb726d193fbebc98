"""Apache Kafka as three processes on one machine: each is a broker and a controller, and one may be missing.

The controllers know each other from their configuration alone, which is written anew at every start:
so ports may change in between.
"""

import base64
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from vivavoce.cli.home import Home
from vivavoce.cli.stack.names import KAFKA_BROKERS
from vivavoce.cli.stack.parts import Process
from vivavoce.cli.stack.ports import LOOPBACK

RUNNER = "vivavoce.cli.stack.kafka_runner"
LARGEST_VARIABLE = "KAFKA_MAX_MESSAGE_BYTES"
LARGEST_BYTES = 1_048_576
FRAME_BYTES = 65_536
"""What a message's batch may add to what the producer counts."""
JARS = "jars"
JAVA_OPTIONS = (
    *("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"),
    "-XX:TieredStopAtLevel=1",
)
IN_STEP = 2
COPIED = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
)
KEPT_IN_STEP = ("min.insync.replicas", "transaction.state.log.min.isr")
FOR_ALL = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    # All stop together: the last one would wait in vain for a controller to take over from it.
    "controlled.shutdown.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    # Services may set a session timeout of one second upwards.
    "group.min.session.timeout.ms": 1000,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "offsets.topic.num.partitions": 6,
}


def kafka_ports() -> tuple[str, ...]:
    """The names that need a port: of each broker one for clients, one for controllers."""
    return (*KAFKA_BROKERS, *(_controller(name) for name in KAFKA_BROKERS))


def addresses_of(ports: Mapping[str, int]) -> str:
    """Where clients find all brokers."""
    return ",".join(f"{LOOPBACK}:{ports[name]}" for name in KAFKA_BROKERS)


def kafka_environment() -> dict[str, str]:
    """What services are told besides the addresses: the cluster can do what the embedded broker can't."""
    return {
        "KAFKA_IDEMPOTENCE": "true",
        "KAFKA_REPLICATION_FACTOR": str(len(KAFKA_BROKERS)),
        "KAFKA_STATIC_MEMBERSHIP": "true",
    }


def kafka_folder(home: Home) -> Path:
    """Where a home has Apache Kafka: its jars, and its brokers' configurations and data."""
    return home.root / "kafka"


def is_fetched(home: Home) -> bool:
    """Whether `make kafka` has put there what the brokers run from."""
    return (kafka_folder(home) / JARS / "ready").exists()


def find_java(environment: Mapping[str, str]) -> str | None:
    """The program that runs Java: that of JAVA_HOME, else the first in the PATH; None when there is none."""
    own = environment.get("JAVA_HOME")
    found = shutil.which(f"{own}/bin/java" if own else "java", path=environment.get("PATH", os.defpath))
    return found and str(Path(found).absolute())


def kafka_brokers(
    home: Home, ports: Mapping[str, int], environment: Mapping[str, str]
) -> tuple[Process, ...]:
    """The cluster's processes; `environment` is the user's."""
    given = environment.get(LARGEST_VARIABLE, "")
    largest = int(given) if given.isdigit() else LARGEST_BYTES
    java = find_java(environment) or "java"
    return tuple(_broker(home, name, ports, java, largest) for name in KAFKA_BROKERS)


def _broker(home: Home, name: str, ports: Mapping[str, int], java: str, largest: int) -> Process:
    folder = str(kafka_folder(home))
    start = (java, *JAVA_OPTIONS, "-cp", f"{JARS}:{JARS}/*")
    return Process(
        name=name,
        room="infrastructure",
        command=(sys.executable, "-m", RUNNER, folder, name, cluster_id(home), *start),
        files={f"{folder}/{name}.properties": properties(name, ports, largest)},
        port=ports[name],
        stop_seconds=20,
    )


def properties(name: str, ports: Mapping[str, int], largest_message: int) -> str:
    """The configuration of one broker, which keeps its data in a folder of its name; sizes are in bytes."""
    voters = (f"{_number(one)}@{LOOPBACK}:{ports[_controller(one)]}" for one in KAFKA_BROKERS)
    clients = f"PLAINTEXT://{LOOPBACK}:{ports[name]}"
    copies = len(KAFKA_BROKERS)
    settings = {
        "node.id": _number(name),
        "controller.quorum.voters": ",".join(voters),
        "listeners": f"{clients},CONTROLLER://{LOOPBACK}:{ports[_controller(name)]}",
        "advertised.listeners": clients,
        "log.dirs": name,
        "message.max.bytes": largest_message + FRAME_BYTES,
        **dict.fromkeys(COPIED, copies),
        **dict.fromkeys(KEPT_IN_STEP, IN_STEP),
        **FOR_ALL,
    }
    return "".join(f"{setting}={value}\n" for setting, value in settings.items())


def _controller(name: str) -> str:
    return f"{name}-controller"


def _number(name: str) -> int:
    return KAFKA_BROKERS.index(name) + 1


def cluster_id(home: Home) -> str:
    """Tells the clusters of two homes apart, should one find the other's port."""
    return base64.urlsafe_b64encode(uuid5(NAMESPACE_URL, home.root.as_uri()).bytes).decode().rstrip("=")
