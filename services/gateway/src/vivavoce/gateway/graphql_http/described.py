"""How OpenAPI tells of GraphQL: its parameters, its body, its answers and its failures."""

from typing import Any

from vivavoce.gateway.documentation import MEANINGS, RETRY_AFTER, failures
from vivavoce.gateway.graphql_http.media_types import EVENTS, GRAPHQL, JSON
from vivavoce.gateway.graphql_http.requests import EXAMPLE, JSON_PARAMETERS, PARAMETERS, GraphqlBody

FAILURES = (400, 401, 403, 405, 406, 415, 429, 503)
OWN_MEANINGS = {
    405: "Mutations must come by POST.",
    406: "No answer is of a media type that the caller takes; subscriptions need a stream.",
    415: "The body isn't JSON in UTF-8.",
    429: "Too many streams are open, or too much was asked; try again after `Retry-After` seconds.",
}
NOT_BEGUN = "The operation was not begun: the request, the document or its variables are wrong."
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
FAILURE = {
    "errors": [
        {
            "message": "Send a bearer token in Authorization, or an API key in apiKey or X-API-Key.",
            "extensions": {
                "code": "unauthenticated",
                "correlationId": "5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4",
            },
        }
    ]
}
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
    told: dict[int | str, dict[str, Any]] = {
        200: {"description": "What the operation came to.", "content": _content(SUCCESS)}
    }
    told[200]["content"][EVENTS] = {"schema": {"type": "string"}, "example": EVENT}
    for status in FAILURES:
        meaning = NOT_BEGUN if status == 400 else OWN_MEANINGS.get(status) or MEANINGS[status]
        told[status] = {"description": meaning, "content": _content(FAILURE)}
    for status in (429, 503):
        told[status]["headers"] = RETRY_AFTER
    return {**told, **failures(413)}


def _content(example: dict[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": ANSWER, "example": example} for media_type in (JSON, GRAPHQL)}
