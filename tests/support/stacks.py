"""Small stacks for tests: real supervisor, stand-in services, and a promise that nothing survives."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vivavoce.cli.home import Home, private_folder
from vivavoce.cli.stack.lifecycle import run_plan, take_down, write_plan
from vivavoce.cli.stack.parts import Plan, Process
from vivavoce.cli.stack.ports import choose_ports
from vivavoce.cli.stack.processes import alive, records

STAND_IN = Path(__file__).with_name("stand_in_service.py")
UP_SECONDS = 30.0


def home_in(folder: Path) -> Home:
    """A home with its folders."""
    home = Home(folder / "home")
    for path in (home.run, home.logs, home.store, home.database, home.socket.parent):
        private_folder(path)
    return home


def stand_in(name: str, port: int, *, mode: str = "", start_seconds: int = 1) -> Process:
    """A service that only says that it is ready; with mode `crash` it ends at once."""
    return Process(
        name=name,
        room="services",
        command=(sys.executable, str(STAND_IN)),
        environment={"HTTP_PORT": str(port), "STAND_IN": mode},
        port=port,
        ready_url=f"http://127.0.0.1:{port}/ready",
        start_seconds=start_seconds,
        stop_seconds=3,
    )


def supervisor_of(home: Home) -> Process:
    """The supervisor's own process, ending with the test."""
    return Process(
        name="supervisor",
        room="parts",
        command=(sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(home.supervisor_conf)),
        death_signal="TERM",
    )


def free_ports(*names: str) -> dict[str, int]:
    """A free port for each name."""
    return choose_ports(names, {}, None)


def plan_of(home: Home, *processes: Process, kafka: str = "", port: int = 1) -> Plan:
    """A plan of these processes under a supervisor."""
    return Plan(
        base_url=f"http://127.0.0.1:{port}",
        kafka=kafka,
        mongodb=None,
        processes=(supervisor_of(home), *processes),
    )


@contextmanager
def running(home: Home, plan: Plan) -> Iterator[None]:
    """The stack of a plan for the length of a block; asserts that nothing outlives it."""
    write_plan(home, plan)
    run_plan(home, plan, UP_SECONDS, lambda _: None)
    known = records(home)
    try:
        yield
    finally:
        known = {**known, **records(home)}
        take_down(home)
    assert [name for name, record in known.items() if alive(record)] == []
