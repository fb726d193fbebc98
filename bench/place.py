"""Where measurements keep what they make, and how they show and store what they found."""

import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.table import Table

from vivavoce.chassis.log import configure_logging
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.cli.home import home_from

WIDTH = 110


def folder() -> Path:
    """The measurements' own folder: `bench` in VIVA_HOME, or in `.viva`."""
    return home_from(os.environ).root / "bench"


def prepare() -> None:
    """Keep the log quiet, and let SIGTERM end the program as an exception: what was started is stopped."""
    configure_logging(ServiceSettings(service_name="bench", log_level="WARNING"))
    signal.signal(signal.SIGTERM, _end)


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)


def say(text: str) -> None:
    """Tell, beside the results, what is being done."""
    Console(stderr=True, highlight=False, width=WIDTH).print(text, markup=False)


def table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    """A table whose first column is text and whose others are figures."""
    drawn = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        drawn.add_column(column, justify="right" if place else "left")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def report(name: str, found: dict[str, Any], tables: list[Table]) -> Path:
    """Print the tables and write everything found to `NAME.json`; returns that file's path."""
    path = folder() / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    stamped = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), **found}
    path.write_text(json.dumps(stamped, indent=2, default=_plain) + "\n")
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    for drawn in tables:
        console.print(drawn)
    console.print(f"Written to {path}", markup=False)
    return path


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"not for JSON: {value!r}")
