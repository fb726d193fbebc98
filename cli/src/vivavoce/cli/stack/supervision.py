"""Starts the supervisor and talks to it over its private socket."""

import os
import subprocess
import sys
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, cast

from vivavoce.cli.errors import NotRunning
from vivavoce.cli.home import HOME_VARIABLE, SOCKET_VARIABLE, Home
from vivavoce.cli.stack.names import LAUNCH, SUPERVISOR

GIVEN_UP = "FATAL"
SHUTTING_DOWN = 6
"""The fault that the supervisor answers with while it ends."""
RUNNING_STATES = frozenset({"STARTING", "RUNNING"})


@dataclass(frozen=True)
class ProcessState:
    """What the supervisor knows of a process; `uptime` in seconds, `detail` why it doesn't run."""

    name: str
    state: str
    pid: int | None
    uptime: float | None
    detail: str


class Supervisor:
    """The running supervisor of a home. Every call raises NotRunning when there is none, or it is ending."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def runs(self) -> bool:
        """Whether it answers."""
        try:
            self._call("getState")
        except NotRunning:
            return False
        return True

    def processes(self) -> dict[str, ProcessState]:
        """The state of every supervised process, by name."""
        told = cast("list[dict[str, Any]]", self._call("getAllProcessInfo"))
        return {str(info["name"]): _state(info) for info in told}

    def start_group(self, name: str) -> None:
        """Start all processes of a group, without waiting for them."""
        self._call("startProcessGroup", name, False)

    def shut_down(self) -> None:
        """Begin to stop everything: groups in order of priority, then the supervisor itself."""
        self._call("shutdown")

    def _call(self, method: str, *arguments: object) -> object:
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(serverurl=f"unix://{self._home.socket}")
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, HTTPException) as gone:
            raise NotRunning(self._home.root) from gone
        except xmlrpc.client.Fault as refused:
            if refused.faultCode != SHUTTING_DOWN:
                raise
            raise NotRunning(self._home.root) from refused
        finally:
            transport.close()


def _state(info: Mapping[str, Any]) -> ProcessState:
    state = str(info["statename"])
    up = state in RUNNING_STATES
    return ProcessState(
        name=str(info["name"]),
        state=state,
        pid=int(info["pid"]) or None,
        uptime=float(info["now"] - info["start"]) if up else None,
        detail="" if up else str(info["spawnerr"] or info["description"]),
    )


def start_supervisor(home: Home) -> "subprocess.Popen[bytes]":
    """Start supervisord in a session of its own, so that Ctrl-C in the terminal doesn't reach it."""
    environment = {**os.environ, HOME_VARIABLE: str(home.root), SOCKET_VARIABLE: str(home.socket)}
    with home.log_of(SUPERVISOR).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", LAUNCH, SUPERVISOR],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
