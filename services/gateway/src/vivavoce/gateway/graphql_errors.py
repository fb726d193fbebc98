"""Errors as GraphQL tells them: each with a code, and none with the inside of a fault of our own."""

from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.http import request_ids
from vivavoce.chassis.log import get_logger

PARSE_FAILED = "graphql_parse_failed"
VALIDATION_FAILED = "graphql_validation_failed"
SORRY = "Something failed on our side. Ask us about it with the correlationId."

NOT_OURS = (GraphQLError, CannotGetOperationTypeError, InvalidOperationTypeError)
"""What lies in the document or in how it was sent."""

log = get_logger(__name__)


def code_of(error: GraphQLError) -> str:
    """The code of an error: its own, that of the tree's error behind it, or at which step it arose."""
    cause, own = error.original_error, (error.extensions or {}).get("code")
    if isinstance(cause, VivaError):
        return cause.code
    if isinstance(own, str):
        return own
    if isinstance(error, GraphQLSyntaxError) or isinstance(cause, RecursionError):
        return PARSE_FAILED
    if cause is None or isinstance(
        cause, GraphQLError | CannotGetOperationTypeError | InvalidOperationTypeError
    ):
        return VALIDATION_FAILED
    return VivaError.code


def shown_error(error: GraphQLError) -> dict[str, Any]:
    """An error in GraphQL's form; a fault of our own is told to the log only."""
    shown: dict[str, Any] = dict(error.formatted)
    cause, code = error.original_error, code_of(error)
    extensions: dict[str, Any] = {
        **(error.extensions or {}),
        "code": code,
        "correlationId": request_ids().correlation_id,
    }
    if isinstance(cause, VivaError):
        shown["message"] = cause.message
        if cause.problems:
            extensions["fields"] = [{"path": each.path, "message": each.message} for each in cause.problems]
    elif code == VivaError.code:
        log.error("graphql_crashed", exc_info=cause)
        shown["message"] = SORRY
    elif isinstance(cause, CannotGetOperationTypeError):
        shown["message"] = f"{cause.as_http_error_reason()}."
    elif isinstance(cause, RecursionError):
        shown["message"] = "The document is nested too deep to be read."
    return {**shown, "extensions": extensions}
