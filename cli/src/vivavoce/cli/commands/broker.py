"""`viva topics`: what the broker holds, and how far each consumer group has come."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from vivavoce.cli.broker_lag import BrokerView, Lag, broker_view
from vivavoce.cli.broker_place import broker_place
from vivavoce.cli.console import plain, print_json, results, talk
from vivavoce.cli.errors import CommandFailed, NotRunning
from vivavoce.contracts import Topic, all_topics

UNDERSTATED = (
    "The broker tells lower ends than there are records, as the embedded one does after batches; "
    "what is shown was looked for."
)


def topics(
    group: Annotated[str | None, typer.Option(help="Only this group, partition by partition.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the topics; while a broker runs, with their ends and each group's lag."""
    view = _view()
    if as_json:
        print_json([_described(topic, view, group) for topic in all_topics()])
        return
    if group is not None:
        results().print(_group_table(_lags_of(group, view)))
    else:
        results().print(_topics_table(view))
        if view is not None and view.lags:
            results().print(_groups_table(view.lags))
    if view is not None and view.understated:
        talk().print(UNDERSTATED)


def _view() -> BrokerView | None:
    try:
        place = broker_place()
    except NotRunning:
        return None
    return asyncio.run(broker_view(place, all_topics()))


def _lags_of(group: str, view: BrokerView | None) -> Sequence[Lag]:
    if view is None:
        raise CommandFailed("No broker runs, so there are no groups; start one with `viva up`.")
    found = [lag for lag in view.lags if lag.group == group]
    if not found:
        known = ", ".join(sorted({lag.group for lag in view.lags})) or "none"
        raise CommandFailed(f"The group {group!r} has committed nothing; groups that have: {known}.")
    return found


def _described(topic: Topic, view: BrokerView | None, group: str | None) -> dict[str, object]:
    lags = (
        [lag for lag in view.lags if lag.topic == topic.name and group in {None, lag.group}] if view else []
    )
    return {
        **topic.model_dump(mode="json"),
        "end_offsets": _ends(topic, view),
        "groups": {
            name: [lag.model_dump(include={"partition", "committed", "end", "lag"}) for lag in of_group]
            for name, of_group in _by_group(lags).items()
        },
    }


def _ends(topic: Topic, view: BrokerView | None) -> list[int] | None:
    if view is None:
        return None
    return [place.end for place in view.ends if place.topic == topic.name] or None


def _by_group(lags: Iterable[Lag]) -> dict[str, list[Lag]]:
    groups: dict[str, list[Lag]] = {}
    for lag in lags:
        groups.setdefault(lag.group, []).append(lag)
    return groups


def _topics_table(view: BrokerView | None) -> Table:
    table = _table("topic", "key", "partitions", "retention", *(["end offsets"] if view is not None else []))
    for topic in all_topics():
        ends = [] if view is None else [_shown_ends(_ends(topic, view))]
        table.add_row(topic.name, topic.key, str(topic.partitions), _length(topic.retention), *ends)
    return table


def _groups_table(lags: Iterable[Lag]) -> Table:
    table = _table("group", "topic", "committed", "end", "lag")
    for group, of_group in _by_group(lags).items():
        for topic in sorted({lag.topic for lag in of_group}):
            own = [lag for lag in of_group if lag.topic == topic]
            committed = sum(lag.committed or 0 for lag in own)
            table.add_row(
                *(plain(group), topic, str(committed)),
                *(str(sum(lag.end for lag in own)), str(sum(lag.lag for lag in own))),
            )
    return table


def _group_table(lags: Iterable[Lag]) -> Table:
    table = _table("topic", "partition", "committed", "end", "lag")
    for lag in lags:
        committed = "–" if lag.committed is None else str(lag.committed)
        table.add_row(lag.topic, str(lag.partition), committed, str(lag.end), str(lag.lag))
    return table


def _table(*headings: str) -> Table:
    table = Table()
    for heading in headings:
        table.add_column(heading)
    return table


def _shown_ends(ends: list[int] | None) -> str:
    return "missing" if ends is None else " ".join(map(str, ends))


def _length(retention: timedelta) -> str:
    return f"{retention.days} d" if retention.days else f"{retention.seconds // 3600} h"
