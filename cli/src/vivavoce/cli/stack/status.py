"""How the stack fares: each process, whether it does its work, and how often it was restarted."""

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from vivavoce.cli.errors import NotRunning
from vivavoce.cli.gateway_health import GatewayHealth, gateway_health
from vivavoce.cli.home import Home
from vivavoce.cli.stack.names import BROKER
from vivavoce.cli.stack.parts import Plan, Process
from vivavoce.cli.stack.ports import LOOPBACK
from vivavoce.cli.stack.processes import Record, records
from vivavoce.cli.stack.supervision import GIVEN_UP, ProcessState, Supervisor

CHECK_SECONDS = 3.0


class ProcessStatus(BaseModel):
    """One process. `state` is the supervisor's word; FATAL means a crash loop that was given up."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: str
    ready: bool
    pid: int | None
    port: int | None
    uptime: float | None
    restarts: int
    detail: str


class StackStatus(BaseModel):
    """The whole stack; `uptime` in seconds. `health` is what the gateway says, None when it says nothing."""

    model_config = ConfigDict(frozen=True)

    ready: bool
    base_url: str
    home: str
    kafka: str
    mongodb: str | None
    processes: tuple[ProcessStatus, ...]
    health: GatewayHealth | None = None

    def given_up(self) -> tuple[ProcessStatus, ...]:
        """The processes that crashed so often that they are no longer restarted."""
        return tuple(process for process in self.processes if process.state == GIVEN_UP)


def running_plan(home: Home) -> Plan:
    """The plan of the running stack; raises NotRunning."""
    if not Supervisor(home).runs():
        raise NotRunning(home.root)
    return Plan.model_validate_json(home.plan.read_text())


def stack_status(home: Home) -> StackStatus:
    """The state of the running stack; raises NotRunning."""
    plan = running_plan(home)
    states = Supervisor(home).processes()
    known = records(home)
    ready = ready_names(home, plan.supervised())
    listed = tuple(
        _status(process, states.get(process.name), known.get(process.name), process.name in ready)
        for process in plan.supervised()
    )
    return StackStatus(
        ready=all(process.ready for process in listed),
        base_url=plan.base_url,
        home=str(home.root),
        kafka=plan.kafka,
        mongodb=plan.mongodb,
        processes=listed,
        health=gateway_health(plan.base_url),
    )


def _status(
    process: Process, state: ProcessState | None, record: Record | None, ready: bool
) -> ProcessStatus:
    return ProcessStatus(
        name=process.name,
        state=state.state if state else "UNKNOWN",
        ready=ready,
        pid=state.pid if state else None,
        port=process.port,
        uptime=state.uptime if state else None,
        restarts=max(0, record.starts - 1) if record else 0,
        detail=state.detail if state else "",
    )


def ready_names(home: Home, processes: Iterable[Process]) -> set[str]:
    """The names of those processes that do their work now, asked all at once."""
    asked = tuple(processes)
    with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
        answers = pool.map(lambda process: _check_of(home, process)(), asked)
        return {process.name for process, ok in zip(asked, answers, strict=True) if ok}


def _check_of(home: Home, process: Process) -> Callable[[], bool]:
    if process.name == BROKER:
        return lambda: _has_topics(home)
    url = process.ready_url
    return (lambda: _answers(url)) if url else (lambda: _listens(process.port or 0))


def _has_topics(home: Home) -> bool:
    runner = records(home).get(BROKER)
    try:
        return runner is not None and home.topics_mark.read_text() == str(runner.pid)
    except FileNotFoundError:
        return False


def _answers(url: str) -> bool:
    target = urlsplit(url)
    connection = HTTPConnection(target.hostname or LOOPBACK, target.port, timeout=CHECK_SECONDS)
    try:
        connection.request("GET", target.path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=CHECK_SECONDS):
            return True
    except OSError:
        return False
