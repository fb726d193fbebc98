"""The route map: one line per router."""

from fastapi import APIRouter, FastAPI

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

ROUTERS: tuple[APIRouter, ...] = (
    records.router,
    webhook_log.router,
    webhooks.router,
    graphql.pages,
    graphql.router,
    auth.router,
    csrf.router,
    audit.router,
    links.router,
    admin.router,
    accounts.router,
    health.router,
    description.router,
    portal.router,
)


def include_routes(app: FastAPI) -> None:
    """Every family's routes, which need nothing of the application but its state.

    They are taken as they are: an included router is matched twice for each request, and made anew for
    each application.
    """
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
