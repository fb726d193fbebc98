"""Functions for lanes: they must be importable by name."""

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from vivavoce.chassis.errors import NotFound
from vivavoce.media.adapters.lanes import Lanes

Tell = Callable[[float], None]


def double(number: int, tell: Tell) -> int:
    """Twice the number, told in two steps."""
    tell(0.5)
    tell(1.0)
    return 2 * number


def own_pid(tell: Tell) -> int:
    """The lane's process id."""
    return os.getpid()


def own_niceness(tell: Tell) -> int:
    """How far the lane gives way."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def fail(message: str, tell: Tell) -> None:
    """Fails as foreseen."""
    raise NotFound(message)


def stumble(tell: Tell) -> None:
    """Fails as nobody foresaw."""
    raise ZeroDivisionError("stumbled")


def die(tell: Tell) -> None:
    """Ends the process."""
    os._exit(3)


def write_pid_and_wait(path: Path, tell: Tell) -> None:
    """Leaves the process id in a file and doesn't return."""
    path.write_text(str(os.getpid()))
    time.sleep(600)


def open_sockets(tell: Tell) -> list[bool]:
    """Whether a socket to the network, and one on this machine, could be opened."""
    opened = []
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try:
            socket.socket(family).close()
            opened.append(True)
        except PermissionError:
            opened.append(False)
    return opened


def wait_in_a_lane(path: str) -> None:
    """Never returns; a lane of this process writes its id to `path`."""
    Lanes(niceness=0, sealed=False).run({"waiting": (write_pid_and_wait, (Path(path),))}, lambda share: None)


if __name__ == "__main__":
    wait_in_a_lane(sys.argv[1])
