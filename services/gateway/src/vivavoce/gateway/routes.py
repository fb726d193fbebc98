"""The route map: one line per router."""

from fastapi import FastAPI

from vivavoce.gateway.accounts import endpoints as accounts
from vivavoce.gateway.admin import endpoints as admin
from vivavoce.gateway.audit import endpoints as audit
from vivavoce.gateway.auth import endpoints as auth
from vivavoce.gateway.auth import endpoints_csrf as csrf
from vivavoce.gateway.auth import endpoints_links as links
from vivavoce.gateway.description import endpoints as description
from vivavoce.gateway.graphql_http import endpoints as graphql
from vivavoce.gateway.health import endpoints as health
from vivavoce.gateway.portal import endpoints as portal
from vivavoce.gateway.records import endpoints as records
from vivavoce.gateway.webhooks import endpoints as webhooks
from vivavoce.gateway.webhooks import endpoints_log as webhook_log


def include_routes(app: FastAPI) -> None:
    """Every family's routers."""
    app.include_router(records.router)
    app.include_router(webhook_log.router)
    app.include_router(webhooks.router)
    app.include_router(graphql.pages)
    app.include_router(graphql.router)
    app.include_router(auth.router)
    app.include_router(csrf.router)
    app.include_router(audit.router)
    app.include_router(links.router)
    app.include_router(admin.router)
    app.include_router(accounts.router)
    app.include_router(health.router)
    app.include_router(description.router)
    app.include_router(portal.router)
