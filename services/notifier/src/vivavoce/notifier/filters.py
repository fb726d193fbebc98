"""Which facts an endpoint wants, by the fields of their data; rules without a database.

A filter maps dotted paths to a value, or to an object of operators; all must hold. A path that leads
through a list reaches every element, and one that matches is enough.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import JsonValue

from vivavoce.chassis.errors import FieldProblem
from vivavoce.contracts import PUBLIC_FACTS
from vivavoce.notifier.schemas import has_path

Filter = Mapping[str, JsonValue]
MOST_FIELDS = 20
OMITTED = "omitted"


def matches(wanted: Filter | None, data: Mapping[str, Any]) -> bool:
    """Whether a fact's data meet the filter. What was left out of a thin body is not held against it."""
    left_out = data.get(OMITTED, ())
    return all(
        path.split(".")[0] in left_out or _meets(list(_reached(data, path.split("."))), condition)
        for path, condition in (wanted or {}).items()
    )


def problems_of(wanted: Filter | None, events: Sequence[str]) -> tuple[FieldProblem, ...]:
    """What is wrong with a filter over facts of these types, field by field."""
    if wanted is None:
        return ()
    if len(wanted) > MOST_FIELDS:
        return (FieldProblem("filter", f"name at most {MOST_FIELDS} fields"),)
    schemas = [_schema_of(event) for event in events if event in PUBLIC_FACTS]
    found: list[FieldProblem] = []
    for path, condition in wanted.items():
        if not any(has_path(schema, path.split(".")) for schema in schemas):
            found.append(FieldProblem(f"filter.{path}", f"there is no such field in {', '.join(events)}"))
        else:
            found += _problems_of_condition(f"filter.{path}", condition)
    return tuple(found)


@cache
def _schema_of(event: str) -> Mapping[str, Any]:
    return PUBLIC_FACTS[event].model_json_schema(mode="serialization")


def _problems_of_condition(where: str, condition: JsonValue) -> Iterator[FieldProblem]:
    if isinstance(condition, list):
        yield FieldProblem(where, 'give one value, or {"in": [...]} for several')
    if not isinstance(condition, dict):
        return
    if not condition:
        yield FieldProblem(where, f"give at least one of {', '.join(OPERATORS)}")
    for operator, operand in condition.items():
        if operator not in OPERATORS:
            yield FieldProblem(f"{where}.{operator}", f"not one of {', '.join(OPERATORS)}")
        elif not OPERANDS[operator](operand):
            yield FieldProblem(f"{where}.{operator}", f"give {WORDS[operator]}")


def _reached(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at a path; none when it leads nowhere."""
    if isinstance(value, list):
        for element in value:
            yield from _reached(element, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _reached(value[path[0]], path[1:])


def _meets(values: list[Any], condition: JsonValue) -> bool:
    if not isinstance(condition, Mapping):
        return _equals(values, condition)
    return all(
        operator in OPERATORS and OPERATORS[operator](values, operand)
        for operator, operand in condition.items()
    )


def _equals(values: list[Any], wanted: Any) -> bool:
    """Null is also what isn't there; true is not 1."""
    return any(_same(value, wanted) for value in values) or (wanted is None and not values)


def _same(value: Any, wanted: Any) -> bool:
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


def _compares(holds: Callable[[Any, Any], bool]) -> Callable[[list[Any], Any], bool]:
    """Numbers compare with numbers, text with text (so do times, which are written in UTC)."""

    def compare(values: list[Any], limit: Any) -> bool:
        return any(_comparable(value, limit) and holds(value, limit) for value in values)

    return compare


def _comparable(value: Any, limit: Any) -> bool:
    return (_is_number(value) and _is_number(limit)) or (isinstance(value, str) and isinstance(limit, str))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, list | Mapping)


def _is_limit(value: Any) -> bool:
    return _is_number(value) or isinstance(value, str)


OPERATORS: Mapping[str, Callable[[list[Any], Any], bool]] = {
    "eq": _equals,
    "ne": lambda values, operand: not _equals(values, operand),
    "in": lambda values, operand: any(_equals(values, one) for one in operand),
    "lt": _compares(lambda value, limit: bool(value < limit)),
    "lte": _compares(lambda value, limit: bool(value <= limit)),
    "gt": _compares(lambda value, limit: bool(value > limit)),
    "gte": _compares(lambda value, limit: bool(value >= limit)),
    "exists": lambda values, operand: any(value is not None for value in values) == operand,
}
COMPARISONS = ("lt", "lte", "gt", "gte")
OPERANDS: Mapping[str, Callable[[Any], bool]] = {
    "eq": _is_scalar,
    "ne": _is_scalar,
    "in": lambda operand: isinstance(operand, list) and all(map(_is_scalar, operand)),
    **dict.fromkeys(COMPARISONS, _is_limit),
    "exists": lambda operand: isinstance(operand, bool),
}
WORDS: Mapping[str, str] = {
    "eq": "one value",
    "ne": "one value",
    "in": "a list of values",
    **dict.fromkeys(COMPARISONS, "a number or a text"),
    "exists": "true or false",
}
