"""Webhooks and their deliveries in GraphQL as connections: each row with a cursor to go on after it."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from vivavoce.contracts import DeliveriesListed, DeliveryStatus, WebhooksListed
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_context import Info
from vivavoce.gateway.graphql_pages import Forwards, PageInfoType, forwards
from vivavoce.gateway.graphql_permissions import requires
from vivavoce.gateway.webhooks.graphql import asked, manager
from vivavoce.gateway.webhooks.graphql_types import DeliveryType, WebhookType, delivery_type, webhook_type
from vivavoce.gateway.webhooks.log_schemas import DeliveriesQuery
from vivavoce.gateway.webhooks.notifier import RETRY_AFTER_SECONDS, NotifierAway

WEBHOOKS, DELIVERIES = "webhooks", "webhookDeliveries"


@strawberry.input(name="WebhookDeliveryFilter", description="All that is given must hold.")
class DeliveryFilter:
    """What deliveries must be to be listed."""

    webhook_id: strawberry.ID | None = strawberry.field(default=None, description="The endpoint's id.")
    status: DeliveryStatus | None = strawberry.field(default=None, description="How they stand.")
    event: str | None = strawberry.field(default=None, description="The event's type.")
    since: datetime | None = strawberry.field(
        default=None, description="Of events that happened then or later; with an offset from UTC."
    )
    until: datetime | None = strawberry.field(
        default=None, description="Of events that happened before; with an offset from UTC."
    )


@strawberry.type(name="WebhookEdge", description="An endpoint and its place in the list.")
class WebhookEdge:
    """One of a page."""

    cursor: str = strawberry.field(description="Opaque; good for this list.")
    node: WebhookType = strawberry.field(description="The endpoint.")


@strawberry.type(name="WebhookConnection", description="A page of endpoints; there is no total.")
class WebhookConnection:
    """A page of endpoints."""

    edges: list[WebhookEdge] = strawberry.field(description="The endpoints with their cursors.")
    nodes: list[WebhookType] = strawberry.field(description="The endpoints.")
    page_info: PageInfoType = strawberry.field(description="Where the page lies.")


@strawberry.type(name="WebhookDeliveryEdge", description="A delivery and its place in the list.")
class DeliveryEdge:
    """One of a page."""

    cursor: str = strawberry.field(description="Opaque; good for this list, whatever the filter.")
    node: DeliveryType = strawberry.field(description="The delivery.")


@strawberry.type(name="WebhookDeliveryConnection", description="A page of deliveries; there is no total.")
class DeliveryConnection:
    """A page of deliveries."""

    edges: list[DeliveryEdge] = strawberry.field(description="The deliveries with their cursors.")
    nodes: list[DeliveryType] = strawberry.field(description="The deliveries.")
    page_info: PageInfoType = strawberry.field(description="Where the page lies.")


async def resolve_webhooks(
    info: Info, first: int | None = None, after: str | None = None
) -> WebhookConnection:
    """A page of endpoints, oldest first."""
    part = forwards(info.context, WEBHOOKS, first, after)
    endpoints = info.context.webhooks.endpoints
    return webhooks_in(part, await endpoints.list(manager(info), cursor=part.place, limit=part.size))


async def resolve_deliveries(
    info: Info, filter: DeliveryFilter | None = None, first: int | None = None, after: str | None = None
) -> DeliveryConnection:
    """A page of deliveries, newest first."""
    part, context = forwards(info.context, DELIVERIES, first, after), manager(info)
    query = asked(DeliveriesQuery, **vars(filter or DeliveryFilter()), limit=part.size, cursor=part.place)
    question = query.asked_by(context.organization_id)
    return deliveries_in(part, await info.context.webhooks.log.deliveries(context, question))


def webhooks_in(part: Forwards, page: WebhooksListed) -> WebhookConnection:
    """A page of endpoints with their cursors."""
    nodes = [webhook_type(each) for each in page.endpoints]
    cursors = part.cursors_of(told(page.cursors, len(nodes)))
    return WebhookConnection(
        edges=[WebhookEdge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
        nodes=nodes,
        page_info=part.page_info(cursors, page.next_cursor),
    )


def deliveries_in(part: Forwards, page: DeliveriesListed) -> DeliveryConnection:
    """A page of deliveries with their cursors."""
    nodes = [delivery_type(each) for each in page.deliveries]
    cursors = part.cursors_of(told(page.cursors, len(nodes)))
    return DeliveryConnection(
        edges=[DeliveryEdge(cursor=cursor, node=node) for cursor, node in zip(cursors, nodes, strict=True)],
        nodes=nodes,
        page_info=part.page_info(cursors, page.next_cursor),
    )


def told(cursors: Sequence[str], count: int) -> Sequence[str]:
    """The notifier's own cursors, one for each row; raises NotifierAway while an earlier build answers."""
    if len(cursors) != count:
        reason = "The webhook service is being renewed and can't tell where rows lie yet. Try again."
        raise NotifierAway(reason, retry_after=RETRY_AFTER_SECONDS)
    return cursors


@strawberry.type
class WebhookConnectionQueries:
    """Lists of webhooks and of deliveries; needs the permission to manage webhooks."""

    webhook_connection: WebhookConnection = strawberry.field(
        resolver=resolve_webhooks,
        extensions=[requires(Permission.WEBHOOKS)],
        description="The organization's endpoints, oldest first. 25 without first, at most 100.",
    )
    webhook_delivery_connection: DeliveryConnection = strawberry.field(
        resolver=resolve_deliveries,
        extensions=[requires(Permission.WEBHOOKS)],
        description="The organization's deliveries, newest first. 25 without first, at most 100. With a "
        "filter, a page may have fewer than were asked for although more follow: go on while hasNextPage.",
    )
