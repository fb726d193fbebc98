"""Messages: public facts as subscribers receive them, kept once for all endpoints and for replays."""

import json
from datetime import datetime
from typing import Any

from vivavoce.chassis.documents import Document
from vivavoce.contracts import Envelope, Fact, Value
from vivavoce.contracts.webhook_events import (
    WebhookDisabled,
    WebhookExhausted,
    WebhookFailing,
    WebhookRecovered,
)
from vivavoce.notifier.deliveries import place_of

OPERATIONAL = (WebhookDisabled, WebhookExhausted, WebhookFailing, WebhookRecovered)
OPERATIONAL_TYPES = frozenset(fact.type for fact in OPERATIONAL)
MOST_SCALAR_CHARACTERS = 1024


class Body(Value):
    """What a subscriber receives: the fact's type, when it happened, and the fact."""

    type: str
    timestamp: datetime
    data: object


class Message(Document):
    """One public fact; its id is the event's. `key` is what FIFO goes by; `test` marks an example.

    `place` sorts messages, oldest first. `about` is the endpoint that an operational fact speaks of, which is
    never told of itself. The database removes the message at `expires_at`.
    """

    event_type: str
    key: str
    happened_at: datetime
    place: str
    body: str
    about: str | None = None
    test: bool = False
    expires_at: datetime


def message_of(envelope: Envelope, fact: Fact, most_bytes: int, expires_at: datetime) -> Message:
    """A public fact as its subscribers receive it; thin when its body would be larger than `most_bytes`."""
    return Message(
        id=envelope.id,
        organization_id=envelope.organization_id,
        event_type=envelope.type,
        key=fact.key,
        happened_at=envelope.time,
        place=place_of(envelope.time, envelope.id),
        body=body_of(envelope.type, envelope.time, fact, most_bytes),
        about=fact.endpoint_id if isinstance(fact, OPERATIONAL) else None,
        expires_at=expires_at,
    )


def body_of(event_type: str, at: datetime, fact: Fact, most_bytes: int) -> str:
    """The JSON of `type`, `timestamp` and `data`.

    When that is too large, `data` keeps its short top-level values, and `omitted` in it names the others.
    """
    whole = Body(type=event_type, timestamp=at, data=fact).model_dump_json()
    if len(whole.encode()) <= most_bytes:
        return whole
    data = thin(fact.model_dump(mode="json"))
    return Body(type=event_type, timestamp=at, data=data).model_dump_json()


def thin(data: dict[str, Any]) -> dict[str, Any]:
    """The short top-level values of a fact's data, and the names of what was left out."""
    kept = {name: value for name, value in data.items() if _is_short(value)}
    return {**kept, "omitted": [name for name in data if name not in kept]}


def data_of(message: Message) -> dict[str, Any]:
    """The fact's data as the subscriber receives them."""
    return dict(json.loads(message.body)["data"])


def _is_short(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_SCALAR_CHARACTERS
    return value is None or isinstance(value, bool | int | float)
