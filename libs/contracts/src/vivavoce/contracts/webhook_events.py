"""Operational facts about webhook endpoints, which are themselves offered to webhooks.

An endpoint is never told about itself, and that one of these facts could not be delivered is told to nobody.
"""

from datetime import datetime

from vivavoce.contracts.fact import Fact
from vivavoce.contracts.webhooks import DisabledReason


class WebhookDisabled(Fact, type="webhook.disabled", key="endpoint_id"):
    """Emitted when an endpoint gets nothing any more: it said so, failed too long, or was switched off."""

    public = True
    partitions = 3

    endpoint_id: str
    url: str
    reason: DisabledReason
    detail: str
    failing_since: datetime | None = None
    disabled_at: datetime


class WebhookFailing(Fact, type="webhook.failing", key="endpoint_id"):
    """Emitted when an endpoint has failed so often that attempts pause; they are resumed by themselves."""

    public = True
    partitions = 3

    endpoint_id: str
    url: str
    detail: str
    failing_since: datetime
    resumes_at: datetime


class WebhookRecovered(Fact, type="webhook.recovered", key="endpoint_id"):
    """Emitted when a paused endpoint has accepted an attempt; what waited goes out now."""

    public = True
    partitions = 3

    endpoint_id: str
    url: str
    failing_since: datetime
    recovered_at: datetime


class WebhookExhausted(Fact, type="webhook.exhausted", key="endpoint_id"):
    """Emitted when a delivery has been given up; it stays in the log and can be replayed."""

    public = True
    partitions = 3

    endpoint_id: str
    url: str
    delivery_id: str
    event_id: str
    event_type: str
    attempts: int
    detail: str
    ended_at: datetime
