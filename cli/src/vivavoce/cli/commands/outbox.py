"""`viva outbox`: messages that the broker refused for good, and sending them again."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from vivavoce.cli.console import plain, print_json, results, talk
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.moments import shown
from vivavoce.cli.refused_rows import Refused, databases

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

outbox = typer.Typer(help="Messages that the broker refused for good.", no_args_is_help=True)


@outbox.command("list")
def list_refused(as_json: AsJson = False) -> None:
    """List what was set aside, oldest first; what is behind it went on."""
    found = asyncio.run(databases().refused())
    if as_json:
        print_json([row.model_dump(mode="json") for row in found])
    elif found:
        results().print(_table(found))
    else:
        talk().print("The broker has refused nothing.")


@outbox.command()
def resend(
    ids: Ids = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that was set aside.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Let messages wait to be sent again, once the broker takes them. Refused again, they come back here."""
    if not ids and not everything:
        raise CommandFailed("Nothing was chosen: name ids, or say --all.")
    place = databases()
    found = [row for row in asyncio.run(place.refused()) if everything or row.id in (ids or ())]
    if not found:
        talk().print("The broker has refused nothing like that.")
        return
    if not yes:
        typer.confirm(f"{len(found)} messages will be sent again. Go on?", abort=True, err=True)
    talk().print(f"{asyncio.run(place.send_again(found))} messages wait to be sent again.")


def _table(rows: list[Refused]) -> Table:
    table = Table()
    for heading in ("id", "service", "topic", "key", "bytes", "since", "reason"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    for row in rows:
        cells = (row.id, row.service, row.topic, row.key, row.bytes, shown(row.refused_at), row.reason)
        table.add_row(*("–" if cell is None else plain(str(cell)) for cell in cells))
    return table
