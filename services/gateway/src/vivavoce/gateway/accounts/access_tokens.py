"""Access tokens of sessions: signed by the gateway, short-lived, and no more than a session's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import Overloaded, Unauthenticated
from vivavoce.gateway.auth.signing import key_for
from vivavoce.gateway.auth.unverified import UNREADABLE, header_of

ALGORITHM = "HS256"
TYPE = "at+jwt"
ISSUER = "urn:vivavoce:gateway"
AUDIENCE = "vivavoce-v1"
TEXT_CLAIMS = ("sub", "org", "sid")
REQUIRED_CLAIMS = ("exp", "iss", "aud", *TEXT_CLAIMS)
LONGEST_TOKEN = 4_096


class SessionsOff(Overloaded):
    """The deployment has no secret that session tokens could be signed with."""

    code = "sessions_off"


@dataclass(frozen=True)
class SessionClaims:
    """Whom a token names: an account, its organization and the session."""

    account_id: str
    organization_id: str
    session_id: str


def looks_like_session_token(credential: str) -> bool:
    """Whether a bearer credential is meant as a session's access token (RFC 9068's type, our algorithm)."""
    if len(credential) > LONGEST_TOKEN:
        return False
    try:
        header = header_of(credential)
    except Unauthenticated:
        return False
    return header.get("alg") == ALGORITHM and header.get("typ") == TYPE


class AccessTokens:
    """Issues and reads access tokens; without a secret it does neither."""

    def __init__(self, secret: str, lifetime_seconds: int, clock: Clock) -> None:
        self._key = key_for("v1 sessions", secret)
        self._clock = clock
        self.lifetime_seconds = lifetime_seconds

    def require_secret(self) -> None:
        """Return if there is a secret to sign with; raises SessionsOff."""
        if not self._key:
            raise SessionsOff("Signing in is off here: SIGNING_SECRET is not set.")

    def issue(self, claims: SessionClaims) -> str:
        """A token that names a session; raises SessionsOff."""
        self.require_secret()
        now = self._clock.now()
        content = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": claims.account_id,
            "org": claims.organization_id,
            "sid": claims.session_id,
            "iat": now,
            "exp": now + timedelta(seconds=self.lifetime_seconds),
        }
        return jwt.encode(content, self._key, algorithm=ALGORITHM, headers={"typ": TYPE})

    def read(self, token: str) -> SessionClaims:
        """Whom a token names; raises Unauthenticated and says what is wrong with it."""
        if not self._key:
            raise Unauthenticated("Session tokens are not accepted here: SIGNING_SECRET is not set.")
        claims = self._verified(token)
        if not all(isinstance(claims[name], str) and claims[name] for name in TEXT_CLAIMS):
            raise Unauthenticated("The access token names no session.")
        if datetime.fromtimestamp(claims["exp"], UTC) <= self._clock.now():
            raise Unauthenticated("The access token has ended: get a new one with the refresh token.")
        return SessionClaims(claims["sub"], claims["org"], claims["sid"])

    def _verified(self, token: str) -> Mapping[str, Any]:
        """The claims, all but their times checked: those go by this process's clock."""
        try:
            return jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": list(REQUIRED_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
        except UNREADABLE as error:
            raise Unauthenticated(f"The access token is not valid: {error}.") from error
