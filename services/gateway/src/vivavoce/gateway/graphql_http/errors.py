"""How errors look in GraphQL: what was wrong, its code, and the id to ask about; never an inside."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.http import request_ids
from vivavoce.gateway.failure_shapes import SHAPES, Told
from vivavoce.gateway.families import Family
from vivavoce.gateway.graphql_errors import shown_error


def shown_errors(errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
    """Errors of an operation; faults of our own are told to the log only."""
    return [shown_error(error) for error in errors]


def shown_failure(error: VivaError) -> dict[str, Any]:
    """An error of the tree that belongs to no operation; problems are named by their fields."""
    told = Told(error.status, error.code, error.message, request_ids().correlation_id, error.problems)
    shown: dict[str, Any] = SHAPES[Family.GRAPHQL].render(told)["errors"][0]
    return shown
