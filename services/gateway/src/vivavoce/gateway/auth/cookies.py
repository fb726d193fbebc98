"""The identity provider's session cookie as a credential, for pages of this site."""

import jwt
from starlette.requests import HTTPConnection

from vivavoce.chassis.errors import InvalidToken, Unauthenticated
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.parts import Parts

SESSION_COOKIE = "__session"


async def by_cookie(connection: HTTPConnection, parts: Parts) -> Principal | None:
    """Whom the session cookie stands for, or None when there is none or it doesn't count.

    Raises Unauthenticated, and CsrfRefused when another site's page may have sent it.
    """
    token = session_cookie(connection, parts)
    if token is None:
        return None
    if len(token) > parts.settings.token_max_bytes:
        raise InvalidToken(f"The session cookie is longer than {parts.settings.token_max_bytes} bytes.")
    principal = await parts.tokens.read(token)
    parts.csrf.check(connection, _session_id(token))
    return await parts.users.applied(principal)


async def session_of(connection: HTTPConnection, parts: Parts) -> str:
    """The session that a request's cookie belongs to; "" for none that holds."""
    token = session_cookie(connection, parts)
    if token is None:
        return ""
    try:
        await parts.tokens.read(token)
    except Unauthenticated:
        return ""
    return _session_id(token)


def session_cookie(connection: HTTPConnection, parts: Parts) -> str | None:
    """The token in the cookie, where cookies are accepted."""
    return connection.cookies.get(SESSION_COOKIE) if parts.settings.session_cookie else None


def _session_id(verified: str) -> str:
    """The session of a token that has been verified: the token itself is replaced every minute."""
    claims = jwt.decode(verified, options={"verify_signature": False})
    return f"{claims['sub']}/{claims.get('sid', '')}"
