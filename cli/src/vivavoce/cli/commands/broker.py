"""`viva topics` and `viva dlq`: what the broker holds."""

import asyncio
import os
from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from vivavoce.cli.broker_view import DeadLetter, dead_letters, end_offsets
from vivavoce.cli.console import plain, print_json, results, talk
from vivavoce.cli.errors import NotRunning
from vivavoce.cli.home import home_from
from vivavoce.cli.stack.plan import KAFKA_VARIABLE
from vivavoce.cli.stack.status import running_plan
from vivavoce.contracts import Topic, all_topics

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

dlq = typer.Typer(help="Dead letters: messages that could not be handled.", no_args_is_help=True)


def _servers() -> str:
    return os.environ.get(KAFKA_VARIABLE) or running_plan(home_from(os.environ)).kafka


def topics(as_json: AsJson = False) -> None:
    """List the topics of the contracts; with their ends while a broker runs."""
    try:
        ends = asyncio.run(end_offsets(_servers(), all_topics()))
    except NotRunning:
        ends = None
    if as_json:
        print_json([_described(topic, ends) for topic in all_topics()])
        return
    table = Table()
    for heading in (
        "topic",
        "key",
        "partitions",
        "retention",
        *(["end offsets"] if ends is not None else []),
    ):
        table.add_column(heading)
    for topic in all_topics():
        shown = [] if ends is None else [_shown_ends(ends.get(topic.name))]
        table.add_row(topic.name, topic.key, str(topic.partitions), _length(topic.retention), *shown)
    results().print(table)


def _described(topic: Topic, ends: dict[str, list[int]] | None) -> dict[str, object]:
    return {**topic.model_dump(mode="json"), "end_offsets": None if ends is None else ends.get(topic.name)}


def _shown_ends(ends: list[int] | None) -> str:
    return "missing" if ends is None else " ".join(map(str, ends))


def _length(retention: timedelta) -> str:
    return f"{retention.days} d" if retention.days else f"{retention.seconds // 3600} h"


@dlq.command("list")
def list_letters(as_json: AsJson = False) -> None:
    """List the dead letters, oldest first."""
    letters = asyncio.run(dead_letters(_servers()))
    if as_json:
        print_json([letter.model_dump(mode="json") for letter in letters])
    elif letters:
        results().print(_letters_table(letters))
    else:
        talk().print("There are no dead letters.")


def _letters_table(letters: list[DeadLetter]) -> Table:
    table = Table()
    for heading in ("topic", "offset", "key", "error", "attempts", "time"):
        table.add_column(heading)
    for letter in letters:
        time = letter.time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        cells = (letter.topic, letter.offset, letter.key, letter.error, letter.attempts, time)
        table.add_row(*("–" if cell is None else plain(str(cell)) for cell in cells))
    return table
