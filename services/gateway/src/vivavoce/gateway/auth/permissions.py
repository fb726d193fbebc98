"""The permission is a parameter's type: an endpoint that names `Submitter` is only reached by one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from vivavoce.chassis.errors import Forbidden, InvalidToken, Unauthenticated
from vivavoce.contracts import AuditAction
from vivavoce.gateway.accounts.access_tokens import looks_like_session_token
from vivavoce.gateway.auth.addresses import is_loopback
from vivavoce.gateway.auth.api_keys import KeyRevoked, looks_like_key
from vivavoce.gateway.auth.cookies import by_cookie
from vivavoce.gateway.auth.link_tokens import looks_like_link
from vivavoce.gateway.auth.portal_tokens import looks_like_portal_token
from vivavoce.gateway.auth.principals import Kind, Permission, Principal, Role, user
from vivavoce.gateway.parts import Parts, PartsOf, context_of

FORWARDED = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "true-client-ip",
    "cf-connecting-ip",
)
LINKS = frozenset({Kind.CANDIDATE_LINK, Kind.PORTAL})
BEARER = "bearer "
NOTED = frozenset({Permission.KEYS, Permission.USERS, Permission.AUDIT})
"""To be refused one of these is worth an entry in the audit log."""
KEY_HEADERS = ("apikey", "x-api-key")


async def authenticate(request: Request, parts: Parts) -> Principal:
    """Whom the request's credentials stand for; raises Unauthenticated.

    Credentials that are there must hold: being on this machine counts only without any.
    """
    key = next((request.headers[name] for name in KEY_HEADERS if name in request.headers), None)
    if key is not None:
        return await parts.api_keys.recognize(key.strip())
    authorizations = request.headers.getlist("authorization")
    if authorizations:
        return await _bearer(authorizations, parts)
    by_session = await by_cookie(request, parts)
    if by_session is not None:
        return by_session
    if parts.settings.open_to_loopback and is_local(request):
        return user("local", parts.settings.loopback_organization, Role.ADMIN, kind=Kind.LOOPBACK)
    raise Unauthenticated("Send a bearer token in Authorization, or an API key in apiKey or X-API-Key.")


async def _bearer(authorizations: list[str], parts: Parts) -> Principal:
    """Whom a bearer credential stands for; whatever is wrong with it is told as RFC 6750 has it."""
    credential = _credential(authorizations, parts.settings.token_max_bytes)
    verified = parts.tokens.verified(credential)
    if verified is not None:
        return await parts.users.applied(verified)
    for looks_like_it, recognize in BEARERS:
        if looks_like_it(credential):
            try:
                return await recognize(parts, credential)
            except Unauthenticated as error:
                error.challenge = InvalidToken.challenge
                raise
    return await parts.users.applied(await parts.tokens.read(credential))


def _credential(authorizations: list[str], most_bytes: int) -> str:
    """The one credential, unread, so that its size is bounded before anything looks into it."""
    if len(authorizations) > 1:
        raise InvalidToken("Send Authorization once: which of several counts can't be told.")
    authorization = authorizations[0]
    if not authorization.lower().startswith(BEARER):
        raise InvalidToken("Authorization must be: Bearer, a space, and a token or an API key.")
    credential = authorization[len(BEARER) :].strip()
    if len(credential) > most_bytes:
        raise InvalidToken(f"The bearer credential is longer than {most_bytes} bytes.")
    return credential


async def _api_key(parts: Parts, credential: str) -> Principal:
    return await parts.api_keys.recognize(credential)


async def _candidate_link(parts: Parts, credential: str) -> Principal:
    return await parts.links.recognize(credential)


async def _session_token(parts: Parts, credential: str) -> Principal:
    return await parts.users.applied(await parts.accounts.sessions.reader.recognize(credential))


async def _portal_token(parts: Parts, credential: str) -> Principal:
    return parts.webhooks.portal.recognize(credential)


BEARERS: tuple[tuple[Callable[[str], bool], Callable[[Parts, str], Awaitable[Principal]]], ...] = (
    (looks_like_key, _api_key),
    (looks_like_link, _candidate_link),
    (looks_like_session_token, _session_token),
    (looks_like_portal_token, _portal_token),
)
"""Bearer credentials of our own by their looks; what looks like none of them is an issuer's token."""


