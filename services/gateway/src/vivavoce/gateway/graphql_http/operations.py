"""Runs operations, for every way that they come by."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from vivavoce.chassis.errors import InvalidInput
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.graphql_context import GraphqlContext, context_for
from vivavoce.gateway.graphql_http.media_types import EVENTS
from vivavoce.gateway.graphql_http.refusals import NotAcceptable, WrongMethod
from vivavoce.gateway.graphql_http.requests import GraphqlBody
from vivavoce.gateway.graphql_http.streams import Ended
from vivavoce.gateway.parts import Parts

READING = frozenset({OperationType.QUERY})
CHANGING = frozenset({OperationType.QUERY, OperationType.MUTATION})

Results = AsyncGenerator[ExecutionResult, None]


async def run(
    body: GraphqlBody, principal: Principal, parts: Parts, allowed: frozenset[OperationType]
) -> ExecutionResult:
    """The one result of a query or a mutation.

    Raises InvalidInput when the document has no such operation, WrongMethod for a mutation that came by
    GET, NotAcceptable for a subscription.
    """
    try:
        return await parts.schema.execute(
            body.query,
            variable_values=body.variables,
            context_value=_context(body, principal, parts),
            operation_name=body.operation_name,
            operation_extensions=body.extensions,
            allowed_operation_types=allowed,
        )
    except CannotGetOperationTypeError as error:
        raise InvalidInput(f"{error.as_http_error_reason()}.") from error
    except InvalidOperationTypeError as error:
        if error.operation_type is OperationType.SUBSCRIPTION:
            raise NotAcceptable(f"Subscriptions need Accept: {EVENTS}, or a WebSocket.") from error
        raise WrongMethod("Mutations must come by POST.", details={"allow": "POST"}) from error


async def results_of(
    body: GraphqlBody, principal: Principal, parts: Parts, allowed: frozenset[OperationType], *, paid: int = 1
) -> Results:
    """The results of an operation of any kind, one after the other; the caller closes them.

    `paid` is how many points of the caller's rate limit were taken for it before.
    """
    results = await parts.schema.stream(
        body.query,
        variable_values=body.variables,
        context_value=_context(body, principal, parts, paid),
        operation_name=body.operation_name,
        operation_extensions=body.extensions,
        allowed_operation_types=allowed | {OperationType.SUBSCRIPTION},
    )
    return cast("Results", results)


def _context(body: GraphqlBody, principal: Principal, parts: Parts, paid: int = 1) -> GraphqlContext:
    named = body.operation_name is not None
    return replace(context_for(principal, parts), names_operation=named, paid=paid)


async def until_ended(results: Results, ended: Ended) -> Results:
    """The results until there are no more, or the stream has to end; then they are closed."""
    coming: asyncio.Future[ExecutionResult | None] | None = None
    try:
        while not ended.done():
            coming = asyncio.ensure_future(anext(results, None))
            await either(coming, ended)
            if not coming.done():
                return
            result = coming.result()
            if result is None:
                return
            yield result
    finally:
        if coming is not None and not coming.done():
            coming.cancel()
            with suppress(asyncio.CancelledError):
                await coming
        await results.aclose()


async def either(one: asyncio.Future[Any], other: asyncio.Future[Any]) -> None:
    """Return when one of two is done, whatever it came to; neither is cancelled."""
    await asyncio.wait({one, other}, return_when=asyncio.FIRST_COMPLETED)
