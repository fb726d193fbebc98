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

strawberry.enum(DeliveryStatus, description="On its way, arrived, given up, or called off.")
strawberry.enum(DisabledReason, description="Why nothing is sent to an endpoint.")
strawberry.enum(EndpointHealth, description="How attempts at an endpoint fare.")
strawberry.enum(Trigger, description="What an attempt was made for.")
strawberry.enum(Waiting, description="What a delivery waits for.")


@strawberry.type(name="SigningKey", description="A public Ed25519 key in unpadded base64url.")
class SigningKeyType:
    """A key of `v1a` signatures."""

    id: strawberry.ID = strawberry.field(description="The key id.")
    public_key: str = strawberry.field(description="In unpadded base64url.")
    since: datetime = strawberry.field(description="When it began to sign.")
    until: datetime | None = strawberry.field(description="When it ended; null while it signs.")


@strawberry.type(name="WebhookCounts", description="How deliveries have fared; each counts up to 10,000.")
class CountsType:
    """Deliveries by status, and the last attempt."""

    delivered: int = strawberry.field(description="Deliveries that arrived.")
    failed: int = strawberry.field(description="Deliveries that were given up.")
    pending: int = strawberry.field(description="Deliveries on their way.")
    last_delivery_at: datetime | None = strawberry.field(description="When something was last sent.")
    last_status: int | None = strawberry.field(description="The HTTP status of the last attempt.")
    last_error: str | None = strawberry.field(description="What went wrong at the last attempt.")


@strawberry.type(name="Webhook", description="A registered endpoint.")
class WebhookType:
    """An endpoint as GraphQL shows it."""

    id: strawberry.ID = strawberry.field(description="Its id.")
    url: str = strawberry.field(description="Where events are sent.")
    events: list[str] = strawberry.field(description="Which events it hears.")
    active: bool = strawberry.field(description="Whether anything is sent.")
    created_at: datetime = strawberry.field(description="When it was registered.")
    updated_at: datetime | None = strawberry.field(description="When it was last changed.")
    description: str = strawberry.field(description="The owner's own words.")
    filter: JSON | None = strawberry.field(description="What an event must be to be sent.")
    retry_delays: list[int] | None = strawberry.field(
        description="Seconds between attempts; null: the usual."
    )
    rate_limit: float | None = strawberry.field(description="Attempts per second; null: no limit of its own.")
    concurrency: int | None = strawberry.field(description="Attempts at a time; null for the usual number.")
    ordered: bool = strawberry.field(description="Whether events of one key wait for each other.")
    disabled_reason: DisabledReason | None = strawberry.field(description="Why nothing is sent.")
    disabled_detail: str | None = strawberry.field(description="More about the reason.")
    disabled_at: datetime | None = strawberry.field(description="Since when nothing is sent.")
    health: EndpointHealth = strawberry.field(description="How attempts fare.")
    failing_since: datetime | None = strawberry.field(description="Since when attempts fail.")
    resumes_at: datetime | None = strawberry.field(description="When it is tried again.")
    signing_keys: list[SigningKeyType] = strawberry.field(description="The public keys of its signatures.")
    deliveries: CountsType = strawberry.field(description="How its deliveries have fared.")


@strawberry.type(name="WebhookPage", description="The last page has no nextCursor.")
class WebhookPage:
    """A page of endpoints."""

    nodes: list[WebhookType] = strawberry.field(description="The endpoints.")
    next_cursor: str | None = strawberry.field(description="Give it as after to go on.")


@strawberry.type(name="WebhookAttempt", description="One try, without secrets; duration in seconds.")
class AttemptType:
    """An attempt as GraphQL shows it."""

    id: strawberry.ID = strawberry.field(description="Its id.")
    at: datetime = strawberry.field(description="When it began.")
    duration: float = strawberry.field(description="Seconds.")
    trigger: Trigger = strawberry.field(description="What it was made for.")
    url: str = strawberry.field(description="Where it was sent.")
    status: int | None = strawberry.field(description="The HTTP status; null without an answer.")
    error: str | None = strawberry.field(description="What went wrong.")
    request_headers: JSON = strawberry.field(description="Without secrets.")
    response_headers: JSON = strawberry.field(description="As they came.")
    response_body: str = strawberry.field(description="Its beginning.")
    response_cut: bool = strawberry.field(description="Whether there was more of it.")


@strawberry.type(name="WebhookDelivery", description="One event on its way to one endpoint.")
class DeliveryType:
    """A delivery as GraphQL shows it."""

    id: strawberry.ID = strawberry.field(description="Its id, the same at every attempt.")
    webhook_id: strawberry.ID = strawberry.field(description="The endpoint.")
    event_id: strawberry.ID = strawberry.field(description="The event.")
    event: str = strawberry.field(description="The event's type.")
    status: DeliveryStatus = strawberry.field(description="How it stands.")
    created_at: datetime = strawberry.field(description="When it began.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    next_attempt_at: datetime | None = strawberry.field(description="When it is tried next.")
    waiting: Waiting | None = strawberry.field(description="What it waits for.")
    attempt_count: int = strawberry.field(description="Attempts so far.")
    last_status: int | None = strawberry.field(description="The HTTP status of the last attempt.")
    last_error: str | None = strawberry.field(description="What went wrong at the last attempt.")


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

    payload: str | None = strawberry.field(description="The body that is sent.")
    attempts: list[AttemptType] = strawberry.field(
        resolver=resolve_attempts, description="The latest 100, newest first."
    )


@strawberry.type(name="WebhookDeliveryPage", description="The last page has no nextCursor.")
class DeliveryPage:
    """A page of deliveries."""

    nodes: list[DeliveryType] = strawberry.field(description="The deliveries.")
    next_cursor: str | None = strawberry.field(description="Give it as after to go on.")


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
    return DeliveryPage(nodes=[delivery_type(each) for each in page.deliveries], next_cursor=page.next_cursor)


def delivery_type(delivery: WebhookDelivery) -> DeliveryType:
    """A delivery in lists."""
    return DeliveryType(**_delivery_fields(delivery))


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
