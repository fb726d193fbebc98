"""Who the stack's processes are: a process id counts only together with the time it started.

Only the standard library is imported here: every process of the stack passes through on its start.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from vivavoce.cli.home import Home, write_private

SUFFIX = ".process.json"
START_TIME_FIELD = 19
"""Index of `starttime` (22nd field of /proc/PID/stat) after the command's closing parenthesis."""
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Record:
    """One process as it was last started; `starts` counts its starts since the stack came up."""

    name: str
    pid: int
    started: str
    starts: int


def start_mark(pid: int) -> str | None:
    """When the process started, as the system tells it; None when there is none, or a dead one."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return listed.stdout.strip() or None
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in {"Z", "X"} else fields[START_TIME_FIELD]


def record_start(home: Home, name: str) -> Record:
    """Note that the calling process is now the one of this name."""
    path = home.run / f"{name}{SUFFIX}"
    before = read_record(path)
    pid = os.getpid()
    record = Record(name, pid, start_mark(pid) or "", before.starts + 1 if before else 1)
    write_private(path, json.dumps(asdict(record)))
    return record


def read_record(path: Path) -> Record | None:
    """The record in a file, or None when there is none that can be read."""
    try:
        return Record(**json.loads(path.read_text()))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None


def records(home: Home) -> dict[str, Record]:
    """Every recorded process, by name."""
    found = (read_record(path) for path in sorted(home.run.glob(f"*{SUFFIX}")))
    return {record.name: record for record in found if record}


def forget(home: Home) -> None:
    """Remove all records."""
    for path in home.run.glob(f"*{SUFFIX}"):
        path.unlink(missing_ok=True)


def alive(record: Record) -> bool:
    """Whether the recorded process, and not another with its id, still runs."""
    return bool(record.started) and start_mark(record.pid) == record.started


def wait_gone(known: Iterable[Record], seconds: float) -> bool:
    """Wait until all these processes have ended; False when the time passed first."""
    until = time.monotonic() + seconds
    left = list(known)
    while left := [record for record in left if alive(record)]:
        if time.monotonic() > until:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end(known: Iterable[Record], patience: float) -> None:
    """Ask the processes, and the groups that they lead, to end; insist after `patience` seconds."""
    asked = list(known)
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for record in filter(alive, asked):
            _send(record, sign)
        wait_gone(asked, patience)


def _send(record: Record, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        if os.getpgid(record.pid) == record.pid:
            os.killpg(record.pid, sign)
        else:
            os.kill(record.pid, sign)
