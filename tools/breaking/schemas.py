"""Whether a JSON Schema still keeps what an older one promised, to those who send or to those who receive.

What is sent: everything that was taken must still be taken. What is received: nothing may come that could not
come before. Both are one question, whether a narrower schema lies within a wider one; only the sides change.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

Schema = Mapping[str, Any]

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "format", "multipleOf", "uniqueItems")
GROWS = "x-grows"
"""Marks enumerations whose readers were told to expect values that they don't know."""


class Direction(Enum):
    """Who relies on a schema, and how a finding is told."""

    TAKEN = ("no longer takes {}", "`{}` became narrower", "`{}` became required")
    GIVEN = ("may now be {}", "`{}` became wider", "`{}` is no longer always there")

    def __init__(self, value: str, bound: str, required: str) -> None:
        self.told_value = value
        self.told_bound = bound
        self.told_required = required


class Comparison:
    """An old and a new document, whose schemas are compared in one direction."""

    def __init__(self, old: Schema, new: Schema, direction: Direction) -> None:
        self._direction = direction
        self._given = direction is Direction.GIVEN
        self._narrow, self._wide = (new, old) if self._given else (old, new)
        self._under_way: set[tuple[str, str]] = set()

    def breaks(self, old: Schema, new: Schema, place: str = "") -> list[str]:
        """What the new schema no longer keeps, each with its place."""
        return self._uncovered(*((new, old) if self._given else (old, new)), place)

    def _uncovered(self, narrow: Schema, wide: Schema, place: str) -> list[str]:
        pair = (narrow.get("$ref", ""), wide.get("$ref", ""))
        if all(pair) and pair in self._under_way:
            return []
        self._under_way.add(pair)
        try:
            wides = alternatives(wide, self._wide)
            found = [
                min((list(self._findings(one, each, place)) for each in wides), key=len)
                for one in alternatives(narrow, self._narrow)
            ]
        finally:
            self._under_way.discard(pair)
        return list(dict.fromkeys(finding for findings in found for finding in findings))

    def _findings(self, narrow: Schema, wide: Schema, place: str) -> Iterator[str]:
        if narrow.get("type") != wide.get("type") and not _is_wider(wide.get("type"), narrow.get("type")):
            yield _at(place, self._direction.told_value.format(narrow.get("type", "anything")))
            return
        yield from self._values(narrow, wide, place)
        yield from self._bounds(narrow, wide, place)
        yield from self._fields(narrow, wide, place)
        yield from self._members(narrow, wide, place)

    def _values(self, narrow: Schema, wide: Schema, place: str) -> Iterator[str]:
        allowed, possible = _enumerated(wide), _enumerated(narrow)
        if allowed is None or (self._given and narrow.get(GROWS)):
            return
        told = ["anything"] if possible is None else [repr(each) for each in possible if each not in allowed]
        for each in told:
            yield _at(place, self._direction.told_value.format(each))

    def _bounds(self, narrow: Schema, wide: Schema, place: str) -> Iterator[str]:
        for name in LOWER:
            if name in wide and narrow.get(name, wide[name] - 1) < wide[name]:
                yield _at(place, self._direction.told_bound.format(name))
        for name in UPPER:
            if name in wide and narrow.get(name, wide[name] + 1) > wide[name]:
                yield _at(place, self._direction.told_bound.format(name))
        for name in EXACT:
            if name in wide and narrow.get(name) != wide[name]:
                yield _at(place, self._direction.told_bound.format(name))

    def _fields(self, narrow: Schema, wide: Schema, place: str) -> Iterator[str]:
        mine, theirs = narrow.get("properties", {}), wide.get("properties", {})
        old, new = (theirs, mine) if self._given else (mine, theirs)
        removed = [name for name in old if name not in new]
        for name in removed:
            yield _at(place, f"`{name}` was removed")
        for name in wide.get("required", ()):
            if name not in narrow.get("required", ()) and name not in removed:
                yield _at(place, self._direction.told_required.format(name))
        for name in mine:
            if name in theirs:
                yield from self._uncovered(mine[name], theirs[name], f"{place}.{name}")

    def _members(self, narrow: Schema, wide: Schema, place: str) -> Iterator[str]:
        """The items of arrays, and the fields of objects that have no names."""
        if narrow.get("type") == "array":
            yield from self._uncovered(narrow.get("items", {}), wide.get("items", {}), f"{place}[]")
            for number, item in enumerate(wide.get("prefixItems", ())):
                mine = list(narrow.get("prefixItems", ()))[number : number + 1]
                yield from self._uncovered(mine[0] if mine else {}, item, f"{place}[{number}]")
        if narrow.get("type") == "object":
            mine, theirs = (each.get("additionalProperties", True) for each in (narrow, wide))
            if theirs is False and mine is not False:
                yield _at(place, self._direction.told_value.format("an object with other fields"))
            elif isinstance(theirs, Mapping):
                yield from self._uncovered(mine if isinstance(mine, Mapping) else {}, theirs, f"{place}.*")


def alternatives(schema: Schema, document: Schema) -> list[Schema]:
    """The schemas of which one must hold, each with one type at most and no reference at its top."""
    if "$ref" in schema:
        return alternatives(_found(schema["$ref"], document), document)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return [each for one in schema[several] for each in alternatives(one, document)]
    if "allOf" in schema:
        return [_merged(schema, document)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": each} for each in schema["type"]]
    return [schema]


def _merged(schema: Schema, document: Schema) -> Schema:
    """All of several at once: their fields and what they require together, of the rest the last one's."""
    parts = [schema, *(each for one in schema["allOf"] for each in alternatives(one, document))]
    whole = {name: told for part in parts for name, told in part.items() if name != "allOf"}
    fields = {name: told for part in parts for name, told in part.get("properties", {}).items()}
    required = [name for part in parts for name in part.get("required", ())]
    return {
        **whole,
        **({"properties": fields} if fields else {}),
        **({"required": required} if required else {}),
    }


def _found(reference: str, document: Schema) -> Schema:
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name.replace("~1", "/").replace("~0", "~")]
    return dict(found)


def _is_wider(wide: object, narrow: object) -> bool:
    return wide is None or (wide, narrow) == ("number", "integer")


def _enumerated(schema: Schema) -> list[object] | None:
    """The only values that a schema allows, or None."""
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if "enum" in schema else None


def _at(place: str, told: str) -> str:
    return f"{place.lstrip('.')}: {told}" if place else told
