"""Webhook settings: asked of the notifier, which owns them."""

from datetime import datetime

from vivavoce.contracts.asking import Question
from vivavoce.contracts.fact import Value

NOTIFIER_REQUESTS = "notifier.requests"


class WebhookEndpoint(Value):
    """One registered endpoint and how its deliveries have fared. The secret is never shown again."""

    id: str
    url: str
    events: tuple[str, ...]
    active: bool
    created_at: datetime
    delivered: int = 0
    failed: int = 0
    pending: int = 0
    last_delivery_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None


class WebhookRegistered(Value):
    """The new endpoint. `secret` is the `whsec_` form, sealed to the asker's public key, shown once."""

    endpoint: WebhookEndpoint
    secret: str


class WebhooksListed(Value):
    """The endpoints of one organization, oldest first."""

    endpoints: tuple[WebhookEndpoint, ...]


class RegisterWebhook(Question, type="webhook.register", key="organization_id"):
    """Asks for deliveries to `url`. `sealed_secret` is encrypted to the notifier's public key.

    Without a secret the notifier makes one. `reply_key` is the public key that the answer's
    secret is sealed to. Keys and sealed values are base64.
    """

    topic = NOTIFIER_REQUESTS
    reply = WebhookRegistered

    organization_id: str
    url: str
    events: tuple[str, ...]
    sealed_secret: str | None = None
    reply_key: str


class ListWebhooks(Question, type="webhook.list", key="organization_id"):
    """Asks for the endpoints of an organization."""

    topic = NOTIFIER_REQUESTS
    reply = WebhooksListed

    organization_id: str
