"""GraphQL: one schema from the domains."""

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter
from strawberry.types import ExecutionContext

from vivavoce.gateway.graphql_http.metrics import OperationMetrics
from vivavoce.gateway.graphql_http.one_operation import OneOperation
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


class Schema(strawberry.Schema):
    """A schema whose errors are told to the log where they are shown, and only those that are faults."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: see `graphql_http/errors.py`."""


def make_schema(settings: GatewaySettings) -> strawberry.Schema:
    """The schema with its limits."""
    return Schema(
        Query,
        subscription=Subscription,
        extensions=[
            OperationMetrics,
            OneOperation,
            lambda: QueryDepthLimiter(max_depth=settings.graphql_max_depth),
            lambda: MaxTokensLimiter(max_token_count=settings.graphql_max_tokens),
            lambda: MaxAliasesLimiter(max_alias_count=settings.graphql_max_aliases),
        ],
    )
