"""The API's own description: OpenAPI that says what is really answered, and a page of our own."""

from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, Response

from vivavoce.gateway.failures import Failure

VERSION = "1.0.0"
UNUSED_STATUS = "422"
UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError")
MEANINGS = {
    400: "The request is wrong; `fields` says where.",
    401: "No credentials, or credentials that don't hold.",
    403: "These credentials don't allow it, or nobody has attested consent.",
    404: "There is no such thing, or not for this organization.",
    409: "This `requestId` was used for another submission.",
    413: "The body is larger than allowed.",
    503: "Something that this needs doesn't answer; try again after `Retry-After` seconds.",
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em}summary{cursor:pointer;padding:.3rem 0}"
    "table{border-collapse:collapse}td{padding:.1rem 1rem .1rem 0;vertical-align:top}"
)

router = APIRouter(include_in_schema=False)


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of failures in the platform's shape."""
    return {status: {"model": Failure, "description": MEANINGS[status]} for status in statuses}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, without the 422 that FastAPI adds and the gateway never answers."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="Vivavoce", version=VERSION, description=app.description, routes=app.routes
        )
        for operation in _operations(document):
            operation["responses"].pop(UNUSED_STATUS, None)
        for name in UNUSED_SCHEMAS:
            document.get("components", {}).get("schemas", {}).pop(name, None)
        app.openapi_schema = document
    return app.openapi_schema


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


@router.get("/docs")
async def docs(request: Request) -> Response:
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
    responses = "".join(
        f"<tr><td><code>{escape(status)}</code></td><td>{escape(response.get('description', ''))}</td></tr>"
        for status, response in operation["responses"].items()
    )
    return (
        f"<details><summary><code>{method.upper()} {escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p><table>{responses}</table></details>"
    )
