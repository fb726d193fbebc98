"""MongoDB's rules for matching and sorting, for documents in memory."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from vivavoce.chassis.stored import Stored, is_condition

Rank = tuple[int, Any]
LOWEST: Rank = (0, 0)
ORDER_OF_TYPES: tuple[tuple[type, int], ...] = (
    (bool, 6),  # before int, which it is a kind of
    (int, 1),
    (float, 1),
    (str, 2),
    (dict, 3),
    (list, 4),
    (bytes, 5),
    (datetime, 7),
)
LAST = 8


def matches(stored: Stored, where: Mapping[str, Any]) -> bool:
    """Whether a stored document meets a condition in the form of `stored.where_form`."""
    return all(_meets(list(_reached(stored, path.split("."))), wanted) for path, wanted in where.items())


def ordered(documents: Iterable[Stored], sort: Iterable[tuple[str, int]]) -> list[Stored]:
    """The documents sorted by paths, each ascending (1) or descending (-1); absent values are lowest."""
    result = list(documents)
    for path, direction in reversed(list(sort)):
        descending = direction < 0
        result.sort(key=_sort_key(path, descending), reverse=descending)
    return result


def value_at(stored: Stored, path: str) -> Any:
    """The value at a path that leads through documents only, or None."""
    value: Any = stored
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _reached(value: Any, names: list[str]) -> Iterable[Any]:
    """What a path leads to: through an array to its elements that are documents; an absent end is None."""
    if not names:
        yield value
        if isinstance(value, list):
            yield from value
    elif isinstance(value, dict):
        yield from _reached(value.get(names[0]), names[1:])
    elif isinstance(value, list):
        if names[0].isdecimal():
            place = int(names[0])
            yield from _reached(value[place] if place < len(value) else None, names[1:])
        for element in value:
            if isinstance(element, dict):
                yield from _reached(element, names)
    else:
        yield None


def _meets(values: list[Any], wanted: Any) -> bool:
    if not is_condition(wanted):
        return _equals(values, wanted)
    return all(OPERATORS[operator](values, operand) for operator, operand in wanted.items())


def _equals(values: list[Any], wanted: Any) -> bool:
    return any(_rank(value) == _rank(wanted) for value in values)


def _compares(holds: Callable[[Any, Any], bool]) -> Callable[[list[Any], Any], bool]:
    """MongoDB compares within a type only."""

    def compare(values: list[Any], operand: Any) -> bool:
        kind, limit = _rank(operand)
        return any(rank[0] == kind and holds(rank[1], limit) for rank in map(_rank, values))

    return compare


OPERATORS: dict[str, Callable[[list[Any], Any], bool]] = {
    "$lt": _compares(lambda value, limit: bool(value < limit)),
    "$lte": _compares(lambda value, limit: bool(value <= limit)),
    "$gt": _compares(lambda value, limit: bool(value > limit)),
    "$gte": _compares(lambda value, limit: bool(value >= limit)),
    "$ne": lambda values, operand: not _equals(values, operand),
    "$in": lambda values, operand: any(_equals(values, item) for item in operand),
    "$nin": lambda values, operand: not any(_equals(values, item) for item in operand),
}


def _sort_key(path: str, descending: bool) -> Callable[[Stored], Rank]:
    """An array sorts by its lowest element, or by its highest when descending."""

    def key(stored: Stored) -> Rank:
        ranks = [_rank(v) for v in _reached(stored, path.split(".")) if not isinstance(v, list)]
        return (max(ranks) if descending else min(ranks)) if ranks else LOWEST

    return key


def _rank(value: Any) -> Rank:
    """The place of the value's type in the order of types, then the value, by its parts if it has any."""
    if value is None:
        return LOWEST
    place = next((place for kind, place in ORDER_OF_TYPES if isinstance(value, kind)), LAST)
    if isinstance(value, dict):
        return (place, [(name, _rank(item)) for name, item in value.items()])
    if isinstance(value, list):
        return (place, [_rank(item) for item in value])
    return (place, value)
