"""Every failure in its family's shape: what went wrong, where, and the id to ask about; never a trace."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.chassis.errors import (
    FieldProblem,
    InvalidInput,
    NotFound,
    TooLarge,
    Unauthenticated,
    VivaError,
)
from vivavoce.chassis.http import request_ids
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.failure_shapes import SHAPES, Told
from vivavoce.gateway.families import family_of
from vivavoce.gateway.settings import GatewaySettings

MOST_PROBLEMS = 50
RETRY_AFTER_SECONDS = 5
UNAVAILABLE = 503
SERVER_ERROR = 500
WRONG_METHOD = 405
NO_CONTENT = 204
UNEXPECTED = "Something failed on our side. Ask us about it with the X-Correlation-ID of this answer."

CODES = {
    400: InvalidInput.code,
    404: NotFound.code,
    405: "wrong_method",
    413: TooLarge.code,
    415: "unsupported_media_type",
}
"""The codes of what the framework answers by itself."""

log = get_logger(__name__)


class Renderer:
    """Renders the error tree, and what the framework raises, in the shape of the path's family."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._development = settings.environment == "development"

    def render(self, scope: Scope, error: VivaError) -> Response:
        """An error of the tree, raised while this request was served."""
        details = {"code": error.code, **error.details}
        return self._shaped(
            scope,
            error.status,
            error.message,
            error.problems,
            code=error.code,
            details=details,
            headers=headers_of(error),
        )

    async def viva_error(self, request: Request, error: Exception) -> Response:
        """An error of the tree, as an exception handler."""
        if not isinstance(error, VivaError):
            return self.unexpected(request.scope, error)
        if error.status >= SERVER_ERROR:
            log.warning("request_failed", code=error.code, status=error.status, error=error.message)
        return self.render(request.scope, error)

    async def validation(self, request: Request, error: Exception) -> Response:
        """What FastAPI found wrong with a request."""
        found = error.errors() if isinstance(error, RequestValidationError) else ()
        return self.render(request.scope, invalid_input([problem_of(each) for each in found]))

    async def http(self, request: Request, error: Exception) -> Response:
        """What the framework answers by itself: unknown routes, wrong methods, unreadable bodies."""
        if not isinstance(error, HTTPException):
            return self.unexpected(request.scope, error)
        if error.status_code == WRONG_METHOD:
            return self._wrong_method(request)
        status, sentence = error.status_code, _sentence(error.status_code, request)
        return self._shaped(request.scope, status, sentence, headers=error.headers)

    def unexpected(self, scope: Scope, error: Exception) -> Response:
        """A fault of our own, told to the caller by its id only."""
        return self._shaped(scope, SERVER_ERROR, UNEXPECTED, details={"type": type(error).__name__})

    def _wrong_method(self, request: Request) -> Response:
        """405 with what is possible there; to who only asks what is, 204 with the same."""
        headers = {"Allow": ", ".join(methods_at(request))}
        if request.method == "OPTIONS":
            return Response(status_code=NO_CONTENT, headers=headers)
        sentence = _sentence(WRONG_METHOD, request)
        return self._shaped(request.scope, WRONG_METHOD, sentence, headers=headers)

    def _shaped(
        self,
        scope: Scope,
        status: int,
        message: str,
        problems: tuple[FieldProblem, ...] = (),
        *,
        code: str | None = None,
        details: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        shown = details if self._development and details else {}
        told = Told(
            status,
            code or CODES.get(status, VivaError.code),
            message,
            request_ids().correlation_id,
            problems,
            shown,
        )
        content = SHAPES[family_of(scope["path"])].render(told)
        return JSONResponse(_encodable(content), status, headers=headers)


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
            await self._renderer.unexpected(scope, error)(scope, receive, send)


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


def methods_at(request: Request) -> list[str]:
    """The methods that are possible at a request's path, whichever routes serve them."""
    found = {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path is not None and _pattern(route.path).match(request.scope["path"])
        for method in route.methods or ()
    }
    return sorted({"OPTIONS", *found, *({"HEAD"} if "GET" in found else ())})


@lru_cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


def _sentence(status: int, request: Request) -> str:
    sentences = {
        400: "The body can't be read: it must be JSON in UTF-8.",
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not possible at {request.url.path}.",
        413: "The body is too large.",
        415: "The body's Content-Type is not one that is understood here: send application/json.",
    }
    return sentences.get(status, "The request can't be served.")


def headers_of(error: VivaError) -> dict[str, str]:
    """What an error says in headers: when to try again, how to authenticate."""
    headers: dict[str, str] = {}
    if error.retry_after is not None or error.status == UNAVAILABLE:
        headers["Retry-After"] = str(math.ceil(error.retry_after or RETRY_AFTER_SECONDS))
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = error.challenge
    return headers


def _encodable(value: Any) -> Any:
    """The value with what UTF-8 can't carry replaced: a caller's field names come back in paths."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value
