"""Deliveries and attempts: the notifier's log, and the rules that change it."""

from datetime import UTC, datetime

from pydantic import Field

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Document
from vivavoce.chassis.jobs import Job
from vivavoce.contracts import DeliveryStatus, Trigger, Value, Waiting

GONE = 410
TOO_MANY_REQUESTS = 429
UNAVAILABLE = 503
PLACE_FORMAT = "%Y%m%dT%H%M%S.%fZ"


class Delivery(Job):
    """One message on its way to one endpoint, or at its end.

    `due_at` is None when it has ended, or waits for what `waiting` says. `tries` counts attempts that used up
    the schedule, `sent` all of them. `trigger` is what caused the next attempt. `place` sorts the log, oldest
    first, and is what FIFO goes by; `lane` is the id of its `Lane` at an ordered endpoint. `next_try_at` is
    the schedule's time; what is attempted before it uses up nothing. `slot` is the time that a rate limit
    gave the next attempt, `concurrency` the endpoint's own bound. `correlation_id` and `traceparent` are of
    what it was made for.
    """

    endpoint_id: str
    event_id: str
    event_type: str
    key: str
    happened_at: datetime
    place: str
    lane: str | None = None
    status: DeliveryStatus = DeliveryStatus.PENDING
    waiting: Waiting | None = None
    trigger: Trigger = Trigger.SCHEDULE
    tries: int = 0
    sent: int = 0
    next_try_at: datetime | None = None
    slot: datetime | None = None
    concurrency: int | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
    last_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime

    @property
    def context(self) -> Context:
        """For whom the attempts are made, and the trace that they belong to."""
        correlation_id = self.correlation_id or self.id
        return Context(self.organization_id, correlation_id, traceparent=self.traceparent)


class Attempt(Document):
    """One try as it is kept: what was sent and what came back, without secrets; see `WebhookAttempt`.

    `place` sorts the log, oldest first.
    """

    delivery_id: str
    endpoint_id: str
    event_id: str
    event_type: str
    at: datetime
    place: str
    duration: float
    trigger: Trigger
    url: str
    accepted: bool
    status: int | None = None
    error: str | None = None
    request_headers: dict[str, str] = Field(default_factory=dict)
    response_headers: dict[str, str] = Field(default_factory=dict)
    response_body: str = ""
    response_cut: bool = False
    expires_at: datetime


class Outcome(Value):
    """What came of one request: the HTTP status that came back, or the error that kept one from coming.

    `duration` and `retry_after` are in seconds. `response_body` is the beginning of it as text;
    `response_cut` says whether more came.
    """

    at: datetime
    status: int | None = None
    error: str | None = None
    duration: float
    retry_after: float | None = None
    response_headers: dict[str, str] = Field(default_factory=dict)
    response_body: str = ""
    response_cut: bool = False

    @property
    def accepted(self) -> bool:
        """Only 2xx is success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The endpoint says that it will not come back."""
        return self.status == GONE

    @property
    def throttled(self) -> bool:
        """The endpoint asks for a pause, whatever was sent."""
        busy = self.status == UNAVAILABLE and self.retry_after is not None
        return busy or self.status == TOO_MANY_REQUESTS

    @property
    def word(self) -> str:
        """One word for it: accepted, gone, throttled, refused or unanswered."""
        if self.accepted:
            return "accepted"
        if self.gone:
            return "gone"
        if self.throttled:
            return "throttled"
        return "unanswered" if self.status is None else "refused"


def moment_in_order(at: datetime) -> str:
    """A time as text that sorts as times do; the beginning of every place in the log."""
    return at.astimezone(UTC).strftime(PLACE_FORMAT)


def place_of(at: datetime, *ids: str) -> str:
    """The place in a log of what happened at a time."""
    return "/".join((moment_in_order(at), *ids))


def due(delivery: Delivery, at: datetime, now: datetime) -> Delivery:
    """The delivery with its next attempt at `at`."""
    return delivery.model_copy(update={"due_at": at, "waiting": None, "updated_at": now})


def parked(delivery: Delivery, waiting: Waiting, now: datetime) -> Delivery:
    """The delivery without a time, until what it waits for lets it go."""
    return delivery.model_copy(update={"due_at": None, "waiting": waiting, "slot": None, "updated_at": now})


def ended(delivery: Delivery, status: DeliveryStatus, now: datetime, error: str | None = None) -> Delivery:
    """The delivery at its end. Without an error its last one stays."""
    update = {"status": status, "due_at": None, "waiting": None, "slot": None, "updated_at": now}
    return delivery.model_copy(update=update if error is None else {**update, "last_error": error})


def again(delivery: Delivery, trigger: Trigger, now: datetime) -> Delivery:
    """The delivery as due now, with its whole schedule before it."""
    update = {
        "status": DeliveryStatus.PENDING,
        "trigger": trigger,
        "tries": 0,
        "slot": None,
        "next_try_at": None,
    }
    return due(delivery.model_copy(update=update), now, now)


def attempted(delivery: Delivery, outcome: Outcome, *, counts: bool) -> Delivery:
    """The delivery with an attempt noted; whether it is a try is the schedule's matter."""
    update = {
        "sent": delivery.sent + 1,
        "tries": delivery.tries + (1 if counts else 0),
        "slot": None,
        "last_at": outcome.at,
        "last_status": outcome.status,
        "last_error": outcome.error,
        "updated_at": outcome.at,
    }
    return delivery.model_copy(update=update)


def delayed(delivery: Delivery, until: datetime, now: datetime) -> Delivery:
    """The delivery with its next attempt by its schedule."""
    update = {"trigger": Trigger.SCHEDULE, "next_try_at": until}
    return due(delivery.model_copy(update=update), until, now)


def is_early(delivery: Delivery, now: datetime) -> bool:
    """Whether the schedule's time has not come: the attempt is a trial of the endpoint, and no try."""
    return delivery.next_try_at is not None and delivery.next_try_at > now
