"""Reads the processes' logs: JSON lines become lines for people, other lines stay as they are."""

import json
import os
import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from rich.text import Text

from vivavoce.cli.console import plain

FOLLOW_SECONDS = 0.3
LEVEL_STYLES = {
    "warning": "yellow",
    "error": "bold red",
    "critical": "bold red",
    "warn": "yellow",
    "crit": "bold red",
    "debug": "dim",
}
SUPERVISOR_LINE = re.compile(r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+) (?P<level>[A-Z]+) (?P<event>.+)")
LEADING = (
    "time",
    "level",
    "service",
    "event",
    "logger",
    "exception",
    "organization_id",
    "trace_id",
    "span_id",
)
"""Shown in places of their own, or not worth a place in every line."""


@dataclass(frozen=True)
class LogLine:
    """One line of a process's log; `fields` is empty when it isn't JSON."""

    process: str
    text: str
    fields: dict[str, object]

    @property
    def time(self) -> str:
        """The time as written, to the millisecond; lines without one sort where they stand."""
        return str(self.fields.get("time", ""))


def parse(process: str, text: str) -> LogLine:
    """Read one line: JSON, or the supervisor's own form, which tells local time."""
    with suppress(json.JSONDecodeError):
        fields = json.loads(text)
        if isinstance(fields, dict):
            return LogLine(process, text, fields)
    told = SUPERVISOR_LINE.fullmatch(text)
    return LogLine(process, text, _supervisor_fields(told) if told else {})


def _supervisor_fields(told: re.Match[str]) -> dict[str, object]:
    moment = datetime.strptime(told["time"], "%Y-%m-%d %H:%M:%S,%f").astimezone(UTC)
    return {"time": moment.isoformat(), "level": told["level"].lower(), "event": told["event"]}


def render(line: LogLine) -> Text:
    """A line for people: local time, level, process, what happened, and the remaining fields."""
    if not line.fields:
        return Text.assemble((f"{'':12} {'':7} ", ""), (f"{line.process:11} ", "cyan"), plain(line.text))
    level = str(line.fields.get("level", "")).lower()
    rest = [(name, value) for name, value in line.fields.items() if name not in LEADING and value is not None]
    shown = Text.assemble(
        (f"{_local(line.time):12} ", "dim"),
        (f"{level:7} ", LEVEL_STYLES.get(level, "green")),
        (f"{line.process:11} ", "cyan"),
        (plain(str(line.fields.get("event", ""))), "bold"),
        *((plain(f"  {name}={value}"), "dim") for name, value in rest),
    )
    if line.fields.get("exception"):
        shown.append(plain(f"\n{line.fields['exception']}"), "red")
    return shown


def _local(written: str) -> str:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return written[:12]
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone().strftime("%H:%M:%S.%f")[:-3]


def last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a file, without line ends; none when there is no file."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=count)]
    except FileNotFoundError:
        return []


def recent(logs: dict[str, Path], count: int) -> list[LogLine]:
    """The last lines of several logs, in order of time; a line without time follows the one before it."""
    timed: list[tuple[str, LogLine]] = []
    for process, path in logs.items():
        moment = ""
        for text in last_lines(path, count):
            line = parse(process, text)
            moment = line.time or moment
            timed.append((moment, line))
    timed.sort(key=lambda pair: pair[0])
    return [line for _, line in timed[-count:]]


class Follower:
    """Reads what is appended to one log, over the supervisor's rotations."""

    def __init__(self, process: str, path: Path) -> None:
        self._process = process
        self._path = path
        self._file: TextIO | None = None
        self._partial = ""
        self._open(at_end=True)

    def new_lines(self) -> Iterator[LogLine]:
        """The complete lines that came since the last call."""
        yield from self._read()
        if self._rotated():
            yield from self._read()
            self._open(at_end=False)
            yield from self._read()

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()

    def _open(self, *, at_end: bool) -> None:
        self.close()
        self._file = None
        with suppress(FileNotFoundError):
            self._file = self._path.open(encoding="utf-8", errors="replace")
            if at_end:
                self._file.seek(0, os.SEEK_END)

    def _read(self) -> Iterator[LogLine]:
        if self._file is None:
            return
        *complete, self._partial = (self._partial + self._file.read()).split("\n")
        for text in complete:
            yield parse(self._process, text)

    def _rotated(self) -> bool:
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False
        return self._file is None or os.fstat(self._file.fileno()).st_ino != now.st_ino


def follow(logs: dict[str, Path]) -> Iterator[LogLine]:
    """Every line that is appended to the logs from now on, without end."""
    followers = [Follower(process, path) for process, path in logs.items()]
    try:
        while True:
            for follower in followers:
                yield from follower.new_lines()
            time.sleep(FOLLOW_SECONDS)
    finally:
        for follower in followers:
            follower.close()
