"""What the resolvers of every domain share: who asks, and what answers."""

from dataclasses import dataclass

import strawberry

from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.cursors import Cursors
from vivavoce.gateway.graphql_cost import Measure, rate_points
from vivavoce.gateway.interviews.days import Days
from vivavoce.gateway.interviews.following import Following
from vivavoce.gateway.interviews.graphql_loading import SHOW_ANSWERS, AnswerLoader
from vivavoce.gateway.interviews.overriding import ScoreOverrides
from vivavoce.gateway.interviews.service import InterviewReader
from vivavoce.gateway.limits.rules import Tier
from vivavoce.gateway.limits.service import Limits
from vivavoce.gateway.parts import Parts
from vivavoce.gateway.records.service import SubmissionService
from vivavoce.gateway.webhooks.parts import Webhooks

MOST_INTERVIEWS = 50
MOST_IN_PAGE = 100


@dataclass(frozen=True)
class GraphqlContext:
    """Who asks, and what answers.

    `names_operation` says whether the request names the operation to run, `paid` how many points of its
    rate limit the caller was charged before that.
    """

    principal: Principal
    reader: InterviewReader
    answers: AnswerLoader
    webhooks: Webhooks
    days: Days
    longest_analytics: int
    submissions: SubmissionService
    overrides: ScoreOverrides
    cursors: Cursors
    following: Following
    limits: Limits
    names_operation: bool = True
    paid: int = 1

    async def admit(self, measured: Measure) -> None:
        """Take from the caller's rate limit what wasn't paid before; raises RateLimited."""
        self.answers.wanted = not SHOW_ANSWERS.isdisjoint(measured.names)
        points = rate_points(measured.cost)
        if points > self.paid:
            await self.limits.spend(self.principal, Tier.GRAPHQL, points - self.paid)


Info = strawberry.Info[GraphqlContext, None]


def context_for(principal: Principal, parts: Parts) -> GraphqlContext:
    """The context of one query."""
    interviews, settings = parts.interviews, parts.settings
    return GraphqlContext(
        principal=principal,
        reader=parts.reader,
        answers=AnswerLoader(parts.reader, principal),
        webhooks=parts.webhooks,
        days=interviews.days,
        longest_analytics=settings.analytics_max_days,
        submissions=parts.submissions,
        overrides=ScoreOverrides(parts.database, interviews, parts.audit, parts.clock, parts.board.changed),
        cursors=Cursors.signed_with(settings.signing_secret.get_secret_value()),
        following=parts.following,
        limits=parts.limits,
    )
