"""Endpoints: where organizations want facts delivered, with what signed, and how the endpoints stand."""

from datetime import datetime

from vivavoce.chassis.documents import Document
from vivavoce.contracts import DisabledReason, EndpointHealth, Value, WebhookOptions


class StoredSecret(Value):
    """One secret of an endpoint and the signing key that came with it; both sealed to the notifier.

    `sealed_secret` holds the `whsec_` form, `sealed_seed` the Ed25519 seed in base64, `public_key` its public
    half in unpadded base64url. A replaced one signs until `ends_at`.
    """

    id: str
    sealed_secret: str
    sealed_seed: str
    public_key: str
    since: datetime
    ends_at: datetime | None = None


class Endpoint(Document):
    """Where an organization wants facts delivered: one per URL. Secrets are stored sealed, newest first.

    `registered_by` is the id of the question that last set its secret, by which a repeat is recognized.
    `place` sorts the organization's endpoints, oldest first.
    """

    url: str
    events: tuple[str, ...]
    options: WebhookOptions = WebhookOptions()
    secrets: tuple[StoredSecret, ...]
    active: bool = True
    disabled_reason: DisabledReason | None = None
    disabled_detail: str | None = None
    disabled_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    registered_by: str | None = None
    place: str = ""


class Follower(Endpoint):
    """The address that wants to hear of one job; nobody has registered it, and nothing to it is signed."""

    job_id: str
    expires_at: datetime


class Standing(Document):
    """How an endpoint fares; its id is the endpoint's. Without one, nothing has failed yet.

    `failures` counts attempts in a row that were not accepted, `pauses` the times in a row that the circuit
    breaker opened. Until `shut_until` nothing is tried, because of `shut_by`; a paused endpoint stays shut
    after that for all but the delivery `probing`, until it has accepted something.
    """

    failing_since: datetime | None = None
    failures: int = 0
    last_error: str | None = None
    pauses: int = 0
    shut_until: datetime | None = None
    shut_by: EndpointHealth | None = None
    probing: str | None = None


class Pace(Document):
    """When a rate-limited endpoint may be tried next; its id is the endpoint's."""

    next_free_at: datetime


class OrganizationSettings(Document):
    """What an organization has chosen for its webhooks; its id is the organization's."""

    retention_days: int
