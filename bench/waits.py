"""How long the bare chain waits for its database, by the step that waits."""

import json
import signal
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from contextvars import ContextVar

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

Waits = dict[str, float]
"""Seconds by the name of what waited."""
ASIDE = "aside"
MICROSECONDS = 1_000_000

_waiting: ContextVar[str] = ContextVar("waiting", default=ASIDE)


def wait_as(name: str) -> None:
    """Name what the running task waits for its database for, from now on."""
    _waiting.set(name)


class CommandTimes(CommandListener):
    """Sums up the time between each command and its answer; what is done aside counts as such."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def started(self, event: CommandStartedEvent) -> None:
        """Nothing to be done: the answer knows how long it took."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Count the time of a command that was answered."""
        self._count(event.duration_micros)

    def failed(self, event: CommandFailedEvent) -> None:
        """Count the time of a command that was refused: it was waited for as well."""
        self._count(event.duration_micros)

    def so_far(self) -> Waits:
        """The seconds until now."""
        return dict(self._seconds)

    def _count(self, micros: int) -> None:
        self._seconds[_waiting.get()] += micros / MICROSECONDS


def tell(times: CommandTimes) -> None:
    """Answer `asked` on the standard output."""
    print(json.dumps(times.so_far()), flush=True)


def asked(process: "subprocess.Popen[str]") -> Waits:
    """The waits so far of another process, which answers SIGUSR1 by `tell`."""
    process.send_signal(signal.SIGUSR1)
    if process.stdout is None:
        raise RuntimeError("a process without a pipe can't answer")
    return dict(json.loads(process.stdout.readline()))


def together(waits: Iterable[Waits]) -> Waits:
    """The sums over several processes."""
    found: defaultdict[str, float] = defaultdict(float)
    for one in waits:
        for name, seconds in one.items():
            found[name] += seconds
    return dict(found)
