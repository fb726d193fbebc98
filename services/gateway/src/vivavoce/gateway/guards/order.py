"""The order in which a request passes the guards: one table, outermost first, a reason each."""

from functools import partial
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from vivavoce.chassis.http import BodyLimitMiddleware, CorrelationMiddleware
from vivavoce.chassis.traffic import TrafficMiddleware
from vivavoce.gateway.failures import CrashMiddleware, Renderer
from vivavoce.gateway.guards.answer_heads import AnswerHeadMiddleware
from vivavoce.gateway.guards.bodies import body_rules
from vivavoce.gateway.guards.request_heads import RequestHeadMiddleware
from vivavoce.gateway.guards.settings import ANY_ORIGIN, GuardSettings
from vivavoce.gateway.guards.work import WorkMiddleware
from vivavoce.gateway.heads import HeadMiddleware
from vivavoce.gateway.idempotency.middleware import IdempotencyMiddleware
from vivavoce.gateway.limits.addresses import address_of
from vivavoce.gateway.limits.middleware import LimitMiddleware
from vivavoce.gateway.parts import Parts

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SENT = (
    "Authorization",
    "apiKey",
    "X-API-Key",
    "X-CSRF-Token",
    "X-Correlation-ID",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "traceparent",
)
READ = (
    "X-Correlation-ID",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Location",
    "ETag",
    "Idempotency-Replayed",
    "WWW-Authenticate",
)


def guards(parts: Parts, renderer: Renderer) -> list[Middleware]:
    """Every middleware with what it needs, outermost first."""
    settings, render = parts.settings, renderer.render
    return [
        # Whatever is answered, by whichever guard, has an id to ask about.
        Middleware(
            CorrelationMiddleware, address_of=partial(address_of, proxies=settings.limit_trusted_proxies)
        ),
        # Every request is measured and traced, refused ones too.
        Middleware(TrafficMiddleware, callers=settings.trace_callers),
        # Refusals protect their readers too.
        Middleware(AnswerHeadMiddleware, public_base_url=settings.public_base_url),
        # A page may read why it was refused; what browsers ask beforehand costs nobody's limit.
        *_cors(settings),
        # What breaks further in is still an answer.
        Middleware(CrashMiddleware, renderer=renderer),
        # Looked at before any guard looks for something in a head.
        Middleware(RequestHeadMiddleware, settings=settings, render=render),
        # Who asks too often is turned away unread.
        Middleware(LimitMiddleware, limits=parts.limits, settings=settings, render=render),
        # A body is whole, and neither too large nor too deep, before anything is done for it.
        Middleware(BodyLimitMiddleware, rules=body_rules(settings), render=render),
        # A time-out is an answer that is not kept, so it lies further in.
        Middleware(IdempotencyMiddleware, idempotency=parts.idempotency),
        # Room and time are for work: who sends slowly takes neither.
        Middleware(WorkMiddleware, settings=settings, render=render),
        # All else sees HEAD as what it is.
        Middleware(HeadMiddleware),
    ]


def _cors(settings: GuardSettings) -> list[Middleware]:
    """Cross-origin sharing with the pages that are named, if any; only those may send cookies."""
    if not settings.cors_origins:
        return []
    options: dict[str, Any] = {"allow_methods": METHODS, "allow_headers": SENT, "expose_headers": READ}
    options["allow_credentials"] = ANY_ORIGIN not in settings.cors_origins
    return [Middleware(CORSMiddleware, allow_origins=settings.cors_origins, **options)]
