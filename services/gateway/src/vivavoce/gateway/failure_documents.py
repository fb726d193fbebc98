"""What OpenAPI says of failures in general: each in its family's shape, and the limits of every operation."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from vivavoce.gateway.failure_shapes import PLATFORM, SHAPES
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
        model = SHAPES[family_of(path)].model
        for operation in operations.values():
            if takes_key(operation):
                _add_repeats(operation["responses"], repeated)
            if path not in EXEMPT:
                _add_limits(operation["responses"], limited)
            if _name_model(operation["responses"], model):
                _add_schema(components["schemas"], model)


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


def _name_model(responses: dict[str, Any], model: type[BaseModel]) -> bool:
    """Have failures refer to a model; whether any does."""
    platform = {"$ref": SCHEMA.format(model=PLATFORM.model.__name__)}
    contents = [
        content
        for response in responses.values()
        for content in response.get("content", {}).values()
        if content.get("schema") == platform
    ]
    for content in contents:
        content["schema"] = {"$ref": SCHEMA.format(model=model.__name__)}
    return bool(contents)


def _add_schema(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    described = model.model_json_schema(ref_template=SCHEMA, by_alias=True)
    for name, definition in described.pop("$defs", {}).items():
        schemas.setdefault(name, definition)
    schemas.setdefault(model.__name__, described)
