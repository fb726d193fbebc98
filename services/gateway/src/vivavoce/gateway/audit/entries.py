"""What is stored of the audit log: its entries, and the head of each organization's chain."""

from datetime import UTC, datetime

from pydantic import Field

from vivavoce.chassis.documents import Document, Index

UNCHAINED = 0
NARROWING = ("correlation_id", "object_id", "actor_id")
"""What entries are looked for by, where they are asked for it, what narrows most first.

An action or a kind of object is looked for in what is found otherwise: an index of either would cost every
write, and leave a good part of all entries.
"""

ENTRY_INDEXES = (
    Index((("organization_id", 1), ("number", 1))),
    Index((("number", 1), ("place", 1))),
    Index((("organization_id", 1), ("place", 1))),
    *(Index((("organization_id", 1), (name, 1), ("place", 1))) for name in NARROWING),
)


class Entry(Document):
    """One thing that somebody did.

    `before` and `after` are keyed digests of the object's stored form. `origin` is the network that was
    acted from. `place` sorts entries by time. The sequencer alone fills in `number`, which counts from 1
    within the organization, `previous`, the hash of the entry before, and `hash`.
    """

    at: datetime
    place: str
    action: str
    object_kind: str
    object_id: str
    actor_id: str
    actor_kind: str
    actor_role: str | None = None
    origin: str | None = None
    correlation_id: str
    before: str | None = None
    after: str | None = None
    number: int = Field(default=UNCHAINED, strict=True)
    previous: str = ""
    hash: str = ""


class Head(Document):
    """The last link of an organization's chain; its id is the organization's.

    `seal` is what whoever has the deployment's secret can make of it, and nobody else.
    """

    number: int
    hash: str
    seal: str = ""


def moment_in_order(at: datetime) -> str:
    """A time as text that sorts as times do."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def place_of(at: datetime, entry_id: str) -> str:
    """The place of an entry among all."""
    return f"{moment_in_order(at)}/{entry_id}"
