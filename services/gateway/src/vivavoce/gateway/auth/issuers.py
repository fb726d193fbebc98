"""Whose tokens are believed: one row per issuer, chosen by the token's `iss`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.clock import Clock
from vivavoce.gateway.auth.claims import Claims, clerk_principal, development_principal
from vivavoce.gateway.auth.key_fetch import fetch_from
from vivavoce.gateway.auth.keys import FileKeys, Keys
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.auth.remote_keys import Pace, RemoteKeys
from vivavoce.gateway.auth.settings import TokenSettings

CLERK = "clerk"


@dataclass(frozen=True)
class Issuer:
    """One issuer: its `iss`, its keys, whom its tokens must be meant for, and how its claims are read.

    Without an `audience` its tokens must not have one. `published`: whether its public keys are ours
    to publish.
    """

    iss: str
    keys: Keys
    principal_of: Callable[[Claims], Principal]
    audience: str | None
    parties: frozenset[str] = frozenset()
    published: bool = False


def file_issuer(settings: TokenSettings) -> Issuer | None:
    """The issuer whose key set is a file; None without a file."""
    if settings.token_jwks_file is None:
        return None
    keys = FileKeys(settings.token_jwks_file)
    return Issuer(settings.token_issuer, keys, development_principal, settings.token_audience, published=True)


def clerk_keys(settings: TokenSettings, clock: Clock) -> RemoteKeys | None:
    """Clerk's keys; None when Clerk isn't used."""
    if not settings.clerk_issuer:
        return None
    breaker = Breaker(
        CLERK,
        clock,
        failures=settings.clerk_breaker_failures,
        rest_seconds=settings.clerk_breaker_rest_seconds,
    )
    pace = Pace(
        renewed=timedelta(seconds=settings.clerk_keys_renewed_seconds),
        kept=timedelta(seconds=settings.clerk_keys_kept_seconds),
        between=timedelta(seconds=settings.clerk_keys_between_seconds),
        unknown=timedelta(seconds=settings.clerk_keys_unknown_seconds),
    )
    fetch = fetch_from(settings.clerk_key_set, settings.clerk_timeout_seconds)
    return RemoteKeys(fetch, breaker, clock, pace)


def clerk_issuer(settings: TokenSettings, keys: RemoteKeys) -> Issuer:
    """Clerk."""
    parties = frozenset(settings.clerk_authorized_parties)
    return Issuer(settings.clerk_issuer, keys, clerk_principal, settings.clerk_audience or None, parties)


def issuers(settings: TokenSettings, remote: RemoteKeys | None) -> tuple[Issuer, ...]:
    """Every issuer that the settings name."""
    found = file_issuer(settings), clerk_issuer(settings, remote) if remote is not None else None
    return tuple(issuer for issuer in found if issuer is not None)
