"""Portal tokens: let somebody manage an organization's webhooks for a while, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import Forbidden, Overloaded, Unauthenticated
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.auth.principals import Kind, Permission, Principal
from vivavoce.gateway.auth.signing import key_for
from vivavoce.gateway.auth.unverified import claims_of, header_of

ALGORITHM = "HS256"
AUDIENCE = "vivavoce-portal"
REQUIRED_CLAIMS = ("exp", "aud", "org")


class PortalOff(Overloaded):
    """The deployment has no secret that portal tokens could be signed with."""

    code = "portal_off"


@dataclass(frozen=True)
class PortalToken:
    """A token, its id, and when it ends (UTC)."""

    id: str
    token: str
    expires_at: datetime


def looks_like_portal_token(credential: str) -> bool:
    """Whether a bearer credential is meant as a portal token rather than as another kind."""
    try:
        return header_of(credential).get("alg") == ALGORITHM and claims_of(credential).get("aud") == AUDIENCE
    except Unauthenticated:
        return False


class PortalTokens:
    """Issues and recognizes portal tokens; without a secret it does neither."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._key = key_for("portal links", secret)
        self._clock = clock

    def issue(self, principal: Principal, lifetime: timedelta) -> PortalToken:
        """A token for the principal's organization; raises PortalOff, or Forbidden to portal tokens."""
        if not self._key:
            raise PortalOff("The portal is off: SIGNING_SECRET is not set.")
        if principal.in_portal:
            raise Forbidden("A portal token makes no others: use a bearer token or an API key.")
        now = self._clock.now()
        expires_at = (now + lifetime).replace(microsecond=0)
        token_id = new_id()
        claims = {
            "aud": AUDIENCE,
            "org": principal.organization_id,
            "jti": token_id,
            "iat": now,
            "exp": expires_at,
        }
        return PortalToken(token_id, jwt.encode(claims, self._key, algorithm=ALGORITHM), expires_at)

    def recognize(self, token: str) -> Principal:
        """Who holds the token; raises Unauthenticated and says what is wrong with it."""
        if not self._key:
            raise Unauthenticated("Portal tokens are not accepted here: SIGNING_SECRET is not set.")
        claims = self._verified(token)
        organization = claims["org"]
        if not (isinstance(organization, str) and organization):
            raise Unauthenticated("The portal token names no organization.")
        if datetime.fromtimestamp(claims["exp"], UTC) <= self._clock.now():
            raise Unauthenticated("The portal token has ended: ask for a new link.")
        holder = f"portal_{claims['jti']}" if "jti" in claims else "portal"
        permissions = frozenset({Permission.WEBHOOKS})
        return Principal(holder, organization, permissions, staff=False, kind=Kind.PORTAL)

    def _verified(self, token: str) -> Mapping[str, Any]:
        """The claims, all but their times checked: those go by this process's clock."""
        try:
            return jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": list(REQUIRED_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(f"The portal token is not valid: {error}.") from error
