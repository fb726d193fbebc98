"""Webhook endpoints: asked of the notifier, which owns them.

What belongs to another organization is answered as if it didn't exist. Times are in UTC.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from vivavoce.contracts.asking import Question
from vivavoce.contracts.fact import Value

NOTIFIER_REQUESTS = "notifier.requests"


class DisabledReason(StrEnum):
    """Why an endpoint gets nothing: it said 410 Gone, failed too long, was switched off, or is unproven."""

    GONE = "gone"
    FAILING = "failing"
    SWITCHED_OFF = "switched_off"
    UNVERIFIED = "unverified"


class EndpointHealth(StrEnum):
    """How an active endpoint fares: its last attempt was accepted; or not; or attempts wait for a while.

    `paused` is the open circuit breaker's word, `throttled` the endpoint's own wish (Retry-After).
    """

    HEALTHY = "healthy"
    FAILING = "failing"
    PAUSED = "paused"
    THROTTLED = "throttled"


class WebhookOptions(Value):
    """What an organization may choose for an endpoint; None stands for the deployment's setting.

    `filter` maps dotted paths in a fact's data to a value, or to an object of `eq`, `ne`, `in`, `lt`, `lte`,
    `gt`, `gte` and `exists`; all must hold. `retry_delays` are the seconds before each further try.
    `rate_limit` is attempts per second, `concurrency` attempts at once. With `ordered`, the facts of one
    key are sent one after the other, and one that fails holds back that key alone.
    """

    description: str = ""
    filter: dict[str, JsonValue] | None = None
    retry_delays: tuple[int, ...] | None = None
    rate_limit: float | None = None
    concurrency: int | None = None
    ordered: bool = False


class SigningKey(Value):
    """A public key of an endpoint's `v1a` signatures: Ed25519, 32 bytes in unpadded base64url.

    `until` is when a replaced key is no longer used.
    """

    id: str
    public_key: str
    since: datetime
    until: datetime | None = None


class WebhookEndpoint(Value):
    """One registered endpoint and how its deliveries have fared. The secret is never shown again.

    `failing_since` is when attempts began to fail without one that was accepted; `resumes_at` is when a
    paused or throttled endpoint is tried again. Deliveries of each status are counted up to 10,000.
    """

    id: str
    url: str
    events: tuple[str, ...]
    active: bool
    created_at: datetime
    updated_at: datetime | None = None
    options: WebhookOptions = WebhookOptions()
    disabled_reason: DisabledReason | None = None
    disabled_detail: str | None = None
    disabled_at: datetime | None = None
    health: EndpointHealth = EndpointHealth.HEALTHY
    failing_since: datetime | None = None
    resumes_at: datetime | None = None
    signing_keys: tuple[SigningKey, ...] = ()
    delivered: int = 0
    failed: int = 0
    pending: int = 0
    last_delivery_at: datetime | None = None
    last_status: int | None = None
    last_error: str | None = None


class WebhookRegistered(Value):
    """The endpoint. `secret` is the `whsec_` form, sealed to the asker's public key, shown once."""

    endpoint: WebhookEndpoint
    secret: str


class WebhookFound(Value):
    """The endpoint as it is now."""

    endpoint: WebhookEndpoint


class WebhooksListed(Value):
    """Endpoints of one organization, oldest first; `next_cursor` is None on the last page.

    `cursors` are theirs, each good to go on after it. There are none where `updated_after` was asked for:
    what changed at one time is told at once.
    """

    endpoints: tuple[WebhookEndpoint, ...]
    next_cursor: str | None = None
    cursors: tuple[str, ...] = ()


class WebhookDeleted(Value):
    """The endpoint is gone; its delivery log stays until its retention ends."""

    endpoint_id: str


class SigningKeysFound(Value):
    """The public keys that an endpoint's deliveries may be signed with, newest first."""

    keys: tuple[SigningKey, ...]


class WebhookSettings(Value):
    """An organization's settings: for how many days messages, deliveries and attempts are kept."""

    retention_days: int


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
    options: WebhookOptions = WebhookOptions()


class ListWebhooks(Question, type="webhook.list", key="organization_id"):
    """Asks for the endpoints of an organization, a page at a time.

    `updated_after` leaves out those whose settings have not changed since.
    """

    topic = NOTIFIER_REQUESTS
    reply = WebhooksListed

    organization_id: str
    updated_after: datetime | None = None
    cursor: str | None = None
    limit: int = 100


class GetWebhook(Question, type="webhook.get", key="organization_id"):
    """Asks for one endpoint."""

    topic = NOTIFIER_REQUESTS
    reply = WebhookFound

    organization_id: str
    endpoint_id: str


class UpdateWebhook(Question, type="webhook.update", key="organization_id"):
    """Asks to change an endpoint. None leaves `url` and `events` as they are.

    Of `options` those fields count that `named_options` names.
    """

    topic = NOTIFIER_REQUESTS
    reply = WebhookFound

    organization_id: str
    endpoint_id: str
    url: str | None = None
    events: tuple[str, ...] | None = None
    options: WebhookOptions = WebhookOptions()
    named_options: tuple[str, ...] = ()


class DeleteWebhook(Question, type="webhook.delete", key="organization_id"):
    """Asks to forget an endpoint and give up what waits for it."""

    topic = NOTIFIER_REQUESTS
    reply = WebhookDeleted

    organization_id: str
    endpoint_id: str


class SwitchWebhook(Question, type="webhook.switch", key="organization_id"):
    """Asks to enable or disable an endpoint. Enabling recovers what was missed, unless told otherwise."""

    topic = NOTIFIER_REQUESTS
    reply = WebhookFound

    organization_id: str
    endpoint_id: str
    active: bool
    recover: bool = True


class VerifyWebhook(Question, type="webhook.verify", key="organization_id"):
    """Asks to prove anew that the endpoint wants to be called; enables one that was unverified."""

    topic = NOTIFIER_REQUESTS
    reply = WebhookFound

    organization_id: str
    endpoint_id: str


class RotateWebhookSecret(Question, type="webhook.rotate_secret", key="organization_id"):
    """Asks for a new secret and signing key. For `keep_old_seconds` the old ones sign as well."""

    topic = NOTIFIER_REQUESTS
    reply = WebhookRegistered

    organization_id: str
    endpoint_id: str
    sealed_secret: str | None = None
    reply_key: str
    keep_old_seconds: int


class GetSigningKeys(Question, type="webhook.signing_keys", key="endpoint_id"):
    """Asks for the public keys of an endpoint, whoever owns it: they are no secret."""

    topic = NOTIFIER_REQUESTS
    reply = SigningKeysFound

    endpoint_id: str


class GetWebhookSettings(Question, type="webhook.settings", key="organization_id"):
    """Asks for an organization's settings."""

    topic = NOTIFIER_REQUESTS
    reply = WebhookSettings

    organization_id: str


class ChangeWebhookSettings(Question, type="webhook.change_settings", key="organization_id"):
    """Asks to keep what is new from now on for so many days."""

    topic = NOTIFIER_REQUESTS
    reply = WebhookSettings

    organization_id: str
    retention_days: int
