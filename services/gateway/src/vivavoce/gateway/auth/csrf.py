"""Tells requests that a site's own pages make from those that other pages make with its cookies.

A signed double submit: a token that goes out in a cookie and in a body, and has to come back in both
the cookie and a header. It is bound to the session, so that nobody can plant one of their own.
"""

import base64
import hashlib
import hmac
import secrets
from binascii import Error as Base64Error
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from vivavoce.chassis.errors import Forbidden, Overloaded
from vivavoce.gateway.auth.signing import key_for

COOKIE = "__Host-csrf"
HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NONCE_BYTES = 16


class CsrfOff(Overloaded):
    """The deployment has no secret that tokens could be signed with."""

    code = "csrf_off"


class CsrfRefused(Forbidden):
    """Nothing shows that a page of this site, or of one that is allowed, asks."""

    code = "csrf_refused"


class Csrf:
    """Issues tokens, and checks requests that come with cookies."""

    def __init__(self, secret: str, origins: frozenset[str], public_base_url: str) -> None:
        self._key = key_for("csrf", secret)
        self._origins = origins
        self._own = urlsplit(public_base_url)

    def issue(self, session: str) -> str:
        """A token for a session, or for nobody's; raises CsrfOff."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._signature(nonce, session)).decode()

    def check(self, connection: HTTPConnection, session: str) -> None:
        """Return if a request with this session's cookie is its own will; raises CsrfRefused."""
        changes = connection.scope.get("method", "GET") not in SAFE
        self._check_origin(connection, strict=changes or _is_upgrade(connection))
        if changes:
            self._check_token(connection, session)

    def _check_origin(self, connection: HTTPConnection, *, strict: bool) -> None:
        """Refuse other pages; when strict, also whoever doesn't say where they come from."""
        site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
        if origin is None:
            if site == "cross-site" or (strict and site != "same-origin"):
                raise CsrfRefused("A request with the session cookie must come from a page that may call.")
        elif origin not in self._origins and not self._is_own(connection, origin):
            raise CsrfRefused("This page's origin may not call with the session cookie.")

    def _is_own(self, connection: HTTPConnection, origin: str) -> bool:
        """Whether an origin is this site's. Without a setting Host tells its name, and nothing its scheme."""
        page = urlsplit(origin)
        if self._own.netloc:
            return (page.scheme, page.netloc) == (self._own.scheme, self._own.netloc)
        return bool(page.netloc) and page.netloc == connection.headers.get("host")

    def _check_token(self, connection: HTTPConnection, session: str) -> None:
        sent, kept = connection.headers.get(HEADER, ""), connection.cookies.get(COOKIE, "")
        if not sent or not hmac.compare_digest(sent.encode(), kept.encode()):
            raise CsrfRefused(f"Read a token from /api/csrf and send it in {HEADER}, with its cookie.")
        if not self._is_signed(sent, session):
            raise CsrfRefused("The CSRF token is not this session's: read a new one from /api/csrf.")

    def _is_signed(self, token: str, session: str) -> bool:
        try:
            content = base64.urlsafe_b64decode(token.encode())
        except (Base64Error, ValueError):
            return False
        nonce, signature = content[:NONCE_BYTES], content[NONCE_BYTES:]
        return hmac.compare_digest(signature, self._signature(nonce, session))

    def _signature(self, nonce: bytes, session: str) -> bytes:
        if not self._key:
            raise CsrfOff("Sessions by cookie are off: SIGNING_SECRET is not set.")
        return hmac.digest(self._key, nonce + session.encode(), hashlib.sha256)


def _is_upgrade(connection: HTTPConnection) -> bool:
    """Whether a WebSocket begins: no other page's may, for browsers let every page read from them."""
    is_socket = connection.scope["type"] == "websocket"
    return is_socket or connection.headers.get("upgrade", "").lower() == "websocket"
