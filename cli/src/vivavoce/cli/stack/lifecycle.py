"""Brings a stack up and takes it down, leaving nothing behind."""

import asyncio
import fcntl
import os
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vivavoce.chassis.errors import VivaError
from vivavoce.cli.errors import CommandFailed, NotRunning
from vivavoce.cli.home import Home, private_folder, write_private
from vivavoce.cli.logs import last_lines
from vivavoce.cli.stack.conf import supervisor_conf
from vivavoce.cli.stack.keys import ensure_keys
from vivavoce.cli.stack.names import KAFKA_BROKERS, SUPERVISOR
from vivavoce.cli.stack.parts import Plan
from vivavoce.cli.stack.plan import make_plan, needed_ports
from vivavoce.cli.stack.ports import choose_ports, fixed_port, remember_ports, remembered_ports
from vivavoce.cli.stack.processes import alive, end, forget, records, wait_gone
from vivavoce.cli.stack.requirements import check_installed, check_kafka
from vivavoce.cli.stack.status import StackStatus, ready_names, running_plan, stack_status
from vivavoce.cli.stack.supervision import GIVEN_UP, Supervisor, start_supervisor

STOP_SECONDS = 40.0
END_SECONDS = 4.0
POLL_SECONDS = 0.1
LOG_LINES = 8
CRASHES_AT_START = 2

Report = Callable[[str], None]
"""Told, in a few words, what is being waited for."""


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Let only one command at a time start or stop this home's stack."""
    with (home.run / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandFailed(f"Another `viva` is starting or stopping the stack in {home.root}.") from None
        yield


def bring_up(
    home: Home,
    environment: Mapping[str, str],
    *,
    scripted: bool,
    foreground: bool,
    within: float,
    report: Report,
    kafka: bool = False,
) -> StackStatus:
    """Start everything and return when all of it is ready; on failure nothing is left running."""
    check_installed(environment, kafka=kafka)
    if kafka:
        check_kafka(home, environment)
    _make_folders(home)
    with _alone(home):
        if Supervisor(home).runs():
            raise CommandFailed(f"A stack already runs in {home.root}, at {running_plan(home).base_url}.")
        _end_leftovers(home)
        plan = prepare(home, environment, scripted=scripted, foreground=foreground, kafka=kafka)
        if not plan.embeds_broker():
            _create_topics(plan.kafka)
        run_plan(home, plan, within, report)
        return stack_status(home)


def _make_folders(home: Home) -> None:
    home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (home.run, home.logs, home.store, home.database, home.socket.parent):
        try:
            private_folder(folder)
        except OSError as refused:
            raise CommandFailed(f"The stack's folder {folder} can't be used: {refused}.") from None


def prepare(
    home: Home, environment: Mapping[str, str], *, scripted: bool, foreground: bool, kafka: bool
) -> Plan:
    """Choose ports, make keys, and write the plan and the supervisor's configuration."""
    needed = needed_ports(environment, kafka=kafka)
    ports = choose_ports(needed, remembered_ports(home), fixed_port(environment))
    remember_ports(home, ports)
    keys = ensure_keys(home)
    plan = make_plan(home, ports, keys, environment, scripted=scripted, foreground=foreground)
    write_plan(home, plan)
    return plan


def write_plan(home: Home, plan: Plan) -> None:
    """Write what the launched processes and the supervisor read."""
    write_private(home.plan, plan.model_dump_json(indent=2))
    write_private(home.supervisor_conf, supervisor_conf(plan, as_root=os.getuid() == 0))
    for process in plan.processes:
        for path, text in process.files.items():
            write_private(Path(path), text)


def _create_topics(kafka: str, **options: int) -> None:
    from vivavoce.chassis.kafka_wire import KafkaWire
    from vivavoce.chassis.settings import ServiceSettings

    settings = ServiceSettings.model_validate({"kafka_bootstrap_servers": kafka, **options})
    asyncio.run(KafkaWire(settings).ensure_topics())


def run_plan(home: Home, plan: Plan, within: float, report: Report) -> None:
    """Start what is planned and wait until it is ready; on failure nothing is left running."""
    supervisor = start_supervisor(home)
    try:
        _await_all(home, plan, supervisor, time.monotonic() + within, report)
    except BaseException:
        _stop(home)
        supervisor.terminate()
        supervisor.wait()
        raise


def _await_all(
    home: Home, plan: Plan, supervisor: "subprocess.Popen[bytes]", until: float, report: Report
) -> None:
    """Broker and database first: services start once there are topics."""
    _await_supervisor(home, supervisor, until)
    _await_ready(home, plan, "infrastructure", until, report)
    if plan.lacks_topics():
        _await_topics(plan.kafka, until, report)
    Supervisor(home).start_group("services")
    _await_ready(home, plan, "services", until, report)


def _await_supervisor(home: Home, process: "subprocess.Popen[bytes]", until: float) -> None:
    while not Supervisor(home).runs():
        if process.poll() is not None or time.monotonic() > until:
            raise CommandFailed(f"The supervisor didn't start: {_last_words(home, SUPERVISOR)}")
        time.sleep(POLL_SECONDS)


def _await_topics(kafka: str, until: float, report: Report) -> None:
    """Each topic needs all brokers, and a broker that listens may not yet count as one of the cluster."""
    while True:
        report("the topics")
        try:
            return _create_topics(kafka, kafka_replication_factor=len(KAFKA_BROKERS))
        except VivaError as error:
            if time.monotonic() > until:
                raise CommandFailed(f"The topics can't be created in time: {error.message}") from error
        time.sleep(POLL_SECONDS)


def _await_ready(home: Home, plan: Plan, room: str, until: float, report: Report) -> None:
    waiting = {process.name: process for process in plan.supervised() if process.room == room}
    while waiting:
        report(", ".join(waiting))
        _check_crashes(home, waiting)
        for name in ready_names(home, waiting.values()):
            del waiting[name]
        if waiting and time.monotonic() > until:
            name = next(iter(waiting))
            raise CommandFailed(
                f"{name} isn't ready in time; see `viva logs {name}`: {_last_words(home, name)}"
            )
        time.sleep(POLL_SECONDS if waiting else 0)


def _check_crashes(home: Home, names: Iterable[str]) -> None:
    started = records(home)
    states = Supervisor(home).processes()
    for name in names:
        crashes = started[name].starts - 1 if name in started else 0
        if states[name].state == GIVEN_UP or crashes >= CRASHES_AT_START:
            raise CommandFailed(f"{name} crashes again and again: {_last_words(home, name)}")


def _last_words(home: Home, name: str) -> str:
    return "\n".join(last_lines(home.log_of(name), LOG_LINES)) or "it wrote nothing"


def take_down(home: Home) -> tuple[str, ...]:
    """Stop the stack and whatever an earlier one left; returns the names of what still ran."""
    if not home.run.exists():
        return ()
    with _alone(home):
        running = tuple(name for name, record in records(home).items() if alive(record))
        _stop(home)
        return running


def _stop(home: Home) -> None:
    """First in order, by the supervisor; then whoever is left, by process id and start time."""
    supervisor = records(home).get(SUPERVISOR)
    try:
        Supervisor(home).shut_down()
    except NotRunning:
        supervisor = None
    if supervisor:
        wait_gone([supervisor], STOP_SECONDS)
    _end_leftovers(home)


def _end_leftovers(home: Home) -> None:
    end(records(home).values(), END_SECONDS)
    forget(home)
    home.topics_mark.unlink(missing_ok=True)
    home.socket.unlink(missing_ok=True)
