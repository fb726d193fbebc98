"""The webhook bodies of the platform family."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from vivavoce.contracts import PUBLIC_FACTS, WebhookEndpoint
from vivavoce.gateway.texts import AT_LEAST_ONE, HttpUrl, NotEmpty, Storable

LONGEST_URL = 2048
PUBLIC_EVENTS = tuple(PUBLIC_FACTS)


def _public(event: str) -> str:
    if event not in PUBLIC_EVENTS:
        raise PydanticCustomError("event", "must be one of {events}", {"events": ", ".join(PUBLIC_EVENTS)})
    return event


Event = Annotated[str, AfterValidator(_public), Field(json_schema_extra={"enum": list(PUBLIC_EVENTS)})]


class Body(BaseModel):
    """A body with camel-case names."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


class RegisterBody(Body):
    """Where to deliver what. Any string is a valid secret: its bytes are the key."""

    url: Annotated[HttpUrl, Field(max_length=LONGEST_URL)]
    events: Annotated[tuple[Event, ...], NotEmpty] = Field(max_length=100, json_schema_extra=AT_LEAST_ONE)
    secret: Annotated[str, Field(min_length=1, max_length=1024), Storable] | None = Field(
        default=None, description="Without one, a strong one is made."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://your-app.com/webhook",
                    "events": ["interview.completed", "score.generated"],
                    "secret": "your-webhook-secret",
                }
            ]
        }
    )


class Deliveries(Body):
    """How deliveries to an endpoint have fared."""

    delivered: int
    failed: int
    pending: int
    last_delivery_at: datetime | None
    last_status: int | None
    last_error: str | None


class WebhookBody(Body):
    """A registered endpoint."""

    id: str
    url: str
    events: tuple[str, ...]
    active: bool
    created_at: datetime
    deliveries: Deliveries


class RegisteredBody(WebhookBody):
    """A new endpoint with its secret in the form that standard libraries take; shown this once."""

    secret: str


class WebhooksBody(Body):
    """The organization's endpoints, oldest first."""

    webhooks: tuple[WebhookBody, ...]


def webhook_body(endpoint: WebhookEndpoint) -> WebhookBody:
    """An endpoint as the platform family shows it."""
    fields = endpoint.model_dump()
    return WebhookBody(**fields, deliveries=Deliveries(**fields))


def registered_body(endpoint: WebhookEndpoint, secret: str) -> RegisteredBody:
    """A new endpoint and its secret."""
    return RegisteredBody(**dict(webhook_body(endpoint)), secret=secret)
