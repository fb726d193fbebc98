"""The bodies of API key administration."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.gateway.auth.api_keys import ApiKey, IssuedKey
from vivavoce.gateway.auth.scopes import DEFAULT_SCOPES, SCOPES, Scope
from vivavoce.gateway.moments import Moment
from vivavoce.gateway.pages import Page
from vivavoce.gateway.texts import AT_LEAST_ONE, Name, NotEmpty


class Body(BaseModel):
    """A body with camel-case names."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


class NewKeyBody(Body):
    """What a key is for, what it may do, and when it ends by itself; without a time it doesn't."""

    name: Name = Field(examples=["nightly import"])
    scopes: Annotated[tuple[Scope, ...], NotEmpty] = Field(
        default=DEFAULT_SCOPES, max_length=len(SCOPES), json_schema_extra=AT_LEAST_ONE
    )
    expires_at: Moment | None = None

    def ends_within(self, longest: timedelta, now: datetime) -> datetime | None:
        """When the key ends; raises InvalidInput unless that is to come, and not later than allowed."""
        if self.expires_at is not None and not now < self.expires_at <= now + longest:
            problem = FieldProblem("expiresAt", f"must be to come, within {longest.days} days")
            raise InvalidInput("The key can't end then.", problems=(problem,))
        return self.expires_at


class RenameBody(Body):
    """What a key is called from now on."""

    name: Name = Field(examples=["nightly import"])


class KeyBody(Body):
    """A key by its visible prefix."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class IssuedKeyBody(KeyBody):
    """A new key; `key` is shown this once."""

    key: str


class KeysBody(Body):
    """A page of the organization's keys, oldest first; the last one has no `nextCursor`."""

    api_keys: tuple[KeyBody, ...]
    next_cursor: str | None


class KeySet(BaseModel):
    """A JSON Web Key Set of public keys."""

    keys: list[dict[str, str]]


def key_body(record: ApiKey) -> KeyBody:
    """A stored key as administrators see it."""
    return KeyBody(**_fields(record))


def keys_body(page: Page[ApiKey]) -> KeysBody:
    """A page of keys."""
    return KeysBody(api_keys=tuple(key_body(key) for key in page.items), next_cursor=page.next_cursor)


def issued_key_body(issued: IssuedKey) -> IssuedKeyBody:
    """A new key as its one reader sees it."""
    return IssuedKeyBody(**_fields(issued.record), key=issued.key)


def _fields(record: ApiKey) -> dict[str, object]:
    hidden = {"digest", "organization_id", "place", "owner"}
    return {**record.model_dump(exclude=hidden), "prefix": f"viva_{record.id}"}
