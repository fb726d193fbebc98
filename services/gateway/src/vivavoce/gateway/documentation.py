"""The API's own description: OpenAPI that says what is really answered, and a page of our own."""

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, JSONResponse, Response

from vivavoce.gateway.auth.permissions import Anyone
from vivavoce.gateway.examples import EXAMPLES
from vivavoce.gateway.failure_documents import complete_failures
from vivavoce.gateway.failure_shapes import Failure

VERSION = "1.0.0"
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
FAILING = frozenset(map(str, MEANINGS)) - {"400", "404"}
"""Answers whose shape is always the same: the page shows it with the first two only."""
RETRY_AFTER = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before trying again."}
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em}summary{cursor:pointer;padding:.3rem 0}"
    "pre{background:#8882;padding:.6em;overflow:auto}h4{margin:.8rem 0 .2rem}"
    "table{border-collapse:collapse}td{padding:.1rem 1rem .1rem 0;vertical-align:top}"
)

router = APIRouter(include_in_schema=False)


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of failures; `describe` gives them the shape of the operation's family."""
    described: dict[int | str, dict[str, Any]] = {
        status: {"model": Failure, "description": MEANINGS[status]} for status in statuses
    }
    for status in described.keys() & {429, 503}:
        described[status]["headers"] = RETRY_AFTER
    return described


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, without the 422 that FastAPI adds and the gateway never answers."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="Vivavoce", version=VERSION, description=app.description, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        _drop_unused(document)
        complete_failures(document, failures(429), failures(409, 422))
        for name in UNUSED_SCHEMAS:
            schemas.pop(name, None)
        for name, example in EXAMPLES.items():
            schemas[name]["examples"] = [example]
        for operation in _operations(document):
            for content in _contents(operation):
                _exemplify(content, schemas)
        app.openapi_schema = document
    return app.openapi_schema


def _drop_unused(document: dict[str, Any]) -> None:
    """Take out the answer that FastAPI describes for requests that are wrong: here they get 400."""
    for operation in _operations(document):
        operation["responses"].pop(UNUSED_STATUS, None)


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
    if examples:
        content["examples"] = examples


def _exemplified(schema: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    """The names of those that a schema refers to and that have an example."""
    names = [each["$ref"].rpartition("/")[2] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each]
    return [name for name in names if "examples" in schemas[name]]


@router.get("/openapi.json")
async def openapi(request: Request, _: Anyone) -> Response:
    """The description as JSON."""
    return JSONResponse(describe(request.app))


@router.get("/docs")
async def docs(request: Request, _: Anyone) -> Response:
    """Every operation on one page, without scripts and without anything from elsewhere."""
    page = render_page(describe(request.app))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


def render_page(document: dict[str, Any]) -> str:
    """The description as HTML."""
    operations = "".join(
        _operation(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style><h1>{title}</h1><p>{escape(document['info'].get('description', ''))}</p>"
        f'<p>Machines read <a href="/openapi.json">/openapi.json</a>.</p>{operations}</html>'
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    body = operation.get("requestBody", {})
    return (
        f"<details><summary><code>{method.upper()} {escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p>"
        f"{_parameters(operation.get('parameters', ()))}"
        f"{f'<h4>Body</h4>{_examples(body)}' if body else ''}"
        f"<h4>Answers</h4>{''.join(_response(*each) for each in operation['responses'].items())}</details>"
    )


def _parameters(parameters: Iterable[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>in {escape(each['in'])}</td>"
        f"<td>{escape(str(_example_of(each)))}</td><td>{escape(each.get('description', ''))}</td></tr>"
        for each in parameters
    )
    return f"<h4>Parameters</h4><table>{rows}</table>" if rows else ""


def _example_of(parameter: dict[str, Any]) -> object:
    return next(iter(parameter.get("schema", {}).get("examples", ())), "")


def _response(status: str, response: dict[str, Any]) -> str:
    headers = ", ".join(f"<code>{escape(name)}</code>" for name in response.get("headers", ()))
    told = f"<p><code>{escape(status)}</code> {escape(response.get('description', ''))}</p>"
    shown = _examples(response) if status not in FAILING else ""
    return told + (f"<p>With {headers}.</p>" if headers else "") + shown


def _examples(part: dict[str, Any]) -> str:
    found = (
        example
        for content in part.get("content", {}).values()
        for example in (
            *(each["value"] for each in content.get("examples", {}).values()),
            content.get("example"),
        )
    )
    texts = (
        each if isinstance(each, str) else json.dumps(each, indent=2, ensure_ascii=False)
        for each in found
        if each
    )
    return "".join(f"<pre>{escape(text)}</pre>" for text in texts)
