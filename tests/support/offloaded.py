"""Functions for worker processes: those must be importable by name."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from vivavoce.chassis.errors import NotFound
from vivavoce.chassis.offload import tell

_started_with: list[str] = []


def add(left: int, right: int) -> int:
    """The sum."""
    return left + right


def own_pid() -> int:
    """The id of the process that runs this."""
    return os.getpid()


def remember(word: str) -> None:
    """An initializer."""
    _started_with.append(word)


def remembered() -> list[str]:
    """What the initializers of this process were given."""
    return _started_with


def sleep_with_a_grandchild(pids: str) -> None:
    """Start a process, write both ids to a file, and sleep."""
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    part = Path(pids + ".part")
    part.write_text(f"{os.getpid()} {grandchild.pid}")
    part.rename(pids)
    time.sleep(60)


def burn_until(mark: str) -> None:
    """Keep a processor busy until a file is there."""
    while not Path(mark).exists():
        sum(range(1000))


def crash() -> None:
    """End as a segmentation fault would."""
    os.kill(os.getpid(), signal.SIGSEGV)


def fail_as_the_tree_knows() -> None:
    """Raise an error of the tree, with details."""
    raise NotFound("no such thing", details={"where": "here"})


class Unportable(Exception):
    """An exception that can't be unpickled, as some libraries' can't."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def fail_unportably() -> None:
    """Raise what can't cross to another process."""
    raise Unportable("half", "way")


def return_the_unportable() -> object:
    """Return what can't be pickled."""
    return threading.Lock()


def count_aloud(steps: int) -> str:
    """Tell each step as a share, then return."""
    for step in range(steps):
        tell({"share": (step + 1) / steps})
    return "counted"
