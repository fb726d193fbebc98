"""What the routes themselves say of an operation: its name, and who may call it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from vivavoce.gateway.families import family_of


@dataclass(frozen=True)
class Described:
    """One method of a route as it is described: its name, and the dependencies that it asks."""

    path: str
    method: str
    name: str
    dependencies: tuple[object, ...]


def described_routes(app: FastAPI) -> Iterator[Described]:
    """Every operation that the description holds."""
    for route in iter_route_contexts(app.routes):
        if route.path is None or not getattr(route, "include_in_schema", False):
            continue
        calls = tuple(_calls(getattr(route, "dependant", None)))
        _, path, _ = compile_path(route.path)
        name = f"{family_of(path)}_{route.name}"
        for method in sorted(route.methods or ()):
            yield Described(path, method.lower(), name, calls)


def name_operations(document: dict[str, Any], app: FastAPI) -> None:
    """Call each operation after its family and its function: what generated clients have as names."""
    for route in described_routes(app):
        operation = document["paths"].get(route.path, {}).get(route.method)
        if operation is not None:
            operation["operationId"] = route.name


def _calls(dependant: Dependant | None) -> Iterator[object]:
    for each in dependant.dependencies if dependant is not None else ():
        yield each.call
        yield from _calls(each)
