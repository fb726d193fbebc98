"""Deliveries, attempts and replays: asked of the notifier, which keeps their log.

Pages are newest first; `next_cursor` is None on the last one. Times are in UTC.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from vivavoce.contracts.asking import Question
from vivavoce.contracts.fact import Value
from vivavoce.contracts.webhooks import NOTIFIER_REQUESTS


class DeliveryStatus(StrEnum):
    """Where a delivery stands: on its way, accepted, given up, or no longer wanted."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Waiting(StrEnum):
    """What a pending delivery waits for that has no time: its endpoint to recover, its turn, a switch."""

    ENDPOINT = "endpoint"
    TURN = "turn"
    DISABLED = "disabled"


class Trigger(StrEnum):
    """What caused an attempt: the schedule, a replay, or a test."""

    SCHEDULE = "schedule"
    REPLAY = "replay"
    TEST = "test"


class WebhookDelivery(Value):
    """One fact on its way to one endpoint. `event_id` is its `webhook-id`; `body` is in single reads only."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    status: DeliveryStatus
    created_at: datetime
    updated_at: datetime
    next_attempt_at: datetime | None = None
    waiting: Waiting | None = None
    attempts: int = 0
    last_status: int | None = None
    last_error: str | None = None
    body: str | None = None


class WebhookAttempt(Value):
    """One try: what was sent and what came back, both without secrets. `duration` in seconds.

    `response_body` is the beginning of it as text; `response_cut` says whether more came.
    """

    id: str
    delivery_id: str
    endpoint_id: str
    event_id: str
    event_type: str
    at: datetime
    duration: float
    trigger: Trigger
    url: str
    status: int | None = None
    error: str | None = None
    request_headers: dict[str, str] = Field(default_factory=dict)
    response_headers: dict[str, str] = Field(default_factory=dict)
    response_body: str = ""
    response_cut: bool = False


class ReplayState(StrEnum):
    """Whether a replay still looks through the log."""

    RUNNING = "running"
    ENDED = "ended"


class WebhookReplay(Value):
    """A replay: the facts of a time that go out again under their ids; `queued` counts them so far."""

    id: str
    endpoint_id: str
    since: datetime
    until: datetime
    missing_only: bool
    state: ReplayState
    queued: int
    created_at: datetime


class DeliveryFound(Value):
    """The delivery as it is now."""

    delivery: WebhookDelivery


class DeliveriesListed(Value):
    """A page of deliveries.

    `cursors` are theirs, each good to go on after it. There are none where `updated_after` was
    asked for: what changed at one time is told at once.
    """

    deliveries: tuple[WebhookDelivery, ...]
    next_cursor: str | None = None
    cursors: tuple[str, ...] = ()


class AttemptsListed(Value):
    """A page of attempts."""

    attempts: tuple[WebhookAttempt, ...]
    next_cursor: str | None = None


class ReplayFound(Value):
    """The replay as it is now."""

    replay: WebhookReplay


class ListDeliveries(Question, type="webhook.deliveries", key="organization_id"):
    """Asks for deliveries of an organization, of one endpoint or all, whose facts happened in a time.

    `updated_after` leaves out what has not changed since, and puts what changed last first.
    """

    topic = NOTIFIER_REQUESTS
    reply = DeliveriesListed

    organization_id: str
    endpoint_id: str | None = None
    status: DeliveryStatus | None = None
    event_type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    updated_after: datetime | None = None
    cursor: str | None = None
    limit: int = 50


class GetDelivery(Question, type="webhook.delivery", key="organization_id"):
    """Asks for one delivery with its body."""

    topic = NOTIFIER_REQUESTS
    reply = DeliveryFound

    organization_id: str
    delivery_id: str


class ListAttempts(Question, type="webhook.attempts", key="organization_id"):
    """Asks for attempts of an organization: of one endpoint or delivery, accepted ones or the others."""

    topic = NOTIFIER_REQUESTS
    reply = AttemptsListed

    organization_id: str
    endpoint_id: str | None = None
    delivery_id: str | None = None
    accepted: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: int = 50


class SendTest(Question, type="webhook.test", key="organization_id"):
    """Asks for a delivery of an example of the event type, marked as a test."""

    topic = NOTIFIER_REQUESTS
    reply = DeliveryFound

    organization_id: str
    endpoint_id: str
    event_type: str


class ReplayDelivery(Question, type="webhook.replay_delivery", key="organization_id"):
    """Asks to send one delivery again, under its id."""

    topic = NOTIFIER_REQUESTS
    reply = DeliveryFound

    organization_id: str
    delivery_id: str


class ReplayWebhook(Question, type="webhook.replay", key="organization_id"):
    """Asks to send again what happened in a time, all of it or what the endpoint never accepted."""

    topic = NOTIFIER_REQUESTS
    reply = ReplayFound

    organization_id: str
    endpoint_id: str
    since: datetime
    until: datetime | None = None
    missing_only: bool = False


class GetReplay(Question, type="webhook.get_replay", key="organization_id"):
    """Asks how far a replay has come."""

    topic = NOTIFIER_REQUESTS
    reply = ReplayFound

    organization_id: str
    endpoint_id: str
    replay_id: str
