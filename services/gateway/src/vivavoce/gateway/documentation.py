"""The API's own description: OpenAPI that says what is really answered, and nothing that is not."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from vivavoce.contracts.growing import mark_growing
from vivavoce.gateway.description import texts
from vivavoce.gateway.description.links import describe_links
from vivavoce.gateway.description.routes import name_operations
from vivavoce.gateway.description.security import describe_security
from vivavoce.gateway.description.shared import share_failures
from vivavoce.gateway.description.webhooks import TAG, describe_webhooks
from vivavoce.gateway.examples import EXAMPLES
from vivavoce.gateway.failure_documents import complete_failures
from vivavoce.gateway.failure_shapes import Failure

VERSION = texts.VERSION
UNUSED_STATUS = "422"
UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError")
MEANINGS = {
    400: "The request is wrong; `fields` says where.",
    401: "No credentials, or credentials that don't hold.",
    403: "These credentials don't allow it, or nobody has attested consent.",
    404: "There is no such thing, or not for this organization.",
    409: "It contradicts what is stored, or a limit is reached: `error` says what to do.",
    413: "The body is larger than allowed.",
    422: "The Idempotency-Key was used for another request.",
    429: "A limit is used up; `RateLimit-Policy` says which. Try again after `Retry-After` seconds.",
    503: "Something that this needs doesn't answer; try again after `Retry-After` seconds.",
}
RETRY_AFTER = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before trying again."}
}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of failures; `describe` gives them the shape of the operation's family."""
    described: dict[int | str, dict[str, Any]] = {
        status: {"model": Failure, "description": MEANINGS[status]} for status in statuses
    }
    for status in described.keys() & {429, 503}:
        described[status]["headers"] = RETRY_AFTER
    return described


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole OpenAPI document, made once, with what is really answered."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=texts.TITLE,
            version=VERSION,
            summary=texts.SUMMARY,
            description=app.description,
            license_info=texts.LICENSE,
            servers=texts.SERVERS,
            routes=app.routes,
        )
        _leave_out_unused(document)
        complete_failures(document, failures(429), failures(409, 422))
        _exemplify_all(document)
        name_operations(document, app)
        describe_links(document)
        describe_security(document, app)
        describe_webhooks(document)
        mark_growing(document["components"]["schemas"])
        document["tags"] = list(_tags(document))
        share_failures(document)
        app.openapi_schema = document
    return app.openapi_schema


def _leave_out_unused(document: dict[str, Any]) -> None:
    """Take out the answer that FastAPI describes for requests that are wrong: here they get 400."""
    for name in UNUSED_SCHEMAS:
        document["components"]["schemas"].pop(name, None)
    for operation in _operations(document):
        operation["responses"].pop(UNUSED_STATUS, None)


def _tags(document: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Each tag that is used, in order of its first use, with what it stands for."""
    used = dict.fromkeys(tag for operation in _operations(document) for tag in operation.get("tags", ()))
    for tag in (*used, TAG):
        yield {"name": tag, "description": texts.TAGS[tag]} if tag in texts.TAGS else {"name": tag}


def _exemplify_all(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [example]
    for operation in _operations(document):
        for content in _contents(operation):
            _exemplify(content, schemas)


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def _contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What an operation takes and gives, by media type."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from part.get("content", {}).values()


def _exemplify(content: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Give a body the examples of its schemas."""
    schema = content.get("schema", {})
    examples = {name: {"value": schemas[name]["examples"][0]} for name in _exemplified(schema, schemas)}
    for name in _exemplified(schema.get("items", {}), schemas):
        examples[name] = {"value": [schemas[name]["examples"][0]]}
    if examples and "examples" not in content:
        content["examples"] = examples


def _exemplified(schema: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    """The names of those that a schema refers to and that have an example."""
    names = [each["$ref"].rpartition("/")[2] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each]
    return [name for name in names if "examples" in schemas[name]]
