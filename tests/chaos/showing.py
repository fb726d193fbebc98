"""Prints a trial: its plan before, what the audit found after, and how to have it once more."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from tests.chaos.audit import Finding
from tests.chaos.plan import Act, described
from tests.chaos.trial import Options, Tried

WIDTH = 120
SHOWN = 4


def show_plan(console: Console, options: Options, plan: Iterable[Act]) -> None:
    """What will be done, and when."""
    heading = f"Plan of seed {options.seed}, {options.minutes:g} minutes (times in seconds)"
    console.print(_table(heading, ("at", "injury", "to", "how", "lasts"), map(described, plan)))


def show_tried(console: Console, options: Options, plan: Iterable[Act], tried: Tried) -> None:
    """What was done, what the audit looked at, and what it found damaged."""
    done = Counter(str(act.injury) for act in plan)
    figures = {**tried.figures, "acts": ", ".join(f"{count} {name}" for name, count in sorted(done.items()))}
    console.print(_table("The trial", ("", ""), figures.items()))
    console.print(
        _table("The audit", ("what must hold", "looked at", "damaged"), map(_as_row, tried.findings))
    )
    for finding in tried.findings:
        for damage in finding.damage[:SHOWN]:
            console.print(f"  {finding.check}: {damage}", markup=False)
        if len(finding.damage) > SHOWN:
            console.print(f"  … and {len(finding.damage) - SHOWN} more", markup=False)
    console.print(f"{'Whole' if tried.whole else 'DAMAGED'}. Once more: {again(options)}", markup=False)


def again(options: Options) -> str:
    """The command that repeats a trial."""
    target = "chaos-kafka" if options.kafka else "chaos"
    return f"make {target} MINUTES={options.minutes:g} SEED={options.seed} INTERVIEWS={options.interviews}"


def _as_row(finding: Finding) -> tuple[str, ...]:
    return finding.check, str(finding.looked_at), str(len(finding.damage) or "none")


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    drawn = Table(title=title, title_justify="left", show_header=any(columns))
    for column in columns:
        drawn.add_column(column)
    for row in rows:
        drawn.add_row(*row)
    return drawn
