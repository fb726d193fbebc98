"""The platform family's doors to what was delivered, and to sending it again."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sse_starlette import EventSourceResponse

from vivavoce.gateway.auth.creators import WebhookCreator
from vivavoce.gateway.auth.permissions import WebhookManager
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf, context_of
from vivavoce.gateway.watching import managing_webhooks, while_allowed
from vivavoce.gateway.webhooks.answers import WEBHOOK_STREAM, webhook_stream
from vivavoce.gateway.webhooks.endpoints import CHANGED, ONE, WebhookId
from vivavoce.gateway.webhooks.event_types import EventTypeBody, event_types
from vivavoce.gateway.webhooks.examples import DELIVERY
from vivavoce.gateway.webhooks.log_schemas import (
    AttemptsBody,
    AttemptsQuery,
    DeliveriesBody,
    DeliveriesQuery,
    DeliveryBody,
    ExampleBody,
    ReplayBody,
    ReplayRequest,
    SentDeliveryBody,
    SettingsBody,
    attempts_body,
    deliveries_body,
    delivery_body,
    replay_body,
    sent_delivery_body,
)

router = APIRouter(tags=["webhooks"])

REPLAY = "5d1f0a77-0f52-5b8e-9a53-2f1c9d1e7b60"
DeliveryId = Annotated[str, Path(alias="deliveryId", min_length=1, max_length=200, examples=[DELIVERY])]
ReplayId = Annotated[str, Path(alias="replayId", min_length=1, max_length=200, examples=[REPLAY])]
Followed = Annotated[str | None, Query(alias="webhookId", min_length=1, max_length=200)]


@router.get("/api/webhooks/event-types", summary="Events to ask for", responses=failures(401, 403, 503))
async def list_event_types(_: WebhookManager) -> tuple[EventTypeBody, ...]:
    """What each event means, the JSON Schema of its `data`, and an example."""
    return event_types()


@router.get("/api/webhooks/settings", summary="Webhook settings", responses=failures(401, 403, 503))
async def read_settings(principal: WebhookManager, parts: PartsOf) -> SettingsBody:
    """For how long the organization's log is kept."""
    found = await parts.webhooks.log.settings(context_of(principal))
    return SettingsBody(retention_days=found.retention_days)


@router.put(
    "/api/webhooks/settings",
    summary="Change webhook settings",
    responses=failures(400, 401, 403, 413, 503),
)
async def change_settings(body: SettingsBody, principal: WebhookManager, parts: PartsOf) -> SettingsBody:
    """Holds for what is new from now on."""
    changed = await parts.webhooks.log.keep(context_of(principal), body.retention_days)
    return SettingsBody(retention_days=changed.retention_days)


@router.get(
    "/api/webhooks/stream",
    summary="Follow webhooks (server-sent events)",
    response_class=EventSourceResponse,
    responses={200: WEBHOOK_STREAM, **ONE},
)
async def follow_webhooks(
    request: Request, principal: WebhookManager, parts: PartsOf, webhook_id: Followed = None
) -> Response:
    """What changes from now on, of one endpoint or of all, as long as somebody reads."""
    events = await parts.webhooks.streams.follow(context_of(principal), webhook_id)
    return webhook_stream(while_allowed(events, managing_webhooks(request, principal, parts)), parts)


@router.get("/api/webhooks/deliveries", summary="List deliveries", responses=failures(400, 401, 403, 503))
async def list_deliveries(
    query: Annotated[DeliveriesQuery, Query()], principal: WebhookManager, parts: PartsOf
) -> DeliveriesBody:
    """The newest first; with `updatedAfter`, what changed last."""
    question = query.asked_by(principal.organization_id)
    return deliveries_body(await parts.webhooks.log.deliveries(context_of(principal), question))


@router.get("/api/webhooks/deliveries/{deliveryId}", summary="One delivery", responses=ONE)
async def read_delivery(
    delivery_id: DeliveryId, principal: WebhookManager, parts: PartsOf
) -> SentDeliveryBody:
    """With the JSON that is sent."""
    return sent_delivery_body(await parts.webhooks.log.delivery(context_of(principal), delivery_id))


@router.post(
    "/api/webhooks/deliveries/{deliveryId}/replay",
    summary="Send a delivery again",
    status_code=202,
    responses=CHANGED,
)
async def replay_delivery(delivery_id: DeliveryId, principal: WebhookCreator, parts: PartsOf) -> DeliveryBody:
    """Under its own `webhook-id`, so that a receiver that has it can tell."""
    return delivery_body(await parts.webhooks.replays.delivery(context_of(principal), delivery_id))


@router.get("/api/webhooks/attempts", summary="List attempts", responses=failures(400, 401, 403, 503))
async def list_attempts(
    query: Annotated[AttemptsQuery, Query()], principal: WebhookManager, parts: PartsOf
) -> AttemptsBody:
    """What was sent and what came back, the newest first; secrets are left out."""
    question = query.asked_by(principal.organization_id)
    return attempts_body(await parts.webhooks.log.attempts(context_of(principal), question))


@router.post("/api/webhooks/{webhookId}/test", summary="Send an example", status_code=202, responses=CHANGED)
async def send_example(
    webhook_id: WebhookId, body: ExampleBody, principal: WebhookCreator, parts: PartsOf
) -> DeliveryBody:
    """One delivery to this endpoint, whichever events it asked for."""
    return delivery_body(await parts.webhooks.replays.test(context_of(principal), webhook_id, body.event))


@router.post(
    "/api/webhooks/{webhookId}/replay", summary="Send a time again", status_code=202, responses=CHANGED
)
async def start_replay(
    webhook_id: WebhookId, body: ReplayRequest, principal: WebhookCreator, parts: PartsOf
) -> ReplayBody:
    """What happened in that time goes out under its own `webhook-id`s, as many as there are."""
    wish = dict(body)
    return replay_body(await parts.webhooks.replays.start(context_of(principal), webhook_id, **wish))


@router.get(
    "/api/webhooks/{webhookId}/replays/{replayId}", summary="How far a replay has come", responses=ONE
)
async def read_replay(
    webhook_id: WebhookId, replay_id: ReplayId, principal: WebhookManager, parts: PartsOf
) -> ReplayBody:
    """`queued` counts what it has let go so far."""
    return replay_body(await parts.webhooks.replays.get(context_of(principal), webhook_id, replay_id))
