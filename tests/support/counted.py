"""A database in memory that counts what is asked of it."""

import operator
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.support.gateway import GatewayBench
from vivavoce.chassis.documents import DOCUMENT, Document, Index, Sort, Where
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.memory_documents import MemoryCollection, MemoryTables
from vivavoce.chassis.memory_matching import matches, ordered
from vivavoce.chassis.stored import Stored, sort_form, stored_form, where_form
from vivavoce.chassis.uow import UnitOfWork

COMPARED = {"$gte": operator.ge, "$gt": operator.gt, "$lt": operator.lt, "$lte": operator.le}


def _holds(row: Stored, path: str, condition: Any) -> bool:
    """What `matches` says, in a hurry where the condition is a simple one."""
    if isinstance(condition, str):
        return bool(row.get(path) == condition)
    value = row.get(path)
    if isinstance(value, str) and isinstance(condition, dict) and condition.keys() <= COMPARED.keys():
        return all(COMPARED[name](value, operand) for name, operand in condition.items())
    return matches(row, {path: condition})


@dataclass
class Counts:
    """By collection: how many reads there were, and how many documents matched what was asked for.

    Where an index has all fields of the condition, those that match are those that are examined.
    """

    reads: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)


class CountedCollection(MemoryCollection[DOCUMENT]):
    """A collection whose reads are counted: each is one command to a real database."""

    def __init__(self, tables: MemoryTables, name: str, kind: type[DOCUMENT], counts: Counts) -> None:
        super().__init__(tables, name, kind)
        self._reads, self._matched, self._counted_as = counts.reads, counts.matched, name

    async def get_of_any_organization(
        self, document_id: str, uow: UnitOfWork | None = None
    ) -> DOCUMENT | None:
        """The document, counted."""
        self._reads[self._counted_as] += 1
        return await super().get_of_any_organization(document_id, uow)

    async def find_in_all_organizations(
        self, where: Where, *, sort: Sort = (), limit: int = 100, uow: UnitOfWork | None = None
    ) -> list[DOCUMENT]:
        """The documents, counted as one; all that match are counted, whatever the limit."""
        self._reads[self._counted_as] += 1
        rows = list(self._seen(uow).values())
        for path, condition in where_form(where).items():
            rows = [row for row in rows if _holds(row, path, condition)]
        self._matched[self._counted_as] += len(rows)
        return [self._document(row) for row in ordered(rows, sort_form(sort))[:limit]]

    async def count(
        self,
        organization_id: str,
        where: Where | None = None,
        uow: UnitOfWork | None = None,
        *,
        most: int | None = None,
    ) -> int:
        """The number, counted as one."""
        self._reads[self._counted_as] += 1
        return await super().count(organization_id, where, uow, most=most)


class CountedDatabase(MemoryDatabase):
    """A database in memory that counts, and that can be filled at once."""

    @cached_property
    def counts(self) -> Counts:
        """What was counted so far."""
        return Counts()

    def fill(self, name: str, documents: Iterable[Document]) -> None:
        """Store documents without a transaction."""
        forms = (stored_form(document) for document in documents)
        self._tables.apply({name: {form["_id"]: form for form in forms}})

    def collection(
        self, name: str, kind: type[DOCUMENT], indexes: Sequence[Index] = ()
    ) -> MemoryCollection[DOCUMENT]:
        """A collection whose reads are counted."""
        super().collection(name, kind, indexes)
        return CountedCollection(self._tables, name, kind, self.counts)


class CountedBench(GatewayBench):
    """A gateway over such a database."""

    database_kind = CountedDatabase

    @property
    def counted(self) -> CountedDatabase:
        """The database."""
        assert isinstance(self.database, CountedDatabase)
        return self.database

    @property
    def reads(self) -> Counter[str]:
        """How many reads there were of each collection."""
        return self.counted.counts.reads
