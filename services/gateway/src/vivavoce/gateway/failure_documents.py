"""What OpenAPI says of failures in general: each in its family's shape, and the limits of every operation."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from vivavoce.gateway.description.failure_examples import failure_example
from vivavoce.gateway.failure_shapes import PLATFORM, SHAPES, Shape
from vivavoce.gateway.families import family_of
from vivavoce.gateway.limits.rules import EXEMPT

SCHEMA = "#/components/schemas/{model}"
LIMIT_HEADERS = {
    "RateLimit-Policy": {
        "schema": {"type": "string", "examples": ['"address";q=3000;w=60, "general";q=600;w=60']},
        "description": "The limits that hold for the request: quota `q` in a window of `w` seconds.",
    },
    "RateLimit": {
        "schema": {"type": "string", "examples": ['"address";r=2999;t=42, "general";r=599;t=42']},
        "description": "What is left of each: `r`, until its window ends in `t` seconds.",
    },
}
REPEAT_HEADERS = {
    "Idempotency-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Present when this is the answer that was given to the first request with this key.",
    }
}
REFERENCES = {name: {"$ref": f"#/components/headers/{name}"} for name in LIMIT_HEADERS}


Declared = Mapping[int | str, Mapping[str, Any]]


def complete_failures(document: dict[str, Any], limited: Declared, repeated: Declared) -> None:
    """Give each operation 429 and the fields of its limits, and its failures the shape of its family.

    What takes an Idempotency-Key gets the answers to its repeats. `limited` and `repeated` are responses
    as endpoints declare them. So an endpoint says only which failures it has.
    """
    components = document["components"]
    components.setdefault("headers", {}).update(LIMIT_HEADERS)
    for path, operations in document["paths"].items():
        shape = SHAPES[family_of(path)]
        for operation in operations.values():
            if takes_key(operation):
                _add_repeats(operation["responses"], repeated)
            if path not in EXEMPT:
                _add_limits(operation["responses"], limited)
            if _name_model(operation["responses"], shape):
                _add_schema(components["schemas"], shape.model)


def takes_key(operation: Mapping[str, Any]) -> bool:
    """Whether an operation runs once for each Idempotency-Key."""
    return any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ()))


def _add_repeats(responses: dict[str, Any], repeated: Declared) -> None:
    _add_declared(responses, repeated)
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = {**response.get("headers", {}), **REPEAT_HEADERS}


def _add_declared(responses: dict[str, Any], added: Declared) -> None:
    for status, declared in added.items():
        schema = {"$ref": SCHEMA.format(model=declared["model"].__name__)}
        described = {name: value for name, value in declared.items() if name != "model"}
        described["content"] = {"application/json": {"schema": schema}}
        responses.setdefault(str(status), described)


def _add_limits(responses: dict[str, Any], limited: Declared) -> None:
    _add_declared(responses, limited)
    for response in responses.values():
        response["headers"] = {**response.get("headers", {}), **REFERENCES}


def _name_model(responses: dict[str, Any], shape: Shape) -> bool:
    """Have failures refer to a family's model, with an example; whether any does."""
    platform, named = _reference(PLATFORM.model), _reference(shape.model)
    found = False
    for status, response in responses.items():
        for content in response.get("content", {}).values():
            if content.get("schema") == platform:
                found = True
                content["schema"] = named
                _show(content, int(status), shape)
    return found


def _show(content: dict[str, Any], status: int, shape: Shape) -> None:
    example = failure_example(status, shape)
    if example is not None:
        content.pop("example", None)
        content["examples"] = {shape.model.__name__: {"value": example}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": SCHEMA.format(model=model.__name__)}


def _add_schema(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    described = model.model_json_schema(ref_template=SCHEMA, by_alias=True)
    for name, definition in described.pop("$defs", {}).items():
        schemas.setdefault(name, definition)
    schemas.setdefault(model.__name__, described)
