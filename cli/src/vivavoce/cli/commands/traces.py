"""`viva trace`: what an interview, or a request, has led to in all services, as a tree of spans."""

import os
from typing import Annotated

import typer
from rich.table import Table

from vivavoce.cli.console import plain, print_json, results
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.home import TRACES, home_from
from vivavoce.cli.traces import Branch, Span, find_traces, read_spans, tree_of

Wanted = Annotated[
    str, typer.Argument(metavar="ID", help="A correlation id, an interview's, an answer's or a trace's id.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def trace(wanted: Wanted, as_json: AsJson = False) -> None:
    """Print every trace that names an id: service, span, when it began, how long it took."""
    found = find_traces(read_spans(home_from(os.environ).root / TRACES), wanted)
    if not found:
        raise CommandFailed(
            f"No trace names {wanted}. Spans arrive a second or two late, old ones make room for new ones, "
            "and TRACE_RATIO may leave some out."
        )
    if as_json:
        print_json({trace_id: [_as_json(span) for span in spans] for trace_id, spans in found.items()})
        return
    for trace_id, spans in found.items():
        results().print(trace_table(trace_id, spans))


def trace_table(trace_id: str, spans: list[Span]) -> Table:
    """One trace: every span under what it is a part of."""
    table = Table(title=f"trace {trace_id}, {len(spans)} spans", title_justify="left", box=None)
    for heading in ("after", "took"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("service", no_wrap=True)
    table.add_column("span", no_wrap=True, overflow="ellipsis")
    beginning = min(span.start for span in spans)
    for branch in tree_of(spans):
        _add(table, branch, beginning, 0)
    return table


def _add(table: Table, branch: Branch, beginning: float, depth: int) -> None:
    span = branch.span
    why = f" ({span.attributes.get('error.type', 'failed')})" if span.failed else ""
    table.add_row(
        _milliseconds(span.start - beginning),
        _milliseconds(span.seconds),
        plain(span.service),
        f"{' ' * depth}{plain(span.name)}{plain(why)}",
        style="red" if span.failed else None,
    )
    for each in branch.branches:
        _add(table, each, beginning, depth + 1)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def _as_json(span: Span) -> dict[str, object]:
    return {
        "id": span.id,
        "parent": span.parent_id or None,
        "service": span.service,
        "name": span.name,
        "kind": span.kind,
        "start": span.start,
        "seconds": span.seconds,
        "failed": span.failed,
        "attributes": dict(span.attributes),
    }
