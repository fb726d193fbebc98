"""The GraphQL schema, from the domains, with its limits."""

import strawberry

from vivavoce.gateway.graphql_http.metrics import OperationMetrics
from vivavoce.gateway.graphql_http.one_operation import OneOperation
from vivavoce.gateway.graphql_limits import LimitedSchema, limit_extensions
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
    """The schema with its limits."""
    extensions = [OperationMetrics, OneOperation, *limit_extensions(settings)]
    return LimitedSchema(Query, Mutation, Subscription, extensions=extensions)
