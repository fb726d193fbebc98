"""Every failure in its family's shape: what went wrong, where, and the id to ask about; never a trace."""

import math
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.chassis.errors import FieldProblem, InvalidInput, TooLarge, Unauthenticated, VivaError
from vivavoce.chassis.http import request_ids
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.settings import GatewaySettings

MOST_PROBLEMS = 50
RETRY_AFTER_SECONDS = 5
UNAVAILABLE = 503
SERVER_ERROR = 500

log = get_logger(__name__)


class Problem(BaseModel):
    """One thing wrong with the body: where, as a dotted path, and what."""

    path: str
    message: str


class Failure(BaseModel):
    """The error shape of the platform: `details` in development only."""

    model_config = ConfigDict(populate_by_name=True)

    error: str = Field(examples=["The interview's body has 1 problem."])
    correlation_id: str = Field(alias="correlationId", examples=["5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4"])
    fields: list[Problem] | None = None
    details: dict[str, Any] | None = None


class Renderer:
    """Renders the error tree, and what the framework raises, in the platform's shape."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._development = settings.environment == "development"

    def render(self, error: VivaError) -> Response:
        """An error of the tree."""
        content: dict[str, Any] = {"error": error.message, "correlationId": request_ids().correlation_id}
        if error.problems:
            content["fields"] = [{"path": p.path, "message": p.message} for p in error.problems]
        if self._development:
            content["details"] = {"code": error.code, **error.details}
        return JSONResponse(_encodable(content), error.status, headers=_headers(error))

    async def viva_error(self, _: Request, error: Exception) -> Response:
        """An error of the tree, as an exception handler."""
        if not isinstance(error, VivaError):
            return self.unexpected(error)
        if error.status >= SERVER_ERROR:
            log.warning("request_failed", code=error.code, status=error.status, error=error.message)
        return self.render(error)

    async def validation(self, _: Request, error: Exception) -> Response:
        """What FastAPI found wrong with a request."""
        found = error.errors() if isinstance(error, RequestValidationError) else ()
        return self.render(invalid_input([problem_of(each) for each in found]))

    async def http(self, request: Request, error: Exception) -> Response:
        """What the framework answers by itself: unknown routes, wrong methods, unreadable bodies."""
        status = error.status_code if isinstance(error, HTTPException) else SERVER_ERROR
        headers = error.headers if isinstance(error, HTTPException) else None
        content = {
            "error": _sentence(status, request),
            "correlationId": request_ids().correlation_id,
        }
        return JSONResponse(_encodable(content), status, headers=headers)

    def unexpected(self, error: Exception) -> Response:
        """A fault of our own, told to the caller by its id only."""
        content: dict[str, Any] = {
            "error": "Something failed on our side. Ask us about it with the correlationId.",
            "correlationId": request_ids().correlation_id,
        }
        if self._development:
            content["details"] = {"type": type(error).__name__}
        return JSONResponse(content, SERVER_ERROR)

    def too_large(self, _: Scope, error: TooLarge) -> Response:
        """A body over the limit, refused before any route is chosen."""
        return self.render(error)


class CrashMiddleware:
    """Answers for what no handler caught, inside the correlation id, and tells the log in full."""

    def __init__(self, app: ASGIApp, renderer: Renderer) -> None:
        self._app = app
        self._renderer = renderer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whatever happens."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            log.exception("request_crashed")
            if scope["type"] != "http" or started:
                raise
            await self._renderer.unexpected(error)(scope, receive, send)


def install(app: FastAPI, renderer: Renderer) -> None:
    """Have everything that an endpoint raises rendered."""
    app.add_exception_handler(VivaError, renderer.viva_error)
    app.add_exception_handler(RequestValidationError, renderer.validation)
    app.add_exception_handler(HTTPException, renderer.http)


def invalid_input(problems: Sequence[FieldProblem]) -> InvalidInput:
    """One error of many problems, the first `MOST_PROBLEMS` of them."""
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    more = f"; the first {MOST_PROBLEMS} are listed" if len(problems) > MOST_PROBLEMS else ""
    return InvalidInput(f"The request has {count}{more}.", problems=tuple(problems[:MOST_PROBLEMS]))


def problem_of(error: dict[str, Any]) -> FieldProblem:
    """One of pydantic's errors: its place inside the body, path or header, and what is wrong there."""
    place = ".".join(str(part) for part in error["loc"][1:] if part != "[key]")
    if error["type"] == "json_invalid":
        return FieldProblem("body", f"is not valid JSON: {error.get('ctx', {}).get('error', '')}")
    if error["type"] == "model_attributes_type":
        how = "" if place else ", sent with Content-Type: application/json"
        return FieldProblem(place or "body", f"must be a JSON object{how}")
    message = str(error["msg"])
    return FieldProblem(place or "body", message[:1].lower() + message[1:])


def _sentence(status: int, request: Request) -> str:
    sentences = {
        400: "The body can't be read: it must be JSON in UTF-8.",
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not possible at {request.url.path}.",
        413: "The body is too large.",
    }
    return sentences.get(status, "The request can't be served.")


def _headers(error: VivaError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.retry_after is not None or error.status == UNAVAILABLE:
        headers["Retry-After"] = str(math.ceil(error.retry_after or RETRY_AFTER_SECONDS))
    if error.status == Unauthenticated.status:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def _encodable(value: Any) -> Any:
    """The value with what UTF-8 can't carry replaced: a caller's field names come back in paths."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value
