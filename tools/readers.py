"""Which service reads which fact, and in which consumer group, by the services' own tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import signature
from typing import Any

from vivavoce.chassis.broadcasts import Broadcast
from vivavoce.chassis.subscriptions import Group
from vivavoce.contracts.asyncapi import Reader
from vivavoce.evaluation.subscriptions import subscriptions as evaluation
from vivavoce.gateway.subscriptions import broadcasts as heard_by_gateway
from vivavoce.gateway.subscriptions import subscriptions as gateway
from vivavoce.media.subscriptions import subscriptions as media
from vivavoce.notifier.subscriptions import subscriptions as notifier
from vivavoce.proctoring.subscriptions import subscriptions as proctoring

TABLES: Mapping[str, Callable[..., Sequence[Group]]] = {
    "evaluation": evaluation,
    "gateway": gateway,
    "media": media,
    "notifier": notifier,
    "proctoring": proctoring,
}
BROADCASTS: Mapping[str, Callable[..., Sequence[Broadcast]]] = {"gateway": heard_by_gateway}


class Nobody:
    """Stands where a table names its handlers; they are only pointed at."""

    def __getattr__(self, name: str) -> "Nobody":
        return self


def readers() -> tuple[Reader, ...]:
    """Every service's readings, by topic and service."""
    return tuple(
        sorted((*_in_groups(), *_by_all()), key=lambda one: (one.topic, one.service, one.group or ""))
    )


def _in_groups() -> Iterator[Reader]:
    for service, table in TABLES.items():
        for group in _filled(table):
            for row in group.rows:
                yield Reader(row.fact.type, service, f"{service}.{group.name}")


def _by_all() -> Iterator[Reader]:
    for service, table in BROADCASTS.items():
        for row in _filled(table):
            yield Reader(row.fact.type, service, None)


def _filled(table: Callable[..., Any]) -> Any:
    return table(*(Nobody() for _ in signature(table).parameters))
