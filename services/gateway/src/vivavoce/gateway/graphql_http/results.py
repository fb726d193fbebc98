"""What an operation came to, as HTTP answers it: the body, and the status that its media type asks for."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError
from starlette.responses import JSONResponse, Response
from strawberry.types import ExecutionResult

from vivavoce.chassis.errors import InvalidInput, VivaError
from vivavoce.gateway.failures import headers_of
from vivavoce.gateway.graphql_http.errors import shown_errors, shown_failure
from vivavoce.gateway.graphql_http.media_types import EVENTS, GRAPHQL, JSON
from vivavoce.gateway.graphql_http.refusals import WrongMethod

CHARSET = "; charset=utf-8"


def body_of(result: ExecutionResult) -> dict[str, Any]:
    """The result in GraphQL's form. An operation that was not begun has no `data`."""
    body: dict[str, Any] = {} if is_refused(result) else {"data": result.data}
    if result.errors:
        body["errors"] = shown_errors(result.errors)
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def is_refused(result: ExecutionResult) -> bool:
    """Whether nothing was executed: the document or its variables are wrong, or go beyond a limit."""
    return result.data is None and all(error.path is None for error in result.errors or ())


def status_of(result: ExecutionResult, media_type: str) -> int:
    """The status by the specification of GraphQL over HTTP, 6.4.

    In the older media type a well-formed request is 200 whatever it came to, unless an error of our tree
    stopped it: what is too much, or away, says so there too.
    """
    if not is_refused(result):
        return 200
    causes = [error.original_error for error in result.errors or ()]
    ours = next((cause for cause in causes if isinstance(cause, VivaError)), None)
    if ours is not None:
        return ours.status
    if any(not isinstance(cause, GraphQLError | None) for cause in causes):
        return VivaError.status
    return InvalidInput.status if media_type == GRAPHQL else 200


def answer(result: ExecutionResult, media_type: str) -> Response:
    """The answer to an operation."""
    headers = _headers(result.errors or ())
    return _json(body_of(result), status_of(result, media_type), media_type, headers)


def refusal(error: VivaError, media_type: str) -> Response:
    """The answer to a request that came to no operation."""
    headers = headers_of(error)
    if isinstance(error, WrongMethod):
        headers["Allow"] = str(error.details["allow"])
    shown = JSON if media_type == EVENTS else media_type
    return _json({"errors": [shown_failure(error)]}, error.status, shown, headers)


def _headers(errors: Sequence[GraphQLError]) -> dict[str, str]:
    causes = (error.original_error for error in errors if error.path is None)
    return next((headers_of(cause) for cause in causes if isinstance(cause, VivaError)), {})


def _json(content: dict[str, Any], status: int, media_type: str, headers: dict[str, str]) -> Response:
    return JSONResponse(content, status, headers=headers, media_type=media_type + CHARSET)
