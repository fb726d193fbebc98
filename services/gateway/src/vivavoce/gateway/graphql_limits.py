"""Refuses GraphQL documents that are too large, before they are validated, and tells what others cost."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, cast

import strawberry
from graphql import DocumentNode, GraphQLError, GraphQLSchema
from strawberry.extensions import (
    DisableIntrospection,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)
from strawberry.types import ExecutionContext

from vivavoce.chassis.errors import RateLimited
from vivavoce.gateway.graphql_cost import Limits, Measure, Refused, check, measure
from vivavoce.gateway.settings import GatewaySettings

COST = "cost"
DOCUMENTS = 128
"""How many are remembered, as read and as validated: programs send the same ones over and over."""


class LimitedSchema(strawberry.Schema):
    """A schema that shows what it is made of."""

    @property
    def definition(self) -> GraphQLSchema:
        """The types and fields, as the library below has them."""
        return self._schema

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: an error shows the document, with whatever the caller has written in it."""


class Admits(Protocol):
    """For whom a document is run, at the cost of a rate limit."""

    async def admit(self, measured: Measure) -> None:
        """Take what the document costs from the limit; raises RateLimited."""
        ...


class CostLimiter(SchemaExtension):
    """Measures a document once it is parsed, and has it go no further when it is beyond the limits.

    That comes before validation, whose own work can grow faster than a document does. What it costs is
    taken from the caller's rate limit.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._measure: Measure | None = None

    async def on_validate(self) -> AsyncIterator[None]:
        """Refuse the document, or let it be validated."""
        running = self.execution_context
        if running.graphql_document is not None and running.pre_execution_errors is None:
            try:
                await cast("Admits", running.context).admit(self._measured(running))
            except Refused as refused:
                running.pre_execution_errors = [error_of(refused)]
            except RateLimited as limited:
                running.pre_execution_errors = [GraphQLError(limited.message, original_error=limited)]
        yield

    def _measured(self, running: ExecutionContext) -> Measure:
        """The document's measures, within the limits; raises Refused."""
        self._measure = measure(
            cast("LimitedSchema", running.schema).definition,
            cast("DocumentNode", running.graphql_document),
            running.variables,
            running.operation_name,
        )
        check(self._measure, self._limits)
        return self._measure

    def get_results(self) -> dict[str, Any]:
        """What the result says under `extensions`."""
        if self._measure is None:
            return {}
        return {COST: {"points": self._measure.cost, "limit": self._limits.cost}}


class RememberedParsing(ParserCache):
    """Parses a document once for all requests that send it. One that can't be parsed is left to the engine.

    Strawberry 0.341 doesn't tell a stream's client of an error that an extension raises while it parses.
    """

    def on_parse(self) -> Iterator[None]:
        """Parse, if that can be done."""
        running = self.execution_context
        with suppress(GraphQLError, RecursionError):
            running.graphql_document = self.cached_parse_document(running.query, **running.parse_options)
        yield


class RememberedValidation(ValidationCache):
    """Validates a document that was not refused, once for all requests that send it."""

    def on_validate(self) -> Iterator[None]:
        """Validate, unless there is nothing to run."""
        if self.execution_context.pre_execution_errors is None:
            yield from super().on_validate()
        else:
            yield


def error_of(refused: Refused) -> GraphQLError:
    """A refusal as GraphQL tells it."""
    return GraphQLError(refused.message, extensions={"code": refused.code})


@dataclass(frozen=True)
class SchemaLimits:
    """What documents may be, how many tokens they may have, and whether they may ask for the schema."""

    documents: Limits
    tokens: int
    introspectable: bool


def schema_limits_of(settings: GatewaySettings) -> SchemaLimits:
    """The limits of this deployment."""
    documents = Limits(
        cost=settings.graphql_max_cost,
        depth=settings.graphql_max_depth,
        aliases=settings.graphql_max_aliases,
        directives=settings.graphql_max_directives,
        fields=settings.graphql_max_fields,
    )
    return SchemaLimits(documents, settings.graphql_max_tokens, settings.graphql_introspectable)


def limit_extensions(limits: SchemaLimits) -> list[Any]:
    """The schema's extensions, each made anew for a document."""
    extensions: list[Any] = [
        lambda: MaxTokensLimiter(max_token_count=limits.tokens),
        lambda: RememberedParsing(maxsize=DOCUMENTS),
        lambda: CostLimiter(limits.documents),
        lambda: RememberedValidation(maxsize=DOCUMENTS),
    ]
    if not limits.introspectable:
        extensions.append(DisableIntrospection)
    return extensions
