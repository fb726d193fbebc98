"""Which limit holds for which request: one table, and what a limit is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from limits import parse

from vivavoce.gateway.families import is_under
from vivavoce.gateway.limits.settings import LimitSettings

EXACT_UP_TO = 60
"""A limit of at most this many a window is counted one by one."""
BATCHES = 20
"""A larger one in this many batches or more."""


class Tier(StrEnum):
    """The limits, each with a count of its own."""

    GENERAL = "general"
    AI = "ai"
    UPLOAD = "upload"
    GRAPHQL = "graphql"
    V1_INTERVIEWS = "v1_interviews"
    V1_SANDBOX = "v1_sandbox"
    V1_TTS = "v1_tts"
    V1_AUTH = "v1_auth"
    ADDRESS = "address"


ADDRESS_ONLY = (Tier.ADDRESS,)
BY_ADDRESS = (Tier.ADDRESS, Tier.V1_AUTH)
"""Counted before anyone is authenticated; all others are counted for each principal."""

PLACES: Mapping[Tier, tuple[str, ...]] = {
    Tier.GRAPHQL: ("/graphql",),
    Tier.V1_INTERVIEWS: ("/api/v1/interviews",),
    Tier.V1_SANDBOX: ("/api/v1/sandbox/execute",),
    Tier.V1_TTS: ("/api/v1/voice/tts",),
    Tier.V1_AUTH: (
        "/api/v1/auth/register",
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/api/v1/auth/password",
    ),
    Tier.AI: (
        "/api/chat",
        "/api/compiler",
        "/api/tts",
        "/api/llm-interviewer",
        "/api/smart-assessment",
        "/api/dynamic-questions",
        "/api/answer-validation",
        "/api/multimodal-ai",
    ),
    Tier.UPLOAD: ("/api/resume",),
}
"""The paths of each tier, with all below them. Whatever has none is general."""

EXEMPT = frozenset({"/health", "/ready", "/ping", "/metrics"})
"""What watches the gateway must not be turned away."""


@dataclass(frozen=True)
class Rule:
    """A limit: so much in a window of so many seconds; up to `batch` may be admitted uncounted."""

    tier: Tier
    limit: int
    seconds: int
    batch: int

    @cached_property
    def policy(self) -> str:
        """An item of the RateLimit-Policy field."""
        unit = ';qu="points"' if self.tier is Tier.GRAPHQL else ""
        return f'"{self.tier}";q={self.limit};w={self.seconds}{unit}'


def rules_of(settings: LimitSettings) -> dict[Tier, Rule]:
    """Every tier's limit, as it is set."""
    return {tier: _rule(tier, getattr(settings, f"limit_{tier}"), settings.limit_scale) for tier in Tier}


def tier_of(path: str) -> Tier:
    """The tier that a principal's request to a path counts in.

    What is limited by address has no tier of its own for principals.
    """
    named = (tier for tier, places in PLACES.items() if any(is_under(path, place) for place in places))
    tier = next(named, Tier.GENERAL)
    return Tier.GENERAL if tier in BY_ADDRESS else tier


def address_tiers_of(path: str) -> tuple[Tier, ...]:
    """The tiers that a request to a path counts in for its address."""
    logs_in = any(is_under(path, place) for place in PLACES[Tier.V1_AUTH])
    return BY_ADDRESS if logs_in else ADDRESS_ONLY


def _rule(tier: Tier, rate: str, scale: int) -> Rule:
    item = parse(rate)
    limit = item.amount * scale
    return Rule(tier, limit, item.get_expiry(), limit // BATCHES if limit > EXACT_UP_TO else 0)
