"""The GraphQL schema, from the domains, with its limits."""

from functools import cache

import strawberry

from vivavoce.gateway.graphql_http.metrics import OperationMetrics
from vivavoce.gateway.graphql_http.one_operation import OneOperation
from vivavoce.gateway.graphql_limits import (
    LimitedSchema,
    SchemaLimits,
    limit_extensions,
    schema_limits_of,
)
from vivavoce.gateway.interviews.graphql import InterviewQueries
from vivavoce.gateway.interviews.graphql_analytics import AnalyticsQueries
from vivavoce.gateway.interviews.graphql_connection import ConnectionQueries
from vivavoce.gateway.interviews.graphql_mutations import InterviewMutations
from vivavoce.gateway.interviews.graphql_subscriptions import InterviewSubscriptions
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.webhooks.graphql import WebhookQueries
from vivavoce.gateway.webhooks.graphql_connection import WebhookConnectionQueries


@strawberry.type(description="Everything that can be read.")
class Query(InterviewQueries, ConnectionQueries, AnalyticsQueries, WebhookQueries, WebhookConnectionQueries):
    """The reads of every domain."""


@strawberry.type(description="Everything that can be changed.")
class Mutation(InterviewMutations):
    """The changes of every domain."""


@strawberry.type(description="Everything that can be followed.")
class Subscription(InterviewSubscriptions):
    """The streams of every domain."""


def make_schema(settings: GatewaySettings) -> LimitedSchema:
    """The schema with the limits of a deployment."""
    return schema_with(schema_limits_of(settings))


@cache
def schema_with(limits: SchemaLimits) -> LimitedSchema:
    """The schema with these limits: made once, for it holds nothing of an application's."""
    extensions = [OperationMetrics, OneOperation, *limit_extensions(limits)]
    return LimitedSchema(Query, Mutation, Subscription, extensions=extensions)
