"""What OpenAPI says of webhooks: each public fact of the contracts as a subscriber receives it."""

from inspect import getdoc
from typing import Any

from vivavoce.contracts import EXAMPLES, PUBLIC_FACTS, Fact
from vivavoce.gateway.failure_documents import SCHEMA

TAG = "events"
PREFIX = "events."
THIN = f"{PREFIX}Thin"
EVENT_ID = "5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4"
SENT_AT = "2026-03-02T12:00:00Z"
SENT_AT_UNIX = "1772452800"
SIGNATURES = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN… v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw…"
HEADERS: dict[str, tuple[str, str]] = {
    "webhook-id": (
        EVENT_ID,
        "The event's id, the same over every retry and every replay: skip what you have seen.",
    ),
    "webhook-timestamp": (
        SENT_AT_UNIX,
        "When this attempt was made, in Unix seconds: refuse what is older than minutes.",
    ),
    "webhook-signature": (
        SIGNATURES,
        "Signatures by Standard Webhooks, separated by spaces: one that fits is enough.",
    ),
}
LATER: dict[str, Any] = {
    "headers": {
        "Retry-After": {
            "schema": {"type": "string", "examples": ["120"]},
            "description": "Seconds to wait, or the time to wait for.",
        }
    }
}
ANSWERS: dict[str, dict[str, Any]] = {
    "2XX": {"description": "Received. Only the status counts; do the work afterwards."},
    "410": {"description": "Never again: the endpoint is disabled, and what waits for it is kept."},
    "429": {
        "description": "Too much: the endpoint gets nothing until `Retry-After`; no event is charged for it."
    }
    | LATER,
    "503": {"description": "Not now: as 429, if `Retry-After` comes with it."} | LATER,
    "default": {"description": "Not received: tried again for about three days, not before `Retry-After`."}
    | LATER,
}


def describe_webhooks(document: dict[str, Any]) -> None:
    """Add every public fact, with its payload, its headers and the answers that count."""
    schemas = document["components"]["schemas"]
    schemas[THIN] = _thin()
    document["webhooks"] = {name: {"post": _operation(fact, schemas)} for name, fact in PUBLIC_FACTS.items()}


def _operation(fact: type[Fact], schemas: dict[str, Any]) -> dict[str, Any]:
    schema = fact.model_json_schema(
        mode="serialization", ref_template=SCHEMA.format(model=PREFIX + "{model}")
    )
    for name, definition in schema.pop("$defs", {}).items():
        schemas.setdefault(PREFIX + name, definition)
    schemas.setdefault(PREFIX + fact.__name__, schema)
    told = getdoc(fact) or ""
    return {
        "tags": [TAG],
        "operationId": "receive_" + fact.type.replace(".", "_"),
        "summary": fact.type,
        "description": told,
        "security": [],
        "parameters": [_header(name, *told) for name, told in HEADERS.items()],
        "requestBody": {"required": True, "content": {"application/json": _body(fact)}},
        "responses": ANSWERS,
    }


def _header(name: str, example: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "examples": [example]}
    return {"name": name, "in": "header", "required": True, "description": description, "schema": schema}


def _body(fact: type[Fact]) -> dict[str, Any]:
    data = [{"$ref": SCHEMA.format(model=name)} for name in (PREFIX + fact.__name__, THIN)]
    example = {"type": fact.type, "timestamp": SENT_AT, "data": EXAMPLES[fact.type].model_dump(mode="json")}
    schema = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "const": fact.type},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "data": {"anyOf": data},
        },
        "required": ["type", "timestamp", "data"],
    }
    return {"schema": schema, "examples": {fact.type: {"value": example}}}


def _thin() -> dict[str, Any]:
    return {
        "type": "object",
        "title": "Thin",
        "description": "The data of a body that would be too large: its short values, and what was left out.",
        "properties": {
            "omitted": {
                "type": "array",
                "items": {"type": "string"},
                "description": "The fields that were left out: read them over the API.",
            }
        },
        "required": ["omitted"],
    }
