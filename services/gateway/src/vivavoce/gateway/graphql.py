"""GraphQL: one schema from the domains, behind one door."""

import json
from typing import Annotated, Any

import strawberry
from fastapi import APIRouter
from graphql import GraphQLError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult

from vivavoce.chassis.errors import InvalidInput, VivaError
from vivavoce.chassis.http import request_ids
from vivavoce.chassis.log import get_logger
from vivavoce.gateway.auth.permissions import Reader
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.graphql_context import GraphqlContext, context_for
from vivavoce.gateway.interviews.graphql import InterviewQueries
from vivavoce.gateway.parts import PartsOf
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.texts import Storable
from vivavoce.gateway.webhooks.graphql import WebhookQueries

router = APIRouter(tags=["graphql"])
log = get_logger(__name__)


@strawberry.type
class Query(InterviewQueries, WebhookQueries):
    """Everything that can be read."""


def make_schema(settings: GatewaySettings) -> strawberry.Schema:
    """The schema with its limits."""
    return strawberry.Schema(
        Query,
        extensions=[
            lambda: QueryDepthLimiter(max_depth=settings.graphql_max_depth),
            lambda: MaxTokensLimiter(max_token_count=settings.graphql_max_tokens),
            lambda: MaxAliasesLimiter(max_alias_count=settings.graphql_max_aliases),
        ],
    )


def _encodable(variables: dict[str, Any] | None) -> dict[str, Any] | None:
    try:
        json.dumps(variables, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError("broken_unicode", "must be valid Unicode") from error
    return variables


class GraphqlBody(BaseModel):
    """A query with its variables."""

    model_config = ConfigDict(populate_by_name=True, extra="ignore")

    query: Annotated[str, Field(min_length=1, max_length=100_000), Storable] = Field(
        examples=['{ interview(id: "674a8f0c2e4b4d0f9a1b2c3d") { status answers { questionId status } } }']
    )
    variables: Annotated[dict[str, Any] | None, AfterValidator(_encodable)] = None
    operation_name: Annotated[str, Storable] | None = Field(default=None, alias="operationName")


@router.post(
    "/graphql",
    summary="GraphQL",
    response_model=dict[str, Any],
    responses=failures(400, 401, 403, 413, 503),
)
async def execute_graphql(body: GraphqlBody, principal: Reader, parts: PartsOf) -> JSONResponse:
    """`{"data", "errors"}`; the schema can be read by introspection."""
    context = context_for(principal, parts)
    return JSONResponse(rendered(await run(parts.schema, body, context)))


async def run(schema: strawberry.Schema, body: GraphqlBody, context: GraphqlContext) -> ExecutionResult:
    """The result of a query; raises InvalidInput when the document has no such operation."""
    try:
        return await schema.execute(
            body.query,
            variable_values=body.variables,
            context_value=context,
            operation_name=body.operation_name,
        )
    except CannotGetOperationTypeError as error:
        raise InvalidInput(f"{error.as_http_error_reason()}.") from error


def rendered(result: ExecutionResult) -> dict[str, Any]:
    """The result in GraphQL's form; faults of our own are told to the log only."""
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [_error(error) for error in result.errors]
    return body


def _error(error: GraphQLError) -> dict[str, Any]:
    shown: dict[str, Any] = dict(error.formatted)
    cause = error.original_error
    extensions: dict[str, Any] = {"correlationId": request_ids().correlation_id}
    if isinstance(cause, VivaError):
        shown["message"], extensions["code"] = cause.message, cause.code
    elif cause is not None and not isinstance(cause, GraphQLError):
        log.error("graphql_crashed", exc_info=cause)
        shown["message"] = "Something failed on our side. Ask us about it with the correlationId."
    return {**shown, "extensions": extensions}
