"""`viva replay`: builds what callers read anew from the topics."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from vivavoce.cli.console import print_json, results
from vivavoce.cli.errors import EXIT_FAILED
from vivavoce.cli.moments import moment_of, optional_moment
from vivavoce.cli.replaying import ReplayReport
from vivavoce.cli.replaying import replay as run_replay

MEANINGS = {
    "read": "facts read",
    "applied": "brought something back",
    "unchanged": "said nothing new",
    "repeated": "were there twice",
    "ignored": "were sent again for another group",
    "undecodable": "can't be read; their dead letters stay as they are",
    "unknown": "speak of interviews that the gateway doesn't have",
    "failed": "could not be applied",
}


def replay(
    since: Annotated[str, typer.Option(metavar="WHEN", help="From this time on, such as 2h or 2026-03-02.")],
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="Up to this time.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Apply the facts on the topics to the gateway's read model again; what is whole stays as it is."""
    now = datetime.now(UTC)
    report = run_replay(moment_of(since, now), optional_moment(until, now), dry_run=dry_run)
    if as_json:
        print_json(report.model_dump())
    else:
        results().print(_table(report))
    if report.failed:
        raise typer.Exit(EXIT_FAILED)


def _table(report: ReplayReport) -> Table:
    title = "What a replay would do" if report.dry_run else "Replayed"
    table = Table(title=title, title_justify="left", show_header=False)
    for name, meaning in MEANINGS.items():
        table.add_row(str(getattr(report, name)), meaning)
    return table
