"""The form in which documents are stored and asked for: plain values that BSON knows.

Both databases use it, so that what the one refuses or rounds, the other does too.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from vivavoce.chassis.documents import DOCUMENT, Document, Sort, Where

OPERATORS = frozenset({"$lt", "$lte", "$gt", "$gte", "$ne", "$in", "$nin"})
MICROSECONDS_IN_MILLISECOND = 1000
EARLIEST = datetime.min.replace(tzinfo=UTC)

Stored = dict[str, Any]


def stored_form(document: Document) -> Stored:
    """The document with `_id` for `id`; datetimes in UTC to the millisecond, as BSON keeps them."""
    fields = document.model_dump(mode="python", by_alias=False, round_trip=True)
    fields["_id"] = fields.pop("id")
    return {name: plain(value) for name, value in fields.items()}


def document_of(kind: type[DOCUMENT], stored: Mapping[str, Any]) -> DOCUMENT:
    """The document that `stored_form` was given."""
    fields = {name: value for name, value in stored.items() if name != "_id"}
    return kind.model_validate({**fields, "id": stored["_id"]}, by_alias=False, by_name=True)


def where_form(where: Where) -> Stored:
    """The condition on stored fields; raises ValueError at an operator that is not in the language."""
    return {stored_path(path): _condition(value) for path, value in where.items()}


def sort_form(sort: Sort) -> list[tuple[str, int]]:
    """The order by stored fields."""
    return [(stored_path(path), direction) for path, direction in sort]


def stored_path(path: str) -> str:
    """The stored name of a field path."""
    return "_id" if path == "id" else path


def is_condition(value: object) -> bool:
    """Whether a value of a `Where` is operators rather than what to be equal to."""
    return isinstance(value, Mapping) and any(str(name).startswith("$") for name in value)


def moment(value: datetime) -> datetime:
    """The datetime in UTC to the millisecond; raises ValueError when it has no time zone."""
    if value.tzinfo is None:
        raise ValueError(f"a stored datetime needs a time zone: {value.isoformat()}")
    rounded = value.microsecond // MICROSECONDS_IN_MILLISECOND * MICROSECONDS_IN_MILLISECOND
    return value.astimezone(UTC).replace(microsecond=rounded)


def plain(value: object) -> Any:
    """A value as BSON knows it: enums by value, collections as arrays, durations as seconds."""
    match value:
        case Enum():
            return plain(value.value)
        case datetime():
            return moment(value)
        case timedelta():
            return value.total_seconds()
        case UUID() | PurePath():
            return str(value)
        case Mapping():
            return {str(plain(name)): plain(item) for name, item in value.items()}
        case str() | bytes():
            return value
        case Sequence() | set() | frozenset():
            return [plain(item) for item in value]
        case _:
            return value


def _condition(value: object) -> Any:
    if isinstance(value, Mapping) and is_condition(value):
        unknown = set(value) - OPERATORS
        if unknown:
            raise ValueError(f"not in the language of Where: {sorted(map(str, unknown))}")
        return _bounded_below({str(name): plain(operand) for name, operand in value.items()})
    return plain(value)


def _bounded_below(operators: Stored) -> Stored:
    """The same condition; with an upper bound alone, the embedded database reads its whole collection."""
    upper = [operators[name] for name in ("$lt", "$lte") if name in operators]
    if operators.keys() & {"$gt", "$gte"} or not any(isinstance(value, datetime) for value in upper):
        return operators
    return {"$gte": EARLIEST, **operators}
