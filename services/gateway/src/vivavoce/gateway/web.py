"""The HTTP application over its parts: whatever the database is, and whatever answers questions."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI

from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.http import Check
from vivavoce.chassis.uow import Database
from vivavoce.contracts import AccessKind
from vivavoce.gateway import failures
from vivavoce.gateway.accounts.service import AccountService
from vivavoce.gateway.admin.users import Users
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.reading import AuditReader
from vivavoce.gateway.audit.security import SecurityLog
from vivavoce.gateway.auth.access import Access
from vivavoce.gateway.auth.api_keys import ApiKeys
from vivavoce.gateway.auth.candidate_links import CandidateLinks
from vivavoce.gateway.auth.csrf import Csrf
from vivavoce.gateway.auth.issuers import clerk_keys, issuers
from vivavoce.gateway.auth.remote_keys import RemoteKeys
from vivavoce.gateway.auth.tokens import TokenReader
from vivavoce.gateway.auth.verified import VerifiedTokens
from vivavoce.gateway.documentation import VERSION, describe
from vivavoce.gateway.graphql_http.streams import Streams, make_streams
from vivavoce.gateway.graphql_schema import make_schema
from vivavoce.gateway.guards.order import guards
from vivavoce.gateway.health.service import HealthReader
from vivavoce.gateway.idempotency.once import Replay, replayed
from vivavoce.gateway.idempotency.service import Idempotency
from vivavoce.gateway.interviews.following import make_following
from vivavoce.gateway.interviews.progress import ProgressBoard
from vivavoce.gateway.interviews.repository import Interviews
from vivavoce.gateway.interviews.service import InterviewReader
from vivavoce.gateway.limits.service import Limits
from vivavoce.gateway.parts import Parts
from vivavoce.gateway.records import responses
from vivavoce.gateway.records.service import SubmissionService
from vivavoce.gateway.routes import include_routes
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.webhooks.notifier import Asks
from vivavoce.gateway.webhooks.parts import make_webhooks

DESCRIPTION = (
    "Hand in recorded interviews; read transcripts, measured observables, explained scores and an "
    "integrity report; be told by signed webhooks. Every null has a reason."
)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def make_parts(
    settings: GatewaySettings, database: Database, asker: Asks, clock: Clock, checks: Mapping[str, Check]
) -> Parts:
    """What the endpoints share, over any database and whatever asks."""
    interviews = Interviews(database)
    secret = settings.signing_secret.get_secret_value()
    audit = AuditLog(database, clock, secret)
    remote = clerk_keys(settings, clock)
    reader, board = InterviewReader(interviews, clock), ProgressBoard()
    api_keys = ApiKeys(database, audit, clock, settings)
    links = CandidateLinks(database, audit, reader, clock, settings)
    users = Users(database, audit, clock, settings)
    security, streams = SecurityLog(audit, clock), make_streams(settings)
    accounts = AccountService(database, users, audit, security, clock, settings)
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        interviews=interviews,
        reader=reader,
        submissions=SubmissionService(database, interviews, audit, clock, settings),
        board=board,
        following=make_following(interviews, reader, board, settings.graphql_end_seconds),
        streams=streams,
        api_keys=api_keys,
        links=links,
        users=users,
        access=make_access(api_keys, links, users, accounts, streams, settings, clock),
        tokens=make_token_reader(settings, remote, clock),
        clerk_keys=remote,
        limits=Limits(database.counters, clock, settings),
        idempotency=Idempotency(database, clock, settings, secret),
        csrf=Csrf(secret, settings.page_origins, settings.public_base_url),
        audit=audit,
        audit_reader=AuditReader(audit, secret),
        security=security,
        accounts=accounts,
        webhooks=make_webhooks(asker, settings, clock),
        schema=make_schema(settings),
        health=HealthReader(settings, clock, checks, breakers_of(remote)),
    )


def make_token_reader(settings: GatewaySettings, remote: RemoteKeys | None, clock: Clock) -> TokenReader:
    """What reads the tokens of every issuer."""
    verified = VerifiedTokens(clock, seconds=settings.token_cache_seconds, size=settings.token_cache_size)
    return TokenReader(issuers(settings, remote), clock, verified, leeway=settings.token_leeway_seconds)


def breakers_of(keys: RemoteKeys | None) -> tuple[Breaker, ...]:
    """The breaker of an issuer elsewhere, where there is one."""
    return () if keys is None else (keys.breaker,)


def make_access(
    keys: ApiKeys,
    links: CandidateLinks,
    users: Users,
    accounts: AccountService,
    streams: Streams,
    settings: GatewaySettings,
    clock: Clock,
) -> Access:
    """What is remembered of each kind of access, and what is written down of it; streams hear of changes."""
    return Access(
        {
            AccessKind.API_KEY: keys.memory,
            AccessKind.CANDIDATE_LINK: links.memory,
            AccessKind.USER_ROLE: users.memory,
            AccessKind.SESSION: accounts.sessions.reader,
        },
        (keys.uses, users.seen),
        clock,
        on_change=streams.look_again,
        life=settings.access_life,
        written_every=timedelta(seconds=settings.access_write_seconds),
    )


class Application(FastAPI):
    """FastAPI with a description of what is really answered."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        return describe(self)


def make_app(parts: Parts, lifespan: Lifespan | None = None) -> FastAPI:
    """The HTTP application over its parts; opens nothing."""
    renderer = failures.Renderer(parts.settings)
    app = Application(
        title="Vivavoce",
        version=VERSION,
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=guards(parts, renderer),
    )
    app.state.parts = parts
    failures.install(app, renderer)
    responses.install(app)
    app.add_exception_handler(Replay, replayed)
    include_routes(app)
    return app
