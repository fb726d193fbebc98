"""A GraphQL request as it comes: a JSON body or parameters in the address, checked before it is run."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.gateway.failures import invalid_input, problem_of
from vivavoce.gateway.graphql_http.media_types import check_body_type
from vivavoce.gateway.texts import Storable

JSON_PARAMETERS = ("variables", "extensions")
PARAMETERS = ("query", "operationName", *JSON_PARAMETERS)
EXAMPLE = '{ interview(id: "674a8f0c2e4b4d0f9a1b2c3d") { status answers { questionId status } } }'


class GraphqlBody(BaseModel):
    """A document, which of its operations to run, and the values of its variables."""

    model_config = ConfigDict(populate_by_name=True, extra="ignore")

    query: Annotated[str, Field(min_length=1, max_length=100_000), Storable] = Field(examples=[EXAMPLE])
    variables: dict[str, Any] | None = None
    operation_name: Annotated[str, Storable] | None = Field(default=None, alias="operationName")
    extensions: dict[str, Any] | None = None


async def read_body(request: Request) -> GraphqlBody:
    """The request in a POST's body; raises InvalidInput, or UnsupportedMediaType."""
    check_body_type(request.headers.get("content-type"))
    return checked(_json("body", await request.body()))


def read_parameters(request: Request) -> GraphqlBody:
    """The request in a GET's address; raises InvalidInput."""
    given: dict[str, Any] = {}
    for name in PARAMETERS:
        values = request.query_params.getlist(name)
        if len(values) > 1:
            raise invalid_input([FieldProblem(name, "must be given once")])
        if values and values[0]:
            given[name] = _json(name, values[0]) if name in JSON_PARAMETERS else values[0]
    return checked(given)


def checked(content: object) -> GraphqlBody:
    """The request in what was sent as JSON; raises InvalidInput."""
    if isinstance(content, list):
        raise InvalidInput("Batches are not served: send one request for each operation.")
    if not isinstance(content, Mapping):
        raise InvalidInput("The request must be a JSON object with a query.")
    try:
        return GraphqlBody.model_validate(content)
    except ValidationError as error:
        problems = [problem_of({**each, "loc": ("body", *each["loc"])}) for each in error.errors()]
        raise invalid_input(problems) from error


def _json(name: str, text: bytes | str) -> object:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise invalid_input([FieldProblem(name, f"is not valid JSON: {error}")]) from error
