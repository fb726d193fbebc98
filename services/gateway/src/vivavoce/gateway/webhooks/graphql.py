"""Webhooks in GraphQL: the same reads as over REST, of the caller's organization."""

from datetime import datetime
from typing import TypeVar

import strawberry
from pydantic import ValidationError

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import FieldProblem, InvalidInput, NotFound
from vivavoce.contracts import DeliveryStatus
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_context import Info
from vivavoce.gateway.graphql_permissions import requires
from vivavoce.gateway.pages import PageQuery
from vivavoce.gateway.parts import context_of
from vivavoce.gateway.webhooks.graphql_types import (
    DeliveryPage,
    SentDeliveryType,
    WebhookPage,
    WebhookType,
    delivery_page,
    sent_delivery_type,
    webhook_page,
    webhook_type,
)
from vivavoce.gateway.webhooks.log_schemas import DeliveriesQuery, WebhooksQuery

QUERY = TypeVar("QUERY", bound=PageQuery)


def manager(info: Info) -> Context:
    """The context of a caller who manages webhooks."""
    return context_of(info.context.principal)


async def resolve_webhooks(info: Info, first: int = 50, after: str | None = None) -> WebhookPage:
    """A page of endpoints, oldest first."""
    context = manager(info)
    query = asked(WebhooksQuery, limit=first, cursor=after)
    return webhook_page(
        await info.context.webhooks.endpoints.list(context, cursor=query.cursor, limit=query.limit)
    )


async def resolve_webhook(info: Info, id: strawberry.ID) -> WebhookType | None:
    """The endpoint with this id, or nothing."""
    try:
        return webhook_type(await info.context.webhooks.endpoints.get(manager(info), id))
    except NotFound:
        return None


async def resolve_deliveries(
    info: Info,
    webhook_id: strawberry.ID | None = None,
    status: DeliveryStatus | None = None,
    event: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    first: int = 50,
    after: str | None = None,
) -> DeliveryPage:
    """A page of deliveries, newest first."""
    context, wish = manager(info), {"webhook_id": webhook_id, "status": status, "event": event}
    query = asked(DeliveriesQuery, **wish, since=since, until=until, limit=first, cursor=after)
    question = query.asked_by(context.organization_id)
    return delivery_page(await info.context.webhooks.log.deliveries(context, question))


async def resolve_delivery(info: Info, id: strawberry.ID) -> SentDeliveryType | None:
    """The delivery with this id, or nothing."""
    try:
        return sent_delivery_type(await info.context.webhooks.log.delivery(manager(info), id))
    except NotFound:
        return None


def asked(kind: type[QUERY], **wish: object) -> QUERY:
    """The query as REST would take it; raises InvalidInput with the arguments that are wrong."""
    try:
        return kind.model_validate(wish)
    except ValidationError as error:
        problems = tuple(FieldProblem(str(each["loc"][0]), each["msg"]) for each in error.errors())
        told = "; ".join(f"{problem.path}: {problem.message}" for problem in problems)
        raise InvalidInput(f"The query has wrong arguments: {told}.", problems=problems) from error


@strawberry.type
class WebhookQueries:
    """What can be asked about webhooks; needs the permission to manage them."""

    webhooks: WebhookPage = strawberry.field(
        resolver=resolve_webhooks,
        extensions=[requires(Permission.WEBHOOKS)],
        description="The organization's endpoints, oldest first.",
    )
    webhook: WebhookType | None = strawberry.field(
        resolver=resolve_webhook,
        extensions=[requires(Permission.WEBHOOKS)],
        description="The endpoint with this id, or null.",
    )
    webhook_deliveries: DeliveryPage = strawberry.field(
        resolver=resolve_deliveries,
        extensions=[requires(Permission.WEBHOOKS)],
        description="The organization's deliveries, newest first.",
    )
    webhook_delivery: SentDeliveryType | None = strawberry.field(
        resolver=resolve_delivery,
        extensions=[requires(Permission.WEBHOOKS)],
        description="The delivery with this id and its attempts, or null.",
    )