def is_local(request: Request) -> bool:
    """Whether a program on this machine asks, and neither a proxy nor a web page on its behalf.

    A name other than this machine's in Host is how DNS rebinding shows; a foreign Origin is a web
    page's.
    """
    if request.client is None or not is_loopback(request.client.host):
        return False
    if any(name in request.headers for name in FORWARDED):
        return False
    origin = request.headers.get("origin")
    hosts = [urlsplit("//" + request.headers.get("host", ""))]
    hosts += [urlsplit(origin)] if origin is not None else []
    return all(is_loopback(parts.hostname or "") for parts in hosts)


async def admit(request: Request, parts: Parts) -> Principal:
    """Whom the request's credentials stand for, within their limits; raises Unauthenticated, RateLimited."""
    try:
        found = await authenticate(request, parts)
    except KeyRevoked as error:
        await _note(error.principal, AuditAction.SECURITY_REVOKED_KEY_USED, request, parts)
        raise
    await parts.limits.admit(request, found)
    return found


@dataclass(frozen=True)
class Having:
    """The dependency that lets through whoever has a permission; the walk over the routes looks for it."""

    permission: Permission

    async def __call__(self, request: Request, parts: PartsOf) -> Principal:
        """Who calls; raises Unauthenticated, Forbidden, or RateLimited."""
        found = await admit(request, parts)
        if self.permission in NOTED and not found.allows(self.permission):
            await _note(found, AuditAction.SECURITY_PERMISSION_DENIED, request, parts)
        found.require(self.permission)
        return found


def having(permission: Permission) -> Having:
    """The dependency of endpoints that need a permission."""
    return Having(permission)


async def anyone() -> None:
    """The dependency of endpoints that are open on purpose: it asks for nothing."""


Anyone = Annotated[None, Depends(anyone)]
"""Says in an endpoint's signature that everybody may call it; without this or a permission a test fails."""


async def identified(request: Request, parts: PartsOf) -> Principal:
    """The dependency of endpoints for whoever's credentials hold, whatever they permit; not for links."""
    found = await admit(request, parts)
    if found.kind in LINKS:
        raise Forbidden("A link shows what it is for, and nothing else: sign in, or use an API key.")
    return found


Identified = Annotated[Principal, Depends(identified)]
"""Says in an endpoint's signature that credentials are enough: it is about the caller alone."""


async def _note(principal: Principal, action: AuditAction, request: Request, parts: Parts) -> None:
    """Tell the audit log who was refused what: the method and the route, never the caller's own text."""
    route = getattr(request.scope.get("route"), "path", "")
    await parts.security.refused(context_of(principal), action, f"{request.method} {route}")


async def still(request: Request, principal: Principal, parts: Parts) -> Principal:
    """Who a principal is by now; raises Unauthenticated when their key, link or session has ended.

    A token that has ended meanwhile doesn't matter: the role of the user whom it let in does.
    """
    if principal.in_portal:
        return principal
    if principal.session_id:
        await parts.accounts.sessions.reader.check(principal)
    if principal.role is not None:
        return await parts.users.current(principal)
    return await authenticate(request, parts)


Submitter = Annotated[Principal, Depends(having(Permission.SUBMIT))]
Reader = Annotated[Principal, Depends(having(Permission.READ))]
ResultViewer = Annotated[Principal, Depends(having(Permission.VIEW))]
WebhookManager = Annotated[Principal, Depends(having(Permission.WEBHOOKS))]
KeyManager = Annotated[Principal, Depends(having(Permission.KEYS))]
Auditor = Annotated[Principal, Depends(having(Permission.AUDIT))]
LinkManager = Annotated[Principal, Depends(having(Permission.LINKS))]
UserManager = Annotated[Principal, Depends(having(Permission.USERS))]
