"""The bodies of deliveries, attempts, replays and settings, and what the log can be asked for."""

from datetime import datetime

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from vivavoce.contracts import (
    AttemptsListed,
    DeliveriesListed,
    DeliveryStatus,
    ListAttempts,
    ListDeliveries,
    ReplayState,
    Trigger,
    Waiting,
    WebhookAttempt,
    WebhookDelivery,
    WebhookReplay,
)
from vivavoce.contracts import webhook_limits as limits
from vivavoce.gateway.moments import Moment
from vivavoce.gateway.pages import PageQuery
from vivavoce.gateway.texts import Identifier
from vivavoce.gateway.webhooks.schemas import Body, Event


class WebhooksQuery(PageQuery):
    """Which page of endpoints."""

    limit: int = Field(default=limits.MOST_ON_A_PAGE, ge=1, le=limits.MOST_ON_A_PAGE)


class DeliveriesQuery(PageQuery):
    """Which deliveries: of facts that happened from `since` until before `until`."""

    webhook_id: Identifier | None = None
    status: DeliveryStatus | None = None
    event: Event | None = None
    since: Moment | None = None
    until: Moment | None = None
    updated_after: Moment | None = None

    def asked_by(self, organization_id: str) -> ListDeliveries:
        """The question to the notifier."""
        return ListDeliveries(
            organization_id=organization_id,
            endpoint_id=self.webhook_id,
            event_type=self.event,
            **self.model_dump(exclude={"webhook_id", "event"}),
        )


class AttemptsQuery(PageQuery):
    """Which attempts: made from `since` until before `until`."""

    webhook_id: Identifier | None = None
    delivery_id: Identifier | None = None
    accepted: bool | None = None
    since: Moment | None = None
    until: Moment | None = None

    def asked_by(self, organization_id: str) -> ListAttempts:
        """The question to the notifier."""
        return ListAttempts(
            organization_id=organization_id,
            endpoint_id=self.webhook_id,
            **self.model_dump(exclude={"webhook_id"}),
        )


class ExampleBody(Body):
    """Which event's example to send."""

    event: Event


class ReplayRequest(Body):
    """What to send again: what happened from `since` until before `until`, or until now."""

    since: Moment
    until: Moment | None = None
    missing_only: bool = Field(
        default=False, strict=True, description="Leave out what the endpoint has accepted."
    )

    @model_validator(mode="after")
    def _in_order(self) -> "ReplayRequest":
        if self.until is not None and self.until <= self.since:
            raise PydanticCustomError("order", "until must be later than since")
        return self


class SettingsBody(Body):
    """For how many days messages, deliveries and attempts are kept."""

    retention_days: int = Field(
        strict=True, ge=limits.SHORTEST_RETENTION_DAYS, le=limits.LONGEST_RETENTION_DAYS
    )


class DeliveryBody(Body):
    """One event on its way to one endpoint; `eventId` is its `webhook-id`.

    `nextAttemptAt` is absent where `waiting` says what it waits for.
    """

    id: str
    webhook_id: str
    event_id: str
    event: str
    status: DeliveryStatus
    created_at: datetime
    updated_at: datetime
    next_attempt_at: datetime | None
    waiting: Waiting | None
    attempts: int
    last_status: int | None
    last_error: str | None


class SentDeliveryBody(DeliveryBody):
    """A delivery with the JSON that is sent."""

    payload: str | None


class DeliveriesBody(Body):
    """A page of deliveries, newest first; the last one has no `nextCursor`."""

    deliveries: tuple[DeliveryBody, ...]
    next_cursor: str | None


class AttemptBody(Body):
    """One try, without secrets; `duration` in seconds. `responseCut` says that the response went on."""

    id: str
    delivery_id: str
    webhook_id: str
    event_id: str
    event: str
    at: datetime
    duration: float
    trigger: Trigger
    url: str
    status: int | None
    error: str | None
    request_headers: dict[str, str]
    response_headers: dict[str, str]
    response_body: str
    response_cut: bool


class AttemptsBody(Body):
    """A page of attempts, newest first; the last one has no `nextCursor`."""

    attempts: tuple[AttemptBody, ...]
    next_cursor: str | None


class ReplayBody(Body):
    """A replay; `queued` counts what it has let go so far."""

    id: str
    webhook_id: str
    since: datetime
    until: datetime
    missing_only: bool
    state: ReplayState
    queued: int
    created_at: datetime


def delivery_body(delivery: WebhookDelivery) -> DeliveryBody:
    """A delivery as the platform family shows it."""
    fields = delivery.model_dump()
    return DeliveryBody(**fields, webhook_id=delivery.endpoint_id, event=delivery.event_type)


def sent_delivery_body(delivery: WebhookDelivery) -> SentDeliveryBody:
    """A delivery with what is sent."""
    return SentDeliveryBody(**dict(delivery_body(delivery)), payload=delivery.body)


def deliveries_body(page: DeliveriesListed) -> DeliveriesBody:
    """A page of deliveries."""
    return DeliveriesBody(
        deliveries=tuple(delivery_body(delivery) for delivery in page.deliveries),
        next_cursor=page.next_cursor,
    )


def attempt_body(attempt: WebhookAttempt) -> AttemptBody:
    """An attempt as the platform family shows it."""
    fields = attempt.model_dump()
    return AttemptBody(**fields, webhook_id=attempt.endpoint_id, event=attempt.event_type)


def attempts_body(page: AttemptsListed) -> AttemptsBody:
    """A page of attempts."""
    return AttemptsBody(
        attempts=tuple(attempt_body(attempt) for attempt in page.attempts), next_cursor=page.next_cursor
    )


def replay_body(replay: WebhookReplay) -> ReplayBody:
    """A replay as the platform family shows it."""
    return ReplayBody(**replay.model_dump(), webhook_id=replay.endpoint_id)
