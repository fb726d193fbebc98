"""Finds out whether a field can occur in what a JSON schema describes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
ALTERNATIVES = ("anyOf", "oneOf", "allOf")


def has_path(schema: Schema, path: Sequence[str]) -> bool:
    """Whether a path of field names leads somewhere; lists are looked through."""
    return _leads(schema, schema, tuple(path))


def _leads(root: Schema, node: Schema, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    return any(_leads_from(root, form, path) for form in _forms(root, node))


def _leads_from(root: Schema, form: Schema, path: tuple[str, ...]) -> bool:
    if "items" in form:
        return _leads(root, form["items"], path)
    below = form.get("properties", {}).get(path[0], form.get("additionalProperties"))
    if isinstance(below, Mapping):
        return _leads(root, below, path[1:])
    return below is True


def _forms(root: Schema, node: Schema) -> Iterator[Schema]:
    """The node with references followed and alternatives taken apart."""
    if "$ref" in node:
        yield from _forms(root, root["$defs"][node["$ref"].rsplit("/", 1)[-1]])
        return
    yield node
    for name in ALTERNATIVES:
        for alternative in node.get(name, ()):
            yield from _forms(root, alternative)
