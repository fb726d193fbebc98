"""What the audit log can be asked for, and how its entries are shown."""

from datetime import datetime

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from vivavoce.contracts import AuditAction
from vivavoce.gateway.audit.entries import UNCHAINED, Entry
from vivavoce.gateway.audit.reading import Page, Wish
from vivavoce.gateway.moments import Moment
from vivavoce.gateway.pages import PageQuery
from vivavoce.gateway.texts import Identifier
from vivavoce.gateway.webhooks.schemas import Body

NAMES = {"actor": "actor_id"}
"""The fields of entries that the query calls otherwise."""


class AuditQuery(PageQuery):
    """Which entries: of what was done from `from` until before `to`."""

    actor: Identifier | None = Field(default=None, description="The id of whoever acted.")
    action: AuditAction | None = None
    object_kind: Identifier | None = Field(default=None, examples=["api_key"])
    object_id: Identifier | None = None
    correlation_id: Identifier | None = None
    since: Moment | None = Field(default=None, alias="from")
    until: Moment | None = Field(default=None, alias="to")

    @field_validator("until")
    @classmethod
    def _after_since(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        since = info.data.get("since")
        if value is not None and since is not None and value <= since:
            raise PydanticCustomError("time_range", "must be a time after from")
        return value

    @property
    def wish(self) -> Wish:
        """What is asked of the log."""
        given = self.model_dump(exclude={"cursor", "limit", "since", "until"}, exclude_none=True, mode="json")
        named = {NAMES.get(name, name): value for name, value in given.items()}
        return Wish(named, self.since, self.until)


class ActorBody(Body):
    """Who acted; `role` is that of a user."""

    id: str
    kind: str
    role: str | None = None


class ObjectBody(Body):
    """What it was done to."""

    kind: str
    id: str


class AuditEntryBody(Body):
    """One thing that somebody did.

    `number` is its place in the chain, null for a moment after it was written. `origin` is the network that
    was acted from. `before` and `after` are digests of the object, by which states can be told apart and
    from which nothing can be read.
    """

    id: str
    number: int | None
    at: datetime
    action: str
    actor: ActorBody
    object: ObjectBody
    origin: str | None = None
    correlation_id: str
    before: str | None = None
    after: str | None = None
    hash: str | None = None


class AuditLogsBody(Body):
    """A page of entries, newest first."""

    audit_logs: tuple[AuditEntryBody, ...]
    next_cursor: str | None = None


def audit_logs_body(page: Page) -> AuditLogsBody:
    """A page as it is shown."""
    return AuditLogsBody(
        audit_logs=tuple(_entry_body(entry) for entry in page.entries), next_cursor=page.next_cursor
    )


def _entry_body(entry: Entry) -> AuditEntryBody:
    return AuditEntryBody(
        id=entry.id,
        number=None if entry.number == UNCHAINED else entry.number,
        at=entry.at,
        action=entry.action,
        actor=ActorBody(id=entry.actor_id, kind=entry.actor_kind, role=entry.actor_role),
        object=ObjectBody(kind=entry.object_kind, id=entry.object_id),
        origin=entry.origin,
        correlation_id=entry.correlation_id,
        before=entry.before,
        after=entry.after,
        hash=entry.hash or None,
    )
