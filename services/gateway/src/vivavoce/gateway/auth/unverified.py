"""What a token says of itself, to choose whose keys it is checked with: nothing here is believed."""

from typing import Any

import jwt

from vivavoce.chassis.errors import InvalidToken

UNREADABLE = (jwt.PyJWTError, ValueError, RecursionError)
LONGEST_KEY_ID = 200


def header_of(token: str) -> dict[str, Any]:
    """The token's header; raises InvalidToken for what is no signed token."""
    try:
        return jwt.get_unverified_header(token)
    except UNREADABLE as error:
        raise _unreadable() from error


def claims_of(token: str) -> dict[str, Any]:
    """The token's claims; raises InvalidToken for what is no signed token."""
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except UNREADABLE as error:
        raise _unreadable() from error


def key_id_of(token: str) -> str | None:
    """Which key the token says that it is signed with; raises InvalidToken.

    No other member of the header is looked at: a key that it brings along or points to (`jwk`, `jku`,
    `x5c`, `x5u`) would be the forger's own. What it declares critical isn't understood (RFC 7515, 4.1.11).
    """
    header = header_of(token)
    if "crit" in header:
        raise InvalidToken("The token's header declares something critical, which is not understood here.")
    key_id: str | None = header.get("kid")
    if key_id is not None and len(key_id) > LONGEST_KEY_ID:
        raise InvalidToken(f"The token's `kid` is longer than {LONGEST_KEY_ID} characters.")
    return key_id


def _unreadable() -> InvalidToken:
    return InvalidToken("The credential can't be read as a signed token (a JWT of three parts).")
