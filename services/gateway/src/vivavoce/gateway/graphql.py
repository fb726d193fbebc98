"""GraphQL over HTTP: one schema behind one door."""

import json
from typing import Annotated, Any

import strawberry
from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult

from vivavoce.chassis.errors import InvalidInput
from vivavoce.gateway.auth.permissions import Reader
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.graphql_context import GraphqlContext, context_for
from vivavoce.gateway.graphql_errors import shown_error
from vivavoce.gateway.parts import PartsOf
from vivavoce.gateway.texts import Storable

router = APIRouter(tags=["graphql"])


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
        body["errors"] = [shown_error(error) for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    return body
