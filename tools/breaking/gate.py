"""Names what a new snapshot breaks, unless its major version says that it may.

OpenAPI and AsyncAPI are compared by rules of our own (`schemas.py`), GraphQL by those of graphql-core.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from graphql import build_schema
from graphql.utilities import find_breaking_changes

from tools.breaking.asyncapi import asyncapi_breaks
from tools.breaking.openapi import openapi_breaks

OPENAPI = "docs/api/openapi.json"
ASYNCAPI = "docs/api/asyncapi.json"
GRAPHQL = "docs/api/schema.graphql"


def graphql_breaks(old: str, new: str) -> list[str]:
    """Each change that breaks a query, by graphql-core."""
    changes = find_breaking_changes(build_schema(old), build_schema(new))
    return [change.description for change in changes]


def breaks(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """What one snapshot breaks, given all old and all new texts by name; nothing if there was none before.

    The schema of GraphQL has no version of its own: it has OpenAPI's.
    """
    if name not in old or name not in COMPARED or is_raised(name, old, new):
        return []
    return COMPARED[name](old[name], new[name])


def is_raised(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether the new text has a higher major version than the old one."""
    versioned = OPENAPI if name == GRAPHQL else name
    return versioned in old and _major(new[versioned]) > _major(old[versioned])


def _major(text: str) -> int:
    return int(json.loads(text)["info"]["version"].partition(".")[0])


def _of_json(compare: Callable[[Any, Any], list[str]]) -> Callable[[str, str], list[str]]:
    return lambda old, new: compare(json.loads(old), json.loads(new))


COMPARED: dict[str, Callable[[str, str], list[str]]] = {
    OPENAPI: _of_json(openapi_breaks),
    ASYNCAPI: _of_json(asyncapi_breaks),
    GRAPHQL: graphql_breaks,
}
"""The documents of single families are parts of the whole one, and compared with it."""
