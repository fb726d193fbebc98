"""Typed document collections: the one way to state, over MongoDB or in memory.

Reads that name an organization have the short names; the others say what they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from vivavoce.chassis.uow import UnitOfWork

Where = Mapping[str, object]
"""Dotted field path to a value, or to {"$lt" | "$lte" | "$gt" | "$gte" | "$ne" | "$in" | "$nin": value}."""

Sort = Sequence[tuple[str, int]]
"""Dotted field paths with 1 for ascending, -1 for descending."""


class Document(BaseModel):
    """State that belongs to one organization. Frozen: change it by `model_copy(update=…)`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    organization_id: str


@dataclass(frozen=True)
class Index:
    """An index over fields in order; `expires_after` makes it a time-to-live index on a date.

    Let a field that is asked for a range be the last one: behind an equal field and before a further
    one the embedded database (SecantusDB 0.7.0b3) takes `$lte` for `$lt`. And don't sort by a
    descending first field that is asked for by `$in`: it gets that order wrong.
    """

    fields: tuple[tuple[str, int], ...]
    unique: bool = False
    expires_after: timedelta | None = None


DOCUMENT = TypeVar("DOCUMENT", bound=Document)


class Collection(Protocol[DOCUMENT]):
    """One kind of document. Reads inside a unit of work see its own writes.

    Writes wait until something has to see them. Whatever refuses one is raised by a later operation of
    the unit of work, or by its commit: catch it around `transact`.
    """

    async def get(
        self, organization_id: str, document_id: str, uow: UnitOfWork | None = None
    ) -> DOCUMENT | None:
        """The organization's document with this id, or None."""
        ...

    async def get_many(self, organization_id: str, ids: Sequence[str]) -> list[DOCUMENT]:
        """Those of the documents with these ids that are the organization's, in any order."""
        ...

    async def get_of_any_organization(
        self, document_id: str, uow: UnitOfWork | None = None
    ) -> DOCUMENT | None:
        """The document with this id, whoever owns it, or None."""
        ...

    async def find(
        self,
        organization_id: str,
        where: Where | None = None,
        *,
        sort: Sort = (),
        limit: int = 100,
        uow: UnitOfWork | None = None,
    ) -> list[DOCUMENT]:
        """The organization's documents that match, sorted, at most `limit`."""
        ...

    async def count(
        self,
        organization_id: str,
        where: Where | None = None,
        uow: UnitOfWork | None = None,
        *,
        most: int | None = None,
    ) -> int:
        """How many of the organization's documents match; counting ends at `most`."""
        ...

    async def find_in_all_organizations(
        self, where: Where, *, sort: Sort = (), limit: int = 100, uow: UnitOfWork | None = None
    ) -> list[DOCUMENT]:
        """Every matching document, whoever owns it; for sweepers and pools."""
        ...

    async def read_ahead(self, ids: Sequence[str], uow: UnitOfWork) -> None:
        """Read documents at once that this unit of work is going to ask for by their ids."""
        ...

    async def insert(self, document: DOCUMENT, uow: UnitOfWork) -> None:
        """Store a new document; the commit raises AlreadyExists when its id or a unique value is taken."""
        ...

    async def save(self, document: DOCUMENT, uow: UnitOfWork) -> None:
        """Store the document, whether or not it was there."""
        ...

    async def delete(self, organization_id: str, document_id: str, uow: UnitOfWork) -> bool:
        """Remove the document; False when there was none."""
        ...
