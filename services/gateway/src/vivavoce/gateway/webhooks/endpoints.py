"""The platform family's doors to webhook endpoints."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from vivavoce.gateway.auth.creators import WebhookCreator
from vivavoce.gateway.auth.permissions import Anyone, WebhookManager
from vivavoce.gateway.auth.schemas import KeySet
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf, context_of
from vivavoce.gateway.webhooks.answers import key_set, portal_link
from vivavoce.gateway.webhooks.examples import WEBHOOK
from vivavoce.gateway.webhooks.log_schemas import WebhooksQuery
from vivavoce.gateway.webhooks.portal import LinkBody, LinkRequest
from vivavoce.gateway.webhooks.schemas import (
    ChangeBody,
    EnableBody,
    RegisterBody,
    RegisteredBody,
    RotateBody,
    WebhookBody,
    WebhooksBody,
    registered_body,
    webhook_body,
    webhooks_body,
)

router = APIRouter(tags=["webhooks"])

WebhookId = Annotated[str, Path(alias="webhookId", min_length=1, max_length=200, examples=[WEBHOOK])]
ONE = failures(400, 401, 403, 404, 503)
CHANGED = failures(400, 401, 403, 404, 409, 413, 503)


@router.post(
    "/api/webhooks/register",
    summary="Register a webhook endpoint",
    status_code=201,
    responses=failures(400, 401, 403, 409, 413, 503),
)
async def register_webhook(body: RegisterBody, principal: WebhookCreator, parts: PartsOf) -> RegisteredBody:
    """The answer shows the secret once, in the `whsec_` form of Standard Webhooks.

    A URL that is registered again keeps its id and gets what is wanted now. Where ownership has to be
    proven and wasn't, `active` is false and `disabledDetail` says why: mend it, then verify.
    """
    registered = await parts.webhooks.endpoints.register(context_of(principal), body)
    return registered_body(registered.endpoint, registered.secret)


@router.get("/api/webhooks", summary="List webhook endpoints", responses=failures(400, 401, 403, 503))
async def list_webhooks(
    query: Annotated[WebhooksQuery, Query()], principal: WebhookManager, parts: PartsOf
) -> WebhooksBody:
    """The organization's endpoints, oldest first, and how their deliveries have fared."""
    context = context_of(principal)
    page = await parts.webhooks.endpoints.list(context, cursor=query.cursor, limit=query.limit)
    return webhooks_body(page)


@router.post(
    "/api/webhooks/portal-link",
    summary="Make a link to the webhook portal",
    status_code=201,
    responses=failures(400, 401, 403, 413, 503),
)
async def make_portal_link(
    request: Request, principal: WebhookCreator, parts: PartsOf, body: LinkRequest | None = None
) -> LinkBody:
    """Whoever has the link manages the organization's webhooks until it ends, and nothing else."""
    return await portal_link(request, principal, parts, body or LinkRequest())


@router.get("/api/webhooks/{webhookId}", summary="One webhook endpoint", responses=ONE)
async def read_webhook(webhook_id: WebhookId, principal: WebhookManager, parts: PartsOf) -> WebhookBody:
    """Its settings, its health, and how its deliveries have fared."""
    return webhook_body(await parts.webhooks.endpoints.get(context_of(principal), webhook_id))


@router.patch("/api/webhooks/{webhookId}", summary="Change a webhook endpoint", responses=CHANGED)
async def change_webhook(
    webhook_id: WebhookId, body: ChangeBody, principal: WebhookManager, parts: PartsOf
) -> WebhookBody:
    """What the body names is changed; null resets an option."""
    return webhook_body(await parts.webhooks.endpoints.change(context_of(principal), webhook_id, body))


@router.delete(
    "/api/webhooks/{webhookId}", summary="Forget a webhook endpoint", status_code=204, responses=ONE
)
async def delete_webhook(webhook_id: WebhookId, principal: WebhookManager, parts: PartsOf) -> Response:
    """What waits for it is cancelled; its log stays until its retention ends."""
    await parts.webhooks.endpoints.delete(context_of(principal), webhook_id)
    return Response(status_code=204)


@router.post("/api/webhooks/{webhookId}/enable", summary="Enable a webhook endpoint", responses=CHANGED)
async def enable_webhook(
    webhook_id: WebhookId, principal: WebhookManager, parts: PartsOf, body: EnableBody | None = None
) -> WebhookBody:
    """What was missed is sent, unless `recover` is false."""
    context, recover = context_of(principal), body is None or body.recover
    return webhook_body(
        await parts.webhooks.endpoints.switch(context, webhook_id, active=True, recover=recover)
    )


@router.post("/api/webhooks/{webhookId}/disable", summary="Disable a webhook endpoint", responses=ONE)
async def disable_webhook(webhook_id: WebhookId, principal: WebhookManager, parts: PartsOf) -> WebhookBody:
    """Nothing is sent until it is enabled; what happens meanwhile is kept."""
    return webhook_body(
        await parts.webhooks.endpoints.switch(context_of(principal), webhook_id, active=False)
    )


@router.post("/api/webhooks/{webhookId}/verify", summary="Prove a webhook endpoint anew", responses=CHANGED)
async def verify_webhook(webhook_id: WebhookId, principal: WebhookManager, parts: PartsOf) -> WebhookBody:
    """Asks the endpoint whether it wants to be called; one that does becomes active."""
    return webhook_body(await parts.webhooks.endpoints.verify(context_of(principal), webhook_id))


@router.post(
    "/api/webhooks/{webhookId}/rotate-secret", summary="Replace a webhook's secret", responses=CHANGED
)
async def rotate_secret(
    webhook_id: WebhookId, principal: WebhookCreator, parts: PartsOf, body: RotateBody | None = None
) -> RegisteredBody:
    """A new secret and signing key, shown once; the old ones sign as well for `keepOldSeconds`."""
    rotated = await parts.webhooks.endpoints.rotate(context_of(principal), webhook_id, body or RotateBody())
    return registered_body(rotated.endpoint, rotated.secret)


@router.get(
    "/api/webhooks/{webhookId}/jwks.json",
    summary="Public keys of a webhook's `v1a` signatures",
    responses=failures(400, 404, 503),
)
async def read_signing_keys(webhook_id: WebhookId, _: Anyone, parts: PartsOf, response: Response) -> KeySet:
    """A JSON Web Key Set of Ed25519 keys, newest first; nobody has to authenticate for it."""
    response.headers["Cache-Control"] = f"public, max-age={parts.settings.signing_keys_seconds:.0f}"
    return key_set(await parts.webhooks.signing_keys.of(webhook_id))
