"""The GraphQL types of webhook endpoints, deliveries and attempts."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from vivavoce.contracts import (
    DeliveriesListed,
    DeliveryStatus,
    DisabledReason,
    EndpointHealth,
    ListAttempts,
    Trigger,
    Waiting,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhooksListed,
)
from vivavoce.gateway.graphql_context import Info
from vivavoce.gateway.parts import context_of

MOST_ATTEMPTS = 100

for kind in (DeliveryStatus, DisabledReason, EndpointHealth, Trigger, Waiting):
    strawberry.enum(kind)


@strawberry.type(name="SigningKey", description="A public Ed25519 key in unpadded base64url.")
class SigningKeyType:
    """A key of `v1a` signatures."""

    id: strawberry.ID
    public_key: str
    since: datetime
    until: datetime | None


@strawberry.type(name="WebhookCounts", description="How deliveries have fared; each counts up to 10,000.")
class CountsType:
    """Deliveries by status, and the last attempt."""

    delivered: int
    failed: int
    pending: int
    last_delivery_at: datetime | None
    last_status: int | None
    last_error: str | None


@strawberry.type(name="Webhook", description="A registered endpoint.")
class WebhookType:
    """An endpoint as GraphQL shows it."""

    id: strawberry.ID
    url: str
    events: list[str]
    active: bool
    created_at: datetime
    updated_at: datetime | None
    description: str
    filter: JSON | None
    retry_delays: list[int] | None
    rate_limit: float | None
    concurrency: int | None
    ordered: bool
    disabled_reason: DisabledReason | None
    disabled_detail: str | None
    disabled_at: datetime | None
    health: EndpointHealth
    failing_since: datetime | None
    resumes_at: datetime | None
    signing_keys: list[SigningKeyType]
    deliveries: CountsType


@strawberry.type(name="WebhookPage", description="The last page has no nextCursor.")
class WebhookPage:
    """A page of endpoints."""

    nodes: list[WebhookType]
    next_cursor: str | None


@strawberry.type(name="WebhookAttempt", description="One try, without secrets; duration in seconds.")
class AttemptType:
    """An attempt as GraphQL shows it."""

    id: strawberry.ID
    at: datetime
    duration: float
    trigger: Trigger
    url: str
    status: int | None
    error: str | None
    request_headers: JSON
    response_headers: JSON
    response_body: str
    response_cut: bool


@strawberry.type(name="WebhookDelivery", description="One event on its way to one endpoint.")
class DeliveryType:
    """A delivery as GraphQL shows it."""

    id: strawberry.ID
    webhook_id: strawberry.ID
    event_id: strawberry.ID
    event: str
    status: DeliveryStatus
    created_at: datetime
    updated_at: datetime
    next_attempt_at: datetime | None
    waiting: Waiting | None
    attempt_count: int
    last_status: int | None
    last_error: str | None


async def resolve_attempts(root: "SentDeliveryType", info: Info) -> list[AttemptType]:
    """The latest attempts at a delivery, newest first."""
    principal = info.context.principal
    question = ListAttempts(
        organization_id=principal.organization_id, delivery_id=root.id, limit=MOST_ATTEMPTS
    )
    page = await info.context.webhooks.log.attempts(context_of(principal), question)
    return [_attempt(attempt) for attempt in page.attempts]


@strawberry.type(name="SentWebhookDelivery", description="A delivery with what is sent, and its attempts.")
class SentDeliveryType(DeliveryType):
    """A single delivery as GraphQL shows it."""

    payload: str | None
    attempts: list[AttemptType] = strawberry.field(
        resolver=resolve_attempts, description="The latest 100, newest first."
    )


@strawberry.type(name="WebhookDeliveryPage", description="The last page has no nextCursor.")
class DeliveryPage:
    """A page of deliveries."""

    nodes: list[DeliveryType]
    next_cursor: str | None


def webhook_type(endpoint: WebhookEndpoint) -> WebhookType:
    """An endpoint as GraphQL shows it."""
    options = endpoint.options
    return WebhookType(
        id=strawberry.ID(endpoint.id),
        url=endpoint.url,
        events=list(endpoint.events),
        active=endpoint.active,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
        description=options.description,
        filter=None if options.filter is None else JSON(options.filter),
        retry_delays=None if options.retry_delays is None else list(options.retry_delays),
        rate_limit=options.rate_limit,
        concurrency=options.concurrency,
        ordered=options.ordered,
        disabled_reason=endpoint.disabled_reason,
        disabled_detail=endpoint.disabled_detail,
        disabled_at=endpoint.disabled_at,
        health=endpoint.health,
        failing_since=endpoint.failing_since,
        resumes_at=endpoint.resumes_at,
        signing_keys=[
            SigningKeyType(
                id=strawberry.ID(key.id), public_key=key.public_key, since=key.since, until=key.until
            )
            for key in endpoint.signing_keys
        ],
        deliveries=_counts(endpoint),
    )


def webhook_page(page: WebhooksListed) -> WebhookPage:
    """A page of endpoints."""
    return WebhookPage(nodes=[webhook_type(each) for each in page.endpoints], next_cursor=page.next_cursor)


def delivery_page(page: DeliveriesListed) -> DeliveryPage:
    """A page of deliveries."""
    nodes = [DeliveryType(**_delivery_fields(each)) for each in page.deliveries]
    return DeliveryPage(nodes=nodes, next_cursor=page.next_cursor)


def sent_delivery_type(delivery: WebhookDelivery) -> SentDeliveryType:
    """A delivery with what is sent."""
    return SentDeliveryType(**_delivery_fields(delivery), payload=delivery.body)


def _counts(endpoint: WebhookEndpoint) -> CountsType:
    return CountsType(
        delivered=endpoint.delivered,
        failed=endpoint.failed,
        pending=endpoint.pending,
        last_delivery_at=endpoint.last_delivery_at,
        last_status=endpoint.last_status,
        last_error=endpoint.last_error,
    )


def _delivery_fields(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": strawberry.ID(delivery.id),
        "webhook_id": strawberry.ID(delivery.endpoint_id),
        "event_id": strawberry.ID(delivery.event_id),
        "event": delivery.event_type,
        "attempt_count": delivery.attempts,
        **delivery.model_dump(exclude={"id", "endpoint_id", "event_id", "event_type", "attempts", "body"}),
    }


def _attempt(attempt: WebhookAttempt) -> AttemptType:
    own = {"id", "delivery_id", "endpoint_id", "event_id", "event_type"}
    return AttemptType(id=strawberry.ID(attempt.id), **attempt.model_dump(exclude=own))
