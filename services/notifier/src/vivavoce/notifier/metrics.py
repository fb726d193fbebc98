"""What webhooks look like to operators, in Prometheus' default registry."""

from prometheus_client import Counter, Gauge, Histogram

from vivavoce.contracts import DeliveryStatus, Trigger
from vivavoce.notifier.deliveries import Delivery, Outcome

ATTEMPTS = Counter(
    "viva_webhook_attempts_total",
    "Attempts by how they ended: accepted, refused, throttled, gone or unanswered.",
    ("outcome",),
)
ATTEMPT_SECONDS = Histogram(
    "viva_webhook_attempt_seconds",
    "Seconds that an attempt took, whatever came of it.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30),
)
ACCEPTED_AFTER_SECONDS = Histogram(
    "viva_webhook_accepted_after_seconds",
    "Seconds from what happened until an endpoint accepted it; without replays and examples.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400, 259200),
)
ENDED = Counter(
    "viva_webhook_deliveries_ended_total",
    "Deliveries that an attempt brought to their end: delivered or failed.",
    ("status",),
)
OLDEST_DUE = Gauge(
    "viva_webhook_oldest_due_seconds",
    "For how long the delivery that is due longest has been waiting for somebody to take it.",
)


def observe(delivery: Delivery, outcome: Outcome, after: Delivery) -> None:
    """Count an attempt at a delivery, and what the delivery was `after` it."""
    ATTEMPTS.labels(outcome.word).inc()
    ATTEMPT_SECONDS.observe(outcome.duration)
    if after.status == DeliveryStatus.PENDING:
        return
    ENDED.labels(after.status).inc()
    if outcome.accepted and delivery.trigger == Trigger.SCHEDULE:
        took = (after.updated_at - delivery.happened_at).total_seconds()
        ACCEPTED_AFTER_SECONDS.observe(max(0.0, took))
