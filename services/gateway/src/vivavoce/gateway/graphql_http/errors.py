"""How errors look in GraphQL: what was wrong, its code, and the id to ask about; never an inside."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.http import request_ids
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.failure_shapes import SHAPES, Told
from vivavoce.gateway.families import Family

PARSE_FAILED = "graphql_parse_failed"
VALIDATION_FAILED = "graphql_validation_failed"
OURS = "Something failed on our side. Ask us about it with the correlationId."

log = get_logger(__name__)


def shown_errors(errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
    """Errors of an operation; faults of our own are told to the log only."""
    return [_shown(error) for error in errors]


def shown_failure(error: VivaError) -> dict[str, Any]:
    """An error of the tree that belongs to no operation; problems are named by their fields."""
    told = Told(error.status, error.code, error.message, request_ids().correlation_id, error.problems)
    shown: dict[str, Any] = SHAPES[Family.GRAPHQL].render(told)["errors"][0]
    return shown


def _shown(error: GraphQLError) -> dict[str, Any]:
    shown: dict[str, Any] = dict(error.formatted)
    message, code = _told(error)
    told = {"code": code, "correlationId": request_ids().correlation_id}
    return {**shown, "message": message, "extensions": {**told, **(error.extensions or {})}}


def _told(error: GraphQLError) -> tuple[str, str]:
    cause = error.original_error
    if isinstance(cause, VivaError):
        return cause.message, cause.code
    if isinstance(cause, CannotGetOperationTypeError):
        return f"{cause.as_http_error_reason()}.", VALIDATION_FAILED
    if cause is None or isinstance(cause, GraphQLError | InvalidOperationTypeError):
        return error.message, PARSE_FAILED if isinstance(error, GraphQLSyntaxError) else VALIDATION_FAILED
    log.error("graphql_crashed", exc_info=cause)
    return OURS, VivaError.code
