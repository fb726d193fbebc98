"""How OpenAPI tells of GraphQL: its parameters, its body, its answers and its failures."""

from typing import Any

from vivavoce.gateway.documentation import failures
from vivavoce.gateway.failure_documents import SCHEMA
from vivavoce.gateway.failure_shapes import Failure
from vivavoce.gateway.graphql_http.media_types import EVENTS, GRAPHQL, JSON
from vivavoce.gateway.graphql_http.requests import EXAMPLE, JSON_PARAMETERS, PARAMETERS, GraphqlBody

FAILURE = SCHEMA.format(model=Failure.__name__)
"""Stands for the failures of GraphQL's family, as it does everywhere."""
OWN_MEANINGS = {
    400: "The operation was not begun: the request, the document or its variables are wrong.",
    405: "Mutations must come by POST.",
    406: "No answer is of a media type that the caller takes; subscriptions need a stream.",
    415: "The body isn't JSON in UTF-8.",
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "data": {"type": ["object", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "message": {"type": "string"},
                    "path": {"type": "array"},
                    "locations": {"type": "array"},
                    "extensions": {
                        "type": "object",
                        "properties": {"code": {"type": "string"}, "correlationId": {"type": "string"}},
                        "required": ["code", "correlationId"],
                    },
                },
                "required": ["message", "extensions"],
            },
        },
        "extensions": {"type": "object"},
    },
}
ANSWERED = [{"questionId": "q1", "status": "READY"}]
SUCCESS = {"data": {"interview": {"status": "completed", "answers": ANSWERED}}}
EVENT = 'event: next\ndata: {"data": {}}\n\n'
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": GraphqlBody.model_json_schema(by_alias=True), "example": {"query": EXAMPLE}}
        },
    }
}
DOCUMENT = {"type": "string", "minLength": 1, "examples": [EXAMPLE]}
IN_ADDRESS: dict[str, Any] = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "required": name == "query",
            "schema": DOCUMENT if name == "query" else {"type": "string"},
            "description": "As JSON." if name in JSON_PARAMETERS else "",
        }
        for name in PARAMETERS
    ]
}


def answers() -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of an operation."""
    shown = {media_type: {"schema": ANSWER, "example": SUCCESS} for media_type in (JSON, GRAPHQL)}
    stream = {EVENTS: {"schema": {"type": "string"}, "example": EVENT}}
    told: dict[int | str, dict[str, Any]] = {
        200: {"description": "What the operation came to.", "content": {**shown, **stream}},
        **failures(401, 403, 413, 429, 503),
        **{status: {"model": Failure, "description": meaning} for status, meaning in OWN_MEANINGS.items()},
    }
    for status in told.keys() - {200, 413}:
        told[status]["content"] = {GRAPHQL: {"schema": {"$ref": FAILURE}}}
    return told
