"""The stack's state as a table for people."""

from rich.table import Table

from vivavoce.cli.gateway_health import health_line
from vivavoce.cli.stack.status import ProcessStatus, StackStatus
from vivavoce.cli.stack.supervision import GIVEN_UP

MINUTE, HOUR = 60, 3600


def status_table(status: StackStatus) -> Table:
    """One row per process, under the gateway's address and over what the gateway says of its health."""
    table = Table(
        title=f"{status.base_url} — {'ready' if status.ready else 'not ready'}", title_justify="left"
    )
    table.caption, table.caption_justify = health_line(status.health), "left"
    for heading in ("process", "state", "ready", "pid", "port", "up", "restarts", ""):
        table.add_column(heading)
    for process in status.processes:
        table.add_row(*_row(process))
    return table


def _row(process: ProcessStatus) -> tuple[str, ...]:
    style = "green" if process.ready else "red"
    crashed = "crash loop: " if process.state == GIVEN_UP else ""
    return (
        process.name,
        process.state.lower(),
        f"[{style}]{'yes' if process.ready else 'no'}[/]",
        str(process.pid or "–"),
        str(process.port or "–"),
        duration(process.uptime),
        str(process.restarts),
        crashed + process.detail,
    )


def duration(seconds: float | None) -> str:
    """A length of time in its two largest units."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"
