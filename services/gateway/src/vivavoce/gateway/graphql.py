"""GraphQL: one schema from the domains."""

import strawberry
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter

from vivavoce.gateway.graphql_http.metrics import OperationMetrics
from vivavoce.gateway.interviews.graphql import InterviewQueries
from vivavoce.gateway.interviews.graphql_subscriptions import InterviewSubscriptions
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.webhooks.graphql import WebhookQueries


@strawberry.type
class Query(InterviewQueries, WebhookQueries):
    """Everything that can be read."""


@strawberry.type
class Subscription(InterviewSubscriptions):
    """Everything that can be followed."""


def make_schema(settings: GatewaySettings) -> strawberry.Schema:
    """The schema with its limits."""
    return strawberry.Schema(
        Query,
        subscription=Subscription,
        extensions=[
            OperationMetrics,
            lambda: QueryDepthLimiter(max_depth=settings.graphql_max_depth),
            lambda: MaxTokensLimiter(max_token_count=settings.graphql_max_tokens),
            lambda: MaxAliasesLimiter(max_alias_count=settings.graphql_max_aliases),
        ],
    )
