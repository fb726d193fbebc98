"""Endpoints and deliveries: the notifier's documents, and the rules that change them."""

from datetime import datetime, timedelta
from enum import StrEnum

from vivavoce.chassis.documents import Document
from vivavoce.chassis.jobs import Job
from vivavoce.contracts import Envelope, Fact, Value, ids


class Endpoint(Document):
    """Where an organization wants facts delivered: one per URL. The secret is stored sealed.

    `registered_by` is the id of the question that last set it, by which a repeat is recognized.
    """

    url: str
    events: tuple[str, ...]
    sealed_secret: str
    active: bool = True
    created_at: datetime
    disabled_reason: str | None = None
    registered_by: str | None = None


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Attempt(Value):
    """One try: the HTTP status that came back, or the error that kept one from coming."""

    at: datetime
    status: int | None = None
    error: str | None = None
    duration: float
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        """Only 2xx is success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The endpoint says that it will not come back."""
        return self.status == 410


class Delivery(Job):
    """One fact on its way to one endpoint, with every attempt."""

    endpoint_id: str
    event_id: str
    event_type: str
    body: str
    status: DeliveryStatus = DeliveryStatus.PENDING
    tries: tuple[Attempt, ...] = ()
    updated_at: datetime


def delivery_of(endpoint: Endpoint, envelope: Envelope, fact: Fact, now: datetime) -> Delivery:
    """The delivery of a fact to an endpoint; the same pair always has the same id."""
    message = {"type": envelope.type, "timestamp": envelope.time, "data": fact}
    return Delivery(
        id=ids.derived_id(endpoint.id, envelope.id),
        organization_id=endpoint.organization_id,
        due_at=now,
        endpoint_id=endpoint.id,
        event_id=envelope.id,
        event_type=envelope.type,
        body=Body.model_validate(message).model_dump_json(),
        updated_at=now,
    )


class Body(Value):
    """What a subscriber receives: the fact's type, when it happened, and the fact."""

    type: str
    timestamp: datetime
    data: object


def after(delivery: Delivery, attempt: Attempt, delay: float | None) -> Delivery:
    """The delivery after an attempt: ended, or due again after `delay` seconds."""
    ended = attempt.accepted or delay is None
    failed = DeliveryStatus.FAILED if delay is None else DeliveryStatus.PENDING
    change = {
        "tries": (*delivery.tries, attempt),
        "status": DeliveryStatus.DELIVERED if attempt.accepted else failed,
        "due_at": None if ended else attempt.at + timedelta(seconds=delay or 0),
        "updated_at": attempt.at,
    }
    return delivery.model_copy(update=change)


def abandoned(delivery: Delivery, reason: str, now: datetime) -> Delivery:
    """The delivery of an endpoint that is no longer active."""
    attempt = Attempt(at=now, error=reason, duration=0.0)
    return after(delivery, attempt, delay=None)
