"""What the resolvers of every domain share: who asks, and what answers."""

from dataclasses import dataclass

import strawberry
from strawberry.dataloader import DataLoader

from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.interviews import repository
from vivavoce.gateway.interviews.following import Following
from vivavoce.gateway.interviews.service import InterviewReader
from vivavoce.gateway.parts import Parts
from vivavoce.gateway.webhooks.parts import Webhooks

MOST_INTERVIEWS = 50

Loader = DataLoader[str, list[repository.Answer]]
"""Answers by interview, one read for all interviews of a query."""


@dataclass(frozen=True)
class GraphqlContext:
    """Who asks, and what answers; whether the request names the operation to run."""

    principal: Principal
    reader: InterviewReader
    answers: Loader
    webhooks: Webhooks
    following: Following
    names_operation: bool = True


Info = strawberry.Info[GraphqlContext, None]


def context_for(principal: Principal, parts: Parts) -> GraphqlContext:
    """The context of one query."""

    async def load(interview_ids: list[str]) -> list[list[repository.Answer]]:
        found = await parts.reader.answers(principal, interview_ids)
        return [[answer for answer in found if answer.interview_id == one] for one in interview_ids]

    loader = DataLoader(load_fn=load, max_batch_size=MOST_INTERVIEWS)
    return GraphqlContext(principal, parts.reader, loader, parts.webhooks, parts.following)
