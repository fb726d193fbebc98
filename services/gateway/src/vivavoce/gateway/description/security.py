"""How OpenAPI tells who may call: the credentials that an operation takes, and the permission it needs."""

from typing import Any

from fastapi import FastAPI

from vivavoce.gateway.accounts.permissions import session_holder
from vivavoce.gateway.auth.candidate_links import PERMISSIONS as LINK_PERMISSIONS
from vivavoce.gateway.auth.permissions import Having, identified
from vivavoce.gateway.auth.principals import Permission, grants
from vivavoce.gateway.description.routes import Described, described_routes

PERMISSION = "x-permission"
BEARER = "bearer"
SESSION = "session"
API_KEY = "apiKey"
X_API_KEY = "xApiKey"
CANDIDATE_LINK = "candidateLink"
PORTAL = "portal"
SCHEMES: dict[str, dict[str, Any]] = {
    BEARER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of the issuer, an access token of `/api/v1/auth/login`, or an API key.",
    },
    SESSION: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of `/api/v1/auth/login`, and nothing else.",
    },
    API_KEY: {"type": "apiKey", "in": "header", "name": "apiKey", "description": "An API key."},
    X_API_KEY: {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
    CANDIDATE_LINK: {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a candidate's link, for the one interview that the link is for.",
    },
    PORTAL: {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a link to the webhook portal, for the webhooks of its organization.",
    },
}
EVERYONE = (BEARER, API_KEY, X_API_KEY)


def describe_security(document: dict[str, Any], app: FastAPI) -> None:
    """Give each operation its credentials, an open one none, and its permission where it needs one."""
    document["components"]["securitySchemes"] = SCHEMES
    for route in described_routes(app):
        operation = document["paths"].get(route.path, {}).get(route.method)
        if operation is None:
            continue
        operation["security"] = [{scheme: []} for scheme in schemes_of(route)]
        permission = permission_of(route)
        if permission is not None:
            operation[PERMISSION] = permission.value


def permission_of(route: Described) -> Permission | None:
    """The permission that an operation needs, if any."""
    return next((call.permission for call in route.dependencies if isinstance(call, Having)), None)


def schemes_of(route: Described) -> tuple[str, ...]:
    """The names of the credentials that an operation takes; none where it is open."""
    if session_holder in route.dependencies:
        return (SESSION,)
    permission = permission_of(route)
    if permission is None:
        return EVERYONE if identified in route.dependencies else ()
    by_link = any(grants(held, permission) for held in LINK_PERMISSIONS.values())
    by_portal = permission is Permission.WEBHOOKS
    return (*EVERYONE, *((CANDIDATE_LINK,) if by_link else ()), *((PORTAL,) if by_portal else ()))
