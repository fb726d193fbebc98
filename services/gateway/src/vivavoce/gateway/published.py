"""What the gateway publishes about itself, made without opening anything: for `docs/api` and its tests."""

from typing import Any

from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.gateway.documentation import describe
from vivavoce.gateway.graphql_schema import make_schema
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.web import make_app, make_parts
from vivavoce.gateway.webhooks.notifier import NobodyAsks


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, as `/openapi.json` serves it."""
    clock = SystemClock()
    database = MemoryDatabase(source="/vivavoce/gateway", clock=clock)
    return describe(make_app(make_parts(GatewaySettings(), database, NobodyAsks(), clock, {})))


def graphql_schema() -> str:
    """The GraphQL schema in its definition language."""
    return make_schema(GatewaySettings()).as_str() + "\n"
