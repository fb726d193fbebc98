"""Deliveries and attempts: the notifier's log, and the rules that change it."""

from datetime import datetime

from pydantic import Field

from vivavoce.chassis.documents import Document
from vivavoce.chassis.jobs import Job
from vivavoce.contracts import DeliveryStatus, Trigger, Waiting


class Delivery(Job):
    """One message on its way to one endpoint, or at its end.

    `due_at` is None when it has ended, or waits for what `waiting` says. `tries` counts attempts that used up
    the schedule, `sent` all of them. `trigger` is what caused the next attempt.
    """

    endpoint_id: str
    event_id: str
    event_type: str
    key: str
    happened_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    waiting: Waiting | None = None
    trigger: Trigger = Trigger.SCHEDULE
    tries: int = 0
    sent: int = 0
    last_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime


class Attempt(Document):
    """One try as it is kept: what was sent and what came back, without secrets; see `WebhookAttempt`."""

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
    retry_after: float | None = None
    request_headers: dict[str, str] = Field(default_factory=dict)
    response_headers: dict[str, str] = Field(default_factory=dict)
    response_body: str = ""
    response_cut: bool = False
    expires_at: datetime
