"""Every operation of a gateway, over HTTP and in GraphQL, and what each says of who may call it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import strawberry
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from vivavoce.gateway.auth.permissions import Having, anyone, identified
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_permissions import Requires

WEBSOCKET = "WEBSOCKET"


@dataclass(frozen=True)
class Operation:
    """One operation: `GET /path`, or `query name`; the permissions it needs, or that it is open.

    One that is `identified` needs credentials and no permission: it is about the caller alone.
    """

    name: str
    permissions: frozenset[Permission]
    open: bool = False
    identified: bool = False
    endpoint: Callable[..., Any] | None = None

    @property
    def declared(self) -> bool:
        """Whether it says who may call it, without contradicting itself."""
        return [bool(self.permissions), self.open, self.identified].count(True) == 1


def operations(app: FastAPI) -> Iterator[Operation]:
    """Every route of the application by each of its methods, hidden ones too."""
    for route in iter_route_contexts(app.routes):
        calls = list(calls_of(getattr(route, "dependant", None)))
        permissions = frozenset(call.permission for call in calls if isinstance(call, Having))
        for method in sorted(route.methods or {WEBSOCKET}):
            markers = (anyone in calls, identified in calls)
            yield Operation(f"{method} {route.path}", permissions, *markers, route.endpoint)


def calls_of(dependant: Dependant | None) -> Iterator[object]:
    """Every dependency, and those that they have."""
    for each in dependant.dependencies if dependant is not None else ():
        yield each.call
        yield from calls_of(each)


def root_fields(schema: strawberry.Schema) -> Iterator[Operation]:
    """Every field of the schema's query, mutation and subscription."""
    inner = schema._schema  # the library has no public way to its GraphQL schema's root types
    for kind in ("query", "mutation", "subscription"):
        root = getattr(inner, f"{kind}_type")
        for name, field in root.fields.items() if root is not None else ():
            definition = field.extensions["strawberry-definition"]
            needed = [each.permission for each in definition.extensions if isinstance(each, Requires)]
            yield Operation(f"{kind} {name}", frozenset(needed))


def undeclared(found: Iterator[Operation]) -> list[str]:
    """The operations that don't say who may call them."""
    return [operation.name for operation in found if not operation.declared]
