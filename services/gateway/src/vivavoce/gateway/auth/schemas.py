"""The bodies of API key administration."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from vivavoce.gateway.auth.api_keys import DEFAULT_SCOPES, ApiKey, IssuedKey
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.texts import AT_LEAST_ONE, Name, NotEmpty


class Body(BaseModel):
    """A body with camel-case names."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


class NewKeyBody(Body):
    """What a key is for and what it may do."""

    name: Name = Field(examples=["nightly import"])
    scopes: Annotated[tuple[Permission, ...], NotEmpty] = Field(
        default=DEFAULT_SCOPES, max_length=20, json_schema_extra=AT_LEAST_ONE
    )


class KeyBody(Body):
    """A key by its visible prefix."""

    id: str
    name: str
    prefix: str
    scopes: tuple[Permission, ...]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


class IssuedKeyBody(KeyBody):
    """A new key; `key` is shown this once."""

    key: str


class KeysBody(Body):
    """The organization's keys, oldest first."""

    api_keys: tuple[KeyBody, ...]


class KeySet(BaseModel):
    """A JSON Web Key Set of public keys."""

    keys: list[dict[str, str]]


def key_body(record: ApiKey) -> KeyBody:
    """A stored key as administrators see it."""
    return KeyBody(**_fields(record))


def issued_key_body(issued: IssuedKey) -> IssuedKeyBody:
    """A new key as its one reader sees it."""
    return IssuedKeyBody(**_fields(issued.record), key=issued.key)


def _fields(record: ApiKey) -> dict[str, object]:
    return {**record.model_dump(exclude={"digest", "organization_id"}), "prefix": f"viva_{record.id}"}
