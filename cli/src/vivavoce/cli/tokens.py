"""Bearer tokens of the development issuer, for people who try the system on one machine."""

from datetime import datetime, timedelta
from enum import StrEnum

import jwt

from vivavoce.cli.stack.environment import AUDIENCE, ISSUER
from vivavoce.cli.stack.keys import ALGORITHM, Keys


class Role(StrEnum):
    """The roles of users."""

    ADMIN = "admin"
    INTERVIEWER = "interviewer"
    CANDIDATE = "candidate"


def mint(
    keys: Keys,
    *,
    role: Role,
    organization: str,
    subject: str,
    now: datetime,
    lifetime: timedelta,
    email: str | None = None,
) -> str:
    """A token that says who the bearer is until `now + lifetime`; an `email` counts as verified."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "org": organization,
        "role": role.value,
        "iat": now,
        "exp": now + lifetime,
        **({"email": email, "email_verified": True} if email else {}),
    }
    return jwt.encode(claims, keys.issuer, algorithm=ALGORITHM, headers={"kid": keys.key_id})
