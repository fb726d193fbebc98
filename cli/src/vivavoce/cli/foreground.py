"""What `viva up` shows while it stays in the foreground."""

import time

from rich.console import Console
from rich.live import Live

from vivavoce.cli.errors import CommandFailed, NotRunning
from vivavoce.cli.home import Home
from vivavoce.cli.stack.status import StackStatus, stack_status
from vivavoce.cli.tables import status_table

REFRESH_SECONDS = 2.0


def watch(home: Home, console: Console) -> None:
    """Show the stack's state until interrupted; raises CommandFailed when the stack is gone."""
    if console.is_terminal:
        _watch_live(home, console)
    else:
        _watch_changes(home, console)


def _watch_live(home: Home, console: Console) -> None:
    with Live(status_table(_status(home)), console=console, auto_refresh=False) as live:
        while True:
            live.update(status_table(_status(home)), refresh=True)
            time.sleep(REFRESH_SECONDS)


def _watch_changes(home: Home, console: Console) -> None:
    console.print(status_table(_status(home)))
    shown: dict[str, tuple[str, int]] = {}
    while True:
        now = {process.name: (process.state, process.restarts) for process in _status(home).processes}
        for name, (state, restarts) in now.items():
            if shown and shown.get(name) != (state, restarts):
                console.print(f"{name}: {state.lower()}, {restarts} restarts")
        shown = now
        time.sleep(REFRESH_SECONDS)


def _status(home: Home) -> StackStatus:
    try:
        return stack_status(home)
    except NotRunning:
        raise CommandFailed("The stack has been stopped from outside.") from None
