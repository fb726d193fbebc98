"""The bodies of webhook endpoints in the platform family."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from vivavoce.contracts import (
    PUBLIC_FACTS,
    DisabledReason,
    EndpointHealth,
    WebhookEndpoint,
    WebhookOptions,
    WebhooksListed,
)
from vivavoce.contracts import webhook_limits as limits
from vivavoce.gateway.texts import AT_LEAST_ONE, HttpUrl, NotEmpty, Storable, storable_json

PUBLIC_EVENTS = tuple(PUBLIC_FACTS)
OPTIONS = tuple(WebhookOptions.model_fields)
KEEP_OLD_SECONDS = 86_400


def _public(event: str) -> str:
    if event not in PUBLIC_EVENTS:
        raise PydanticCustomError("event", "must be one of {events}", {"events": ", ".join(PUBLIC_EVENTS)})
    return event


Event = Annotated[str, AfterValidator(_public), Field(json_schema_extra={"enum": list(PUBLIC_EVENTS)})]
Events = Annotated[
    tuple[Event, ...], NotEmpty, Field(max_length=limits.MOST_ON_A_PAGE, json_schema_extra=AT_LEAST_ONE)
]
Secret = Annotated[str, Field(min_length=1, max_length=limits.MOST_SECRET_CHARACTERS), Storable]
RetryDelay = Annotated[int, Field(strict=True, ge=limits.SHORTEST_RETRY_DELAY, le=limits.LONGEST_RETRY_DELAY)]


class Body(BaseModel):
    """A body with camel-case names."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore", allow_inf_nan=False
    )


class OptionsBody(Body):
    """What may be chosen for an endpoint; null stands for the deployment's setting."""

    description: Annotated[str, Field(max_length=limits.LONGEST_DESCRIPTION), Storable] | None = Field(
        default=None, examples=["orders of the shop"]
    )
    filter: Annotated[dict[str, JsonValue], AfterValidator(storable_json)] | None = Field(
        default=None,
        description="Dotted paths in the event's data, each with a value, or an object of `eq`, `ne`, `in`, "
        "`lt`, `lte`, `gt`, `gte` and `exists`; all must hold.",
        examples=[{"overall": {"gte": 70}}],
    )
    retry_delays: Annotated[tuple[RetryDelay, ...], NotEmpty] | None = Field(
        default=None,
        max_length=limits.MOST_RETRIES,
        description="Seconds before each further try, together at most 30 days.",
        examples=[[5, 300, 1800]],
        json_schema_extra=AT_LEAST_ONE,
    )
    rate_limit: Annotated[float, Field(ge=limits.SLOWEST_RATE, le=limits.FASTEST_RATE)] | None = Field(
        default=None, strict=True, description="Attempts per second."
    )
    concurrency: Annotated[int, Field(ge=1, le=limits.MOST_AT_ONCE)] | None = Field(
        default=None, strict=True, description="Attempts under way at once."
    )
    ordered: Annotated[bool, Field(strict=True)] | None = Field(
        default=None, description="Send the events of one interview one after the other."
    )

    def options(self) -> WebhookOptions:
        """The options, those that are null as they are by default."""
        given = {name: getattr(self, name) for name in OPTIONS}
        return WebhookOptions(**{name: value for name, value in given.items() if value is not None})


class RegisterBody(OptionsBody):
    """Where to deliver what. Any string is a valid secret: its bytes are the key."""

    url: Annotated[HttpUrl, Field(max_length=limits.LONGEST_URL)]
    events: Events
    secret: Secret | None = Field(default=None, description="Without one, a strong one is made.")


class ChangeBody(OptionsBody):
    """What is to change: an option that is null is reset, one that is absent stays as it is."""

    url: Annotated[HttpUrl, Field(max_length=limits.LONGEST_URL)] | None = Field(
        default=None, description="Null or absent: as it is."
    )
    events: Events | None = Field(default=None, description="Null or absent: as they are.")

    def named_options(self) -> tuple[str, ...]:
        """The options that the body names."""
        return tuple(name for name in OPTIONS if name in self.model_fields_set)


class EnableBody(Body):
    """Whether what was missed while the endpoint was disabled is to be sent."""

    recover: bool = Field(default=True, strict=True)


class RotateBody(Body):
    """The new secret, and how long the old one signs as well."""

    secret: Secret | None = Field(default=None, description="Without one, a strong one is made.")
    keep_old_seconds: int = Field(default=KEEP_OLD_SECONDS, strict=True, ge=0, le=limits.LONGEST_KEPT_SECRET)


class Deliveries(Body):
    """How deliveries to an endpoint have fared; each number counts up to 10,000."""

    delivered: int
    failed: int
    pending: int
    last_delivery_at: datetime | None
    last_status: int | None
    last_error: str | None


class SigningKeyBody(Body):
    """A public key of the `v1a` signatures: Ed25519 in unpadded base64url; used until `until`."""

    id: str
    public_key: str
    since: datetime
    until: datetime | None


class WebhookBody(Body):
    """A registered endpoint."""

    id: str
    url: str
    events: tuple[str, ...]
    active: bool
    created_at: datetime
    updated_at: datetime | None
    description: str
    filter: dict[str, JsonValue] | None
    retry_delays: tuple[int, ...] | None
    rate_limit: float | None
    concurrency: int | None
    ordered: bool
    disabled_reason: DisabledReason | None
    disabled_detail: str | None
    disabled_at: datetime | None
    health: EndpointHealth
    failing_since: datetime | None
    resumes_at: datetime | None
    signing_keys: tuple[SigningKeyBody, ...]
    deliveries: Deliveries


class RegisteredBody(WebhookBody):
    """An endpoint with its new secret in the form that standard libraries take; shown this once."""

    secret: str


class WebhooksBody(Body):
    """A page of the organization's endpoints, oldest first; the last one has no `nextCursor`."""

    webhooks: tuple[WebhookBody, ...]
    next_cursor: str | None


def webhook_body(endpoint: WebhookEndpoint) -> WebhookBody:
    """An endpoint as the platform family shows it."""
    fields: dict[str, Any] = endpoint.model_dump()
    options = fields.pop("options")
    return WebhookBody(**fields, **options, deliveries=Deliveries(**fields))


def registered_body(endpoint: WebhookEndpoint, secret: str) -> RegisteredBody:
    """An endpoint and its new secret."""
    return RegisteredBody(**dict(webhook_body(endpoint)), secret=secret)


def webhooks_body(page: WebhooksListed) -> WebhooksBody:
    """A page of endpoints."""
    return WebhooksBody(
        webhooks=tuple(webhook_body(endpoint) for endpoint in page.endpoints), next_cursor=page.next_cursor
    )
