"""The platform family's doors to webhook settings."""

from fastapi import APIRouter

from vivavoce.gateway.auth.permissions import WebhookManager
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf, context_of
from vivavoce.gateway.webhooks.schemas import (
    RegisterBody,
    RegisteredBody,
    WebhooksBody,
    registered_body,
    webhook_body,
)

router = APIRouter(tags=["webhooks"])


@router.post(
    "/api/webhooks/register",
    summary="Register a webhook endpoint",
    status_code=201,
    responses=failures(400, 401, 403, 409, 413, 503),
)
async def register_webhook(body: RegisterBody, principal: WebhookManager, parts: PartsOf) -> RegisteredBody:
    """The answer shows the secret once, in the `whsec_` form of Standard Webhooks."""
    registered = await parts.webhooks.register(
        context_of(principal), url=body.url, events=body.events, secret=body.secret
    )
    return registered_body(registered.endpoint, registered.secret)


@router.get("/api/webhooks", summary="List webhook endpoints", responses=failures(401, 403, 503))
async def list_webhooks(principal: WebhookManager, parts: PartsOf) -> WebhooksBody:
    """The organization's endpoints, oldest first, and how their deliveries have fared."""
    endpoints = await parts.webhooks.list(context_of(principal))
    return WebhooksBody(webhooks=tuple(webhook_body(endpoint) for endpoint in endpoints))
