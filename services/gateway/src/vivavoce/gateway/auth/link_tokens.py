"""Tokens of candidate links: signed, for one purpose and one interview, and still valid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import jwt

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import Overloaded, Unauthenticated
from vivavoce.gateway.auth.signing import key_for

ALGORITHM = "HS256"
AUDIENCE = "vivavoce-candidate"
TYPE = "candidate-link+jwt"
REQUIRED_CLAIMS = ("exp", "aud", "org", "purpose", "interview", "jti")


class LinksOff(Overloaded):
    """The deployment has no secret that links could be signed with."""

    code = "links_off"


class Purpose(StrEnum):
    """What a link is for."""

    VIEW_RESULT = "view_result"


@dataclass(frozen=True)
class LinkClaims:
    """What a link's token says: which record it is of, whose, for what, and until when (UTC)."""

    id: str
    organization_id: str
    interview_id: str
    purpose: Purpose
    expires_at: datetime


def looks_like_link(credential: str) -> bool:
    """Whether a bearer credential is meant as a candidate link's token."""
    try:
        return jwt.get_unverified_header(credential).get("typ") == TYPE
    except jwt.PyJWTError:
        return False


class LinkTokens:
    """Signs and reads tokens; without a secret it does neither."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._key = key_for("candidate links", secret)
        self._clock = clock

    def check(self) -> None:
        """Return if links can be made; raises LinksOff."""
        if not self._key:
            raise LinksOff("Candidate links are off: SIGNING_SECRET is not set.")

    def sign(self, link: LinkClaims) -> str:
        """The token of a link; raises LinksOff."""
        self.check()
        claims = {
            "aud": AUDIENCE,
            "org": link.organization_id,
            "purpose": link.purpose.value,
            "interview": link.interview_id,
            "jti": link.id,
            "exp": link.expires_at,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"typ": TYPE})

    def read(self, token: str) -> LinkClaims:
        """What a token says; raises Unauthenticated and says what is wrong with it."""
        if not self._key:
            raise Unauthenticated("Candidate links are not accepted here: SIGNING_SECRET is not set.")
        claims = self._verified(token)
        if claims["purpose"] not in set(Purpose):
            raise Unauthenticated("The link is for something that is not known here.")
        link = LinkClaims(
            id=claims["jti"],
            organization_id=claims["org"],
            interview_id=claims["interview"],
            purpose=Purpose(claims["purpose"]),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )
        if link.expires_at <= self._clock.now():
            raise Unauthenticated("The link has ended: ask for a new one.")
        return link

    def _verified(self, token: str) -> Mapping[str, Any]:
        """The claims, all but their times checked: those go by this process's clock."""
        try:
            return jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": list(REQUIRED_CLAIMS), "verify_exp": False},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated("The link is not valid: open it as it was sent to you.") from error
