"""Processes that work side by side, stay warm between recordings, and never outlive their parent.

A lane is a child process that runs one function at a time, sealed off the network. When the process
that started it ends, however abruptly, the lane kills itself.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from threading import Thread
from traceback import format_exception
from typing import cast

from vivavoce.chassis.errors import VivaError, WorkerDied
from vivavoce.chassis.model_calls import receive_call, send_calls
from vivavoce.chassis.offline import seal

Tell = Callable[[float], None]
Work = Callable[..., object]


class LaneFailed(VivaError):
    """A lane met an error that nobody foresaw; the message carries its traceback."""

    code = "analysis_failed"


class Lanes:
    """Lanes by name, each started when it is first needed.

    `niceness` says how far they give way when processors are short, 0 not at all; `nicer`, how much
    further some do. With `sealed` false, they keep the network.
    """

    def __init__(self, *, niceness: int, sealed: bool, nicer: Mapping[str, int] | None = None) -> None:
        self._niceness = niceness
        self._nicer = nicer or {}
        self._sealed = sealed
        self._lanes: dict[str, _Lane] = {}

    def run(self, work: Mapping[str, tuple[Work, tuple[object, ...]]], on_share: Tell) -> dict[str, object]:
        """Call each lane's `function(*arguments, tell)` at the same time; what they return, by lane.

        `tell` takes the share of the lane's work that is done, 0-1; `on_share` hears the mean of all.
        Raises the first lane's VivaError, LaneFailed for any other error, and WorkerDied when a
        lane's process ends; the other lanes are then killed.
        """
        shares = dict.fromkeys(work, 0.0)
        results: dict[str, object] = {}
        try:
            for name, (function, arguments) in work.items():
                self._lane(name).connection.send((function, arguments))
            while len(results) < len(work):
                for name in self._ready(set(work) - set(results)):
                    kind, said = self._lanes[name].hear()
                    if kind == "call":
                        receive_call(cast("dict[str, object]", said))
                    elif kind == "result":
                        results[name], shares[name] = said, 1.0
                    else:
                        shares[name] = max(shares[name], cast("float", said))
                    on_share(sum(shares.values()) / len(shares))
        except BaseException:
            self.kill()
            raise
        return results

    def kill(self) -> None:
        """End every lane at once; the next work starts new ones."""
        while self._lanes:
            self._lanes.popitem()[1].kill()

    def _lane(self, name: str) -> "_Lane":
        lane = self._lanes.get(name)
        if lane is None or not lane.alive:
            lane = self._lanes[name] = _Lane(name, self._niceness + self._nicer.get(name, 0), self._sealed)
        return lane

    def _ready(self, names: set[str]) -> list[str]:
        connections = {self._lanes[name].connection: name for name in sorted(names)}
        return sorted(connections[cast("Connection", each)] for each in wait(list(connections)))


class _Lane:
    """One child process and the pipe to it."""

    def __init__(self, name: str, niceness: int, sealed: bool) -> None:
        context = get_context("spawn")
        self._name = name
        self.connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, niceness, sealed), name=f"lane-{name}", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def hear(self) -> tuple[str, object]:
        """What the lane says next: a share, a model's call or its result; raises what went wrong in it."""
        try:
            kind, said = self.connection.recv()
        except (EOFError, ConnectionError) as error:
            self._process.join()
            code = self._process.exitcode
            raise WorkerDied(f"the {self._name} lane ended before its work did, with {code}") from error
        if kind == "error":
            raise cast("VivaError", said)
        return kind, said

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


def _serve(connection: Connection, niceness: int, sealed: bool) -> None:
    """The lane's life: work until the pipe closes, or until something went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_die_with_parent, daemon=True).start()
    os.nice(niceness)
    send_calls(lambda call: connection.send(("call", call)))
    try:
        for function, arguments in _requests(connection):
            if sealed:
                seal()
                sealed = False
            connection.send(("result", function(*arguments, partial(_tell, connection))))
    except VivaError as error:
        connection.send(("error", error))
    except Exception as error:
        connection.send(("error", LaneFailed("".join(format_exception(error)))))
        raise


def _requests(connection: Connection) -> Iterator[tuple[Work, tuple[object, ...]]]:
    with suppress(EOFError):
        while True:
            yield connection.recv()


def _tell(connection: Connection, share: float) -> None:
    connection.send(("share", share))


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)
