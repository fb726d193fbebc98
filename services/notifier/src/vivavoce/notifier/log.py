"""Answers what was delivered and how: pages of deliveries and attempts, by filters."""

from collections.abc import Callable

from vivavoce.chassis.correlation import Context
from vivavoce.contracts import (
    AttemptsListed,
    DeliveriesListed,
    DeliveryFound,
    GetDelivery,
    ListAttempts,
    ListDeliveries,
    WebhookAttempt,
    WebhookDelivery,
)
from vivavoce.notifier.deliveries import Attempt, Delivery
from vivavoce.notifier.finding import Finder
from vivavoce.notifier.paging import Page, Span, last_changed_first, limit_of, newest_first
from vivavoce.notifier.tables import Tables


class Log:
    """Reads the organization's log; each question is answered by an index, whatever it filters by."""

    def __init__(self, tables: Tables, finder: Finder) -> None:
        self._tables = tables
        self._finder = finder

    async def deliveries(self, question: ListDeliveries, context: Context) -> DeliveriesListed:
        """A page of deliveries; raises InvalidInput at a cursor that is none."""
        page = await self._page(question, context)
        found = tuple(shown(delivery) for delivery in page.items)
        return DeliveriesListed(deliveries=found, next_cursor=page.next_cursor, cursors=page.cursors)

    async def delivery(self, question: GetDelivery, context: Context) -> DeliveryFound:
        """One delivery with its body, as long as the message is kept; raises NotFound."""
        delivery = await self._finder.delivery(context, question.delivery_id)
        message = await self._tables.messages.get(context.organization_id, delivery.event_id)
        told = shown(delivery).model_copy(update={"body": message.body if message else None})
        return DeliveryFound(delivery=told)

    async def attempts(self, question: ListAttempts, context: Context) -> AttemptsListed:
        """A page of attempts; raises InvalidInput at a cursor that is none."""
        named = {"delivery_id": question.delivery_id, "endpoint_id": question.endpoint_id}
        given = {name: value for name, value in named.items() if value is not None}
        where = dict(list(given.items())[:1])
        page = await newest_first(
            self._tables.attempts,
            context.organization_id,
            where,
            Span.of(question.since, question.until),
            cursor=question.cursor,
            limit=limit_of(question.limit),
            wanted=_wanted_attempt(question),
        )
        found = tuple(shown_attempt(attempt) for attempt in page.items)
        return AttemptsListed(attempts=found, next_cursor=page.next_cursor)

    async def _page(self, question: ListDeliveries, context: Context) -> Page[Delivery]:
        deliveries, organization = self._tables.deliveries, context.organization_id
        limit = limit_of(question.limit)
        if question.updated_after is not None:
            return await last_changed_first(
                deliveries,
                organization,
                question.updated_after,
                cursor=question.cursor,
                limit=limit,
                wanted=_wanted_change(question),
            )
        status = None if question.status is None else question.status.value
        named = {"endpoint_id": question.endpoint_id, "status": status}
        return await newest_first(
            deliveries,
            organization,
            {name: value for name, value in named.items() if value is not None},
            Span.of(question.since, question.until),
            cursor=question.cursor,
            limit=limit,
            wanted=_wanted_delivery(question),
        )


def _wanted_delivery(question: ListDeliveries) -> Callable[[Delivery], bool] | None:
    """What the index doesn't know."""
    if question.event_type is None:
        return None
    return lambda delivery: delivery.event_type == question.event_type


def _wanted_change(question: ListDeliveries) -> Callable[[Delivery], bool]:
    span = Span.of(question.since, question.until)

    def is_wanted(delivery: Delivery) -> bool:
        return (
            question.endpoint_id in (None, delivery.endpoint_id)
            and question.status in (None, delivery.status)
            and question.event_type in (None, delivery.event_type)
            and span.low <= delivery.place < span.high
        )

    return is_wanted


def _wanted_attempt(question: ListAttempts) -> Callable[[Attempt], bool] | None:
    """What the index doesn't know."""
    both = question.delivery_id is not None and question.endpoint_id is not None
    if question.accepted is None and not both:
        return None
    return lambda attempt: (
        question.accepted in (None, attempt.accepted) and question.endpoint_id in (None, attempt.endpoint_id)
    )


def shown(delivery: Delivery) -> WebhookDelivery:
    """A delivery as it is told, without its body."""
    return WebhookDelivery(
        id=delivery.id,
        endpoint_id=delivery.endpoint_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        status=delivery.status,
        created_at=delivery.created_at,
        updated_at=delivery.updated_at,
        next_attempt_at=delivery.due_at,
        waiting=delivery.waiting,
        attempts=delivery.sent,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
    )


def shown_attempt(attempt: Attempt) -> WebhookAttempt:
    """An attempt as it is told."""
    return WebhookAttempt(**attempt.model_dump(include=set(WebhookAttempt.model_fields)))
