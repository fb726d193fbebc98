"""`viva up`, `status`, `down` and `logs`: the embedded stack."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from vivavoce.cli.console import print_json, results, talk, waiting
from vivavoce.cli.errors import EXIT_FAILED, CommandFailed, NotRunning
from vivavoce.cli.foreground import watch
from vivavoce.cli.home import Home, home_from
from vivavoce.cli.logs import follow, recent, render
from vivavoce.cli.stack.lifecycle import bring_up, take_down
from vivavoce.cli.stack.status import StackStatus, stack_status
from vivavoce.cli.tables import status_table

READY_SECONDS = 120.0


def up(
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return when all is ready; print JSON.")
    ] = False,
    scripted: Annotated[
        bool, typer.Option("--scripted", help="Deterministic stand-ins instead of models and judges.")
    ] = False,
    kafka: Annotated[
        bool, typer.Option("--kafka", help="Three brokers of Apache Kafka instead of the embedded one.")
    ] = False,
    within: Annotated[float, typer.Option(help="Seconds to wait until all is ready.")] = READY_SECONDS,
) -> None:
    """Start the stack: broker, database and services, restarted when they die. Ctrl-C stops it."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins without it
    home, console = home_from(os.environ), talk()
    with waiting(console, "Starting …") as say:
        status = bring_up(
            home,
            os.environ,
            scripted=scripted,
            foreground=not detach,
            within=within,
            report=lambda names: say(f"Waiting for {names} …"),
            kafka=kafka,
        )
    if detach:
        print_json(_started(status))
    else:
        _stay(home, console)


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)


def _stay(home: Home, console: Console) -> None:
    try:
        watch(home, results())
    except KeyboardInterrupt:
        console.print("Stopping …")
    finally:
        take_down(home)


def _started(status: StackStatus) -> dict[str, object]:
    return {
        "base_url": status.base_url,
        "home": status.home,
        "kafka": status.kafka,
        "mongodb": status.mongodb,
        "pids": {process.name: process.pid for process in status.processes},
        "ports": {process.name: process.port for process in status.processes},
    }


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the stack's processes. Exit code 0: all ready, 1: not all, 3: no stack runs."""
    home = home_from(os.environ)
    try:
        found = stack_status(home)
    except NotRunning:
        if as_json:
            print_json({"running": False, "ready": False, "home": str(home.root)})
        raise
    if as_json:
        print_json({"running": True, **found.model_dump(mode="json")})
    else:
        results().print(status_table(found))
    if not found.ready:
        raise typer.Exit(EXIT_FAILED)


def down() -> None:
    """Stop the stack and everything that it started."""
    home = home_from(os.environ)
    stopped = take_down(home)
    talk().print(f"Stopped {', '.join(stopped)}." if stopped else f"Nothing runs in {home.root}.")


def logs(
    process: Annotated[str | None, typer.Argument(help="Only this one, such as `media` or `broker`.")] = None,
    keep_on: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many lines to begin with.")] = 100,
) -> None:
    """Show what the processes say."""
    home = home_from(os.environ)
    known = {path.stem: path for path in sorted(home.logs.glob("*.log"))}
    if process and process not in known:
        raise CommandFailed(
            f"There is no log of {process!r} in {home.logs}; there is {', '.join(known) or 'none'}."
        )
    chosen = {process: known[process]} if process else known
    console = results()
    for line in recent(chosen, lines):
        console.print(render(line), soft_wrap=True)
    if keep_on:
        _follow(chosen, console)


def _follow(chosen: dict[str, Path], console: Console) -> None:
    try:
        for line in follow(chosen):
            console.print(render(line), soft_wrap=True)
    except KeyboardInterrupt:
        return
