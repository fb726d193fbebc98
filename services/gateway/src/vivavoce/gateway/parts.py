"""What the endpoints share: one of each, made in the composition root, found through the request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.http import Check, request_ids
from vivavoce.chassis.uow import Database
from vivavoce.gateway.accounts.service import AccountService
from vivavoce.gateway.admin.users import Users
from vivavoce.gateway.audit.actors import actor_of
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.reading import AuditReader
from vivavoce.gateway.audit.security import SecurityLog
from vivavoce.gateway.auth.access import Access
from vivavoce.gateway.auth.api_keys import ApiKeys
from vivavoce.gateway.auth.candidate_links import CandidateLinks
from vivavoce.gateway.auth.csrf import Csrf
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.auth.remote_keys import RemoteKeys
from vivavoce.gateway.auth.tokens import TokenReader
from vivavoce.gateway.graphql_http.streams import Streams
from vivavoce.gateway.graphql_limits import LimitedSchema
from vivavoce.gateway.health.service import HealthReader
from vivavoce.gateway.idempotency.claims import current_claim
from vivavoce.gateway.idempotency.service import Idempotency
from vivavoce.gateway.interviews.following import Following
from vivavoce.gateway.interviews.progress import ProgressBoard
from vivavoce.gateway.interviews.repository import Interviews
from vivavoce.gateway.interviews.service import InterviewReader
from vivavoce.gateway.limits.service import Limits
from vivavoce.gateway.records.service import SubmissionService
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.webhooks.parts import Webhooks


@dataclass(frozen=True)
class Parts:
    """The gateway's insides, as endpoints see them.

    `readiness` is what must work before traffic is sent here.
    """

    settings: GatewaySettings
    clock: Clock
    database: Database
    interviews: Interviews
    reader: InterviewReader
    submissions: SubmissionService
    board: ProgressBoard
    following: Following
    streams: Streams
    api_keys: ApiKeys
    links: CandidateLinks
    users: Users
    access: Access
    tokens: TokenReader
    limits: Limits
    idempotency: Idempotency
    csrf: Csrf
    audit: AuditLog
    audit_reader: AuditReader
    security: SecurityLog
    clerk_keys: RemoteKeys | None
    accounts: AccountService
    webhooks: Webhooks
    schema: LimitedSchema
    health: HealthReader
    readiness: Mapping[str, Check] = field(default_factory=dict)


async def parts_of(request: Request) -> Parts:
    """The parts of the application that serves the request."""
    return cast("Parts", request.app.state.parts)


PartsOf = Annotated[Parts, Depends(parts_of)]


def context_of(principal: Principal) -> Context:
    """The context of what a principal asks for in the request being served.

    With an Idempotency-Key its cause is the same whenever it runs, and so are the ids that follow from it.
    """
    ids, claim = request_ids(), current_claim()
    return Context(
        principal.organization_id,
        ids.correlation_id,
        causation_id=None if claim is None else claim.cause,
        traceparent=ids.traceparent,
        actor=actor_of(principal, ids.address),
    )
