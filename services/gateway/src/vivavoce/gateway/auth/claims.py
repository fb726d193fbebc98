"""From an issuer's verified claims to a principal: who, of which organization, in which role."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vivavoce.chassis.errors import InvalidToken
from vivavoce.gateway.auth.principals import Principal, Role, user

Claims = Mapping[str, Any]

LONGEST_EMAIL = 320
FURTHEST = 1e12
CLERK_ROLE_MARK = "org:"
CLERK_ORGANIZATION_VERSION = 2
NO_ORGANIZATION = (
    "The token names no organization: choose an active organization in the application that you signed "
    "in to, then ask for a new token."
)


def development_principal(claims: Claims) -> Principal:
    """The user of a token of our own issuer: `sub`, `org`, `role`; raises InvalidToken."""
    subject, organization, role = (claims.get(name) for name in ("sub", "org", "role"))
    if not (is_text(subject) and is_text(organization)):
        raise InvalidToken("The token names no user (`sub`) or no organization (`org`).")
    if not (isinstance(role, str) and role in set(Role)):
        raise InvalidToken(f"The token's `role` must be one of {', '.join(Role)}.")
    return user(str(subject), str(organization), Role(role), email=verified_email(claims))


def clerk_principal(claims: Claims) -> Principal:
    """The user of a Clerk session token of either version; raises InvalidToken.

    Version 2 has the active organization in `o`, with `id` and `rol`; before it they were `org_id` and
    `org_role` (clerk.com/docs/guides/sessions/session-tokens). A session whose `sts` is `pending` has
    tasks left before its user counts as signed in.
    """
    if claims.get("sts") == "pending":
        raise InvalidToken("The session is pending: finish signing in, then ask for a new token.")
    organization, role = _clerk_organization(claims)
    if not is_text(organization):
        raise InvalidToken(NO_ORGANIZATION)
    subject = claims.get("sub")
    if not is_text(subject):
        raise InvalidToken("The token names no user (`sub`).")
    return user(str(subject), str(organization), clerk_role(role), email=verified_email(claims))


def _clerk_organization(claims: Claims) -> tuple[object, object]:
    if claims.get("v") != CLERK_ORGANIZATION_VERSION:
        return claims.get("org_id"), claims.get("org_role")
    active = claims.get("o")
    return (active.get("id"), active.get("rol")) if isinstance(active, Mapping) else (None, None)


def clerk_role(role: object) -> Role:
    """`admin`, `interviewer`, with or without `org:`; whatever else there is may do least."""
    name = role.removeprefix(CLERK_ROLE_MARK) if isinstance(role, str) else ""
    return Role(name) if name in set(Role) else Role.CANDIDATE


def verified_email(claims: Claims) -> str | None:
    """The address, only if the issuer says in so many words that it is verified."""
    email = claims.get("email")
    if claims.get("email_verified") is not True or not is_text(email):
        return None
    text = str(email)
    return text if "@" in text and len(text) <= LONGEST_EMAIL else None


def check_times(claims: Claims, now: datetime, leeway: float) -> None:
    """Return if the token is valid now; raises InvalidToken. Times are seconds since 1970 (RFC 7519, 2)."""
    present = now.timestamp()
    if moment(claims, "exp") <= present - leeway:
        raise InvalidToken("The token has expired: ask its issuer for a new one.")
    if any(moment(claims, name) > present + leeway for name in ("nbf", "iat") if name in claims):
        raise InvalidToken("The token is not valid yet: compare the clocks of its issuer and of this server.")


def check_party(claims: Claims, parties: frozenset[str]) -> None:
    """Return if the token was issued to one of these, where there are any; raises InvalidToken."""
    party = claims.get("azp")
    if parties and not (isinstance(party, str) and party in parties):
        raise InvalidToken("The token was issued to an application that is not accepted here (`azp`).")


def moment(claims: Claims, name: str) -> float:
    """A time of the claims; raises InvalidToken when it is none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -FURTHEST <= value <= FURTHEST:
        raise InvalidToken(f"The token's `{name}` must be a number of seconds.")
    return float(value)


def is_text(value: object) -> bool:
    """Whether a claim is a text with something in it that a database can store."""
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value and value.isprintable()
