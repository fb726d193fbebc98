"""The shapes that failures have, one per kind of API family: how each is rendered and described."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from vivavoce.chassis.errors import FieldProblem
from vivavoce.gateway.families import Family


@dataclass(frozen=True)
class Told:
    """What a caller is told of a failure, before it has a shape; `details` are for development only."""

    status: int
    code: str
    message: str
    correlation_id: str
    problems: tuple[FieldProblem, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)


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


class V1Problem(BaseModel):
    """One thing wrong with the request: where, as a dotted path, and what."""

    field: str
    message: str


class V1Failure(BaseModel):
    """The error shape of v1; `errors` names the fields of a request that is wrong."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "detail": "The request has 1 problem.",
                    "status_code": 400,
                    "errors": [{"field": "title", "message": "field required"}],
                }
            ]
        }
    )

    detail: str
    status_code: int
    errors: list[V1Problem] | None = None


class V2Failure(BaseModel):
    """The error shape of v2; `fields` names what is wrong in a request."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"error": "Job role and job description are required"}]}
    )

    error: str
    fields: list[Problem] | None = None


class GraphqlExtensions(BaseModel):
    """What programs go by; `fields` names what is wrong in a request."""

    model_config = ConfigDict(populate_by_name=True)

    code: str = Field(examples=["unauthenticated"])
    correlation_id: str = Field(alias="correlationId", examples=["5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4"])
    fields: list[Problem] | None = None


class GraphqlError(BaseModel):
    """One error in GraphQL's form."""

    message: str = Field(examples=["The API key is not known."])
    extensions: GraphqlExtensions


class GraphqlFailure(BaseModel):
    """A request that came to no operation, in GraphQL's form."""

    errors: list[GraphqlError]


def _platform(told: Told) -> dict[str, Any]:
    content: dict[str, Any] = {"error": told.message, "correlationId": told.correlation_id}
    if told.problems:
        content["fields"] = _fields(told)
    if told.details:
        content["details"] = dict(told.details)
    return content


def _v1(told: Told) -> dict[str, Any]:
    content: dict[str, Any] = {"detail": told.message, "status_code": told.status}
    if told.problems:
        content["errors"] = [{"field": each.path, "message": each.message} for each in told.problems]
    return content


def _v2(told: Told) -> dict[str, Any]:
    return {"error": told.message, **({"fields": _fields(told)} if told.problems else {})}


def _graphql(told: Told) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": told.code, "correlationId": told.correlation_id}
    if told.problems:
        extensions["fields"] = _fields(told)
    return {"errors": [{"message": told.message, "extensions": extensions}]}


def _fields(told: Told) -> list[dict[str, str]]:
    return [{"path": each.path, "message": each.message} for each in told.problems]


@dataclass(frozen=True)
class Shape:
    """How a family's failures are rendered, and the model that describes them."""

    render: Callable[[Told], dict[str, Any]]
    model: type[BaseModel]


PLATFORM = Shape(_platform, Failure)

SHAPES: dict[Family, Shape] = {
    Family.RECORDS: PLATFORM,
    Family.PLATFORM: PLATFORM,
    Family.V1: Shape(_v1, V1Failure),
    Family.V2: Shape(_v2, V2Failure),
    Family.TALENT: PLATFORM,
    Family.GRAPHQL: Shape(_graphql, GraphqlFailure),
    Family.SYSTEM: PLATFORM,
}
