"""What the machine is, and what processes took from it: processors' seconds and peak memory."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
KIB = 1024
QUIET_LOAD = 0.5
PARENT, USER_TIME, SYSTEM_TIME = 1, 11, 12
"""Indexes of `ppid`, `utime` and `stime` in /proc/PID/stat after the command's closing parenthesis."""


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def busy() -> bool:
    """Whether the load of the last minute, before a measurement, would distort it."""
    return os.getloadavg()[0] > QUIET_LOAD


def described() -> dict[str, object]:
    """The machine as a report names it; the load is that of the last minute, before the measurement."""
    return {
        "cores": cores(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    for line in (PROC / "cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def trees(roots: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The process ids of each named root and of everything that it started and that still runs."""
    children: dict[int, list[int]] = {}
    for pid, fields in _all_stats():
        children.setdefault(int(fields[PARENT]), []).append(pid)
    return {name: tuple(_with_descendants(root, children)) for name, root in roots.items()}


def _with_descendants(root: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    yield root
    for child in children.get(root, ()):
        yield from _with_descendants(child, children)


def peak_memory(pids: Iterable[int]) -> int:
    """Bytes: the sum of the processes' own peaks (VmHWM); pages that they share count in each."""
    return sum(_peak(pid) for pid in pids)


def _peak(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in (PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * KIB
    return 0


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor seconds that the processes have used since they started."""
    wanted = set(pids)
    ticks = sum(
        int(fields[USER_TIME]) + int(fields[SYSTEM_TIME]) for pid, fields in _all_stats() if pid in wanted
    )
    return ticks / os.sysconf("SC_CLK_TCK")


def _all_stats() -> Iterator[tuple[int, list[str]]]:
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(FileNotFoundError, ProcessLookupError):
                yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()
