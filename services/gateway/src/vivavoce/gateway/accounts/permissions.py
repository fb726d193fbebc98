"""Who may see to their own session, and where a caller is."""

from typing import Annotated

from fastapi import Depends, Request

from vivavoce.chassis.errors import Forbidden
from vivavoce.gateway.accounts.origins import Origin, origin_of
from vivavoce.gateway.auth.permissions import Identified
from vivavoce.gateway.auth.principals import Principal
from vivavoce.gateway.limits.addresses import address_of
from vivavoce.gateway.parts import PartsOf


async def session_holder(principal: Identified) -> Principal:
    """Whoever signed in with a password; raises Forbidden to others."""
    if not principal.session_id:
        raise Forbidden(
            "This needs an access token of /api/v1/auth/login: other credentials have no session."
        )
    return principal


SessionHolder = Annotated[Principal, Depends(session_holder)]


def caller_origin(request: Request, parts: PartsOf) -> Origin:
    """Where the request comes from; through a trusted proxy, where that says."""
    return origin_of(address_of(request.scope, parts.settings.limit_trusted_proxies))


OriginOf = Annotated[Origin, Depends(caller_origin)]
