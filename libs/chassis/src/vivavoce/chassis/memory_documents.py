"""Documents and units of work in memory: what is committed, and what one transaction adds to it."""

import copy
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Generic

import bson

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import DOCUMENT, Index, Sort, Where
from vivavoce.chassis.emissions import Emissions
from vivavoce.chassis.errors import AlreadyExists, InfrastructureAway, VivaError
from vivavoce.chassis.memory_matching import matches, ordered, value_at
from vivavoce.chassis.stored import Stored, document_of, sort_form, stored_form, stored_path, where_form
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import Fact

Table = dict[str, Stored]
Writes = dict[str, dict[str, Stored | None]]
"""What a transaction has written so far, by collection and id; None where it deleted."""
EXPIRY_INTERVAL = timedelta(minutes=1)


class MemoryTables:
    """The committed documents by collection. `away` plays a database that doesn't answer."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.away = False
        self.indexes: dict[str, tuple[Index, ...]] = {}
        self._tables: dict[str, Table] = {}
        self._expired: dict[str, datetime] = {}

    def check(self) -> None:
        """Raise InfrastructureAway while the database plays away."""
        if self.away:
            raise InfrastructureAway("the database in memory plays away")

    def table(self, name: str) -> Table:
        """The live documents of a collection; what is past a time-to-live index goes once a minute."""
        table = self._tables.setdefault(name, {})
        now = self.clock.now()
        if now - self._expired.get(name, datetime.min.replace(tzinfo=UTC)) >= EXPIRY_INTERVAL:
            self._expired[name] = now
            for index in self.indexes.get(name, ()):
                if index.expires_after is not None:
                    self._expire(table, index.fields[0][0], index.expires_after)
        return table

    def apply(self, writes: Writes) -> None:
        """Make a transaction's writes the committed state."""
        for name, written in writes.items():
            table = self.table(name)
            for document_id, stored in written.items():
                if stored is None:
                    table.pop(document_id, None)
                else:
                    table[document_id] = stored

    def _expire(self, table: Table, path: str, after: timedelta) -> None:
        limit = self.clock.now() - after
        for document_id in [i for i, stored in table.items() if matches(stored, {path: {"$lt": limit}})]:
            del table[document_id]


class MemoryUnitOfWork:
    """One cause's share of a transaction: its writes over the committed tables, until they are applied."""

    def __init__(self, context: Context, tables: MemoryTables, emissions: Emissions, writes: Writes) -> None:
        self._context = context
        self._tables = tables
        self._emissions = emissions
        self._writes = writes
        self._failure: VivaError | None = None
        self._told = False

    @property
    def context(self) -> Context:
        """For whom the work is done and what led to it."""
        return self._context

    def emit(self, fact: Fact, *, event_id: str | None = None) -> None:
        """Publish a fact with this commit."""
        self._emissions.emit(fact, event_id)

    def forward(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        """Publish a message as it is with this commit."""
        self._emissions.forward(topic, key, value, headers)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the work has been committed; not at all when it is not."""
        self._emissions.afterwards.append(call)

    def when_abandoned(self, call: Callable[[], None]) -> None:
        """Call this if the work is not known to have been committed."""
        self._emissions.otherwise.append(call)

    def raise_failure(self) -> None:
        """Raise what was refused: like a real transaction, this one is given up."""
        if self._failure is not None:
            self._told = True
            raise self._failure

    def raise_untold(self) -> None:
        """Raise what was refused unless that has been raised before."""
        if not self._told:
            self.raise_failure()

    def refuse(self, failure: VivaError) -> None:
        """Let the next operation fail, or the commit: a real database is told of writes no earlier."""
        self._failure = failure

    def seen(self, name: str) -> Table:
        """The collection as this transaction sees it; raises what was refused."""
        self.raise_failure()
        merged = {**self._tables.table(name), **self._writes.get(name, {})}
        return {document_id: stored for document_id, stored in merged.items() if stored is not None}

    def write(self, name: str, document_id: str, stored: Stored | None) -> None:
        """Write a document, or delete it with None; refused when a unique value is taken."""
        taken = None if stored is None else self._taken(name, document_id, stored)
        if taken is None:
            self._writes.setdefault(name, {})[document_id] = stored
        else:
            self.refuse(AlreadyExists(f"stored already: the value of {taken} is taken"))

    def _taken(self, name: str, document_id: str, stored: Stored) -> str | None:
        """The fields of a unique index that another document has the same values in, if any."""
        for index in self._tables.indexes.get(name, ()):
            if not index.unique:
                continue
            paths = [stored_path(path) for path, _ in index.fields]
            wanted = {path: value_at(stored, path) for path in paths}
            others = (other for other_id, other in self.seen(name).items() if other_id != document_id)
            if any(matches(other, wanted) for other in others):
                return ", ".join(sorted(paths))
        return None


def memory_uow(uow: UnitOfWork) -> MemoryUnitOfWork:
    """The unit of work as this database's own; raises TypeError for another's."""
    if not isinstance(uow, MemoryUnitOfWork):
        raise TypeError(f"not a unit of work of this database: {type(uow).__name__}")
    return uow


class MemoryCollection(Generic[DOCUMENT]):
    """One kind of document, stored in the form that MongoDB would store."""

    def __init__(self, tables: MemoryTables, name: str, kind: type[DOCUMENT]) -> None:
        self._tables = tables
        self._name = name
        self._kind = kind

    async def get(
        self, organization_id: str, document_id: str, uow: UnitOfWork | None = None
    ) -> DOCUMENT | None:
        """The organization's document with this id, or None."""
        found = await self.get_of_any_organization(document_id, uow)
        return found if found is not None and found.organization_id == organization_id else None

    async def get_many(self, organization_id: str, ids: Sequence[str]) -> list[DOCUMENT]:
        """Those of the documents with these ids that are the organization's."""
        return await self.find(organization_id, {"id": {"$in": ids}}, limit=max(1, len(ids)))

    async def get_of_any_organization(
        self, document_id: str, uow: UnitOfWork | None = None
    ) -> DOCUMENT | None:
        """The document with this id, whoever owns it, or None."""
        stored = self._seen(uow).get(document_id)
        return None if stored is None else self._document(stored)

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
        scoped = {**(where or {}), "organization_id": organization_id}
        return await self.find_in_all_organizations(scoped, sort=sort, limit=limit, uow=uow)

    async def count(
        self,
        organization_id: str,
        where: Where | None = None,
        uow: UnitOfWork | None = None,
        *,
        most: int | None = None,
    ) -> int:
        """How many of the organization's documents match; counting ends at `most`."""
        condition = where_form({**(where or {}), "organization_id": organization_id})
        found = (stored for stored in self._seen(uow).values() if matches(stored, condition))
        return sum(1 for _ in islice(found, most))

    async def find_in_all_organizations(
        self, where: Where, *, sort: Sort = (), limit: int = 100, uow: UnitOfWork | None = None
    ) -> list[DOCUMENT]:
        """Every matching document, whoever owns it."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1: {limit}")
        condition = where_form(where)
        found = [stored for stored in self._seen(uow).values() if matches(stored, condition)]
        return [self._document(stored) for stored in ordered(found, sort_form(sort))[:limit]]

    async def read_ahead(self, ids: Sequence[str], uow: UnitOfWork) -> None:
        """Everything is at hand."""
        self._seen(uow)

    async def insert(self, document: DOCUMENT, uow: UnitOfWork) -> None:
        """Store a new document; the commit raises AlreadyExists when its id or a unique value is taken."""
        self._store(document, uow, free=document.id not in self._seen(uow))

    async def save(self, document: DOCUMENT, uow: UnitOfWork) -> None:
        """Store the document, whether or not it was there; an id of another organization is taken."""
        present = self._seen(uow).get(document.id)
        own = present is None or present["organization_id"] == document.organization_id
        self._store(document, uow, free=own)

    async def delete(self, organization_id: str, document_id: str, uow: UnitOfWork) -> bool:
        """Remove the document; False when there was none."""
        present = self._seen(uow).get(document_id)
        if present is None or present["organization_id"] != organization_id:
            return False
        memory_uow(uow).write(self._name, document_id, None)
        return True

    def _store(self, document: DOCUMENT, uow: UnitOfWork, *, free: bool) -> None:
        stored = _through_bson(stored_form(document))
        if free:
            memory_uow(uow).write(self._name, document.id, stored)
        else:
            memory_uow(uow).refuse(AlreadyExists("stored already: the value of _id is taken"))

    def _seen(self, uow: UnitOfWork | None) -> Table:
        self._tables.check()
        return self._tables.table(self._name) if uow is None else memory_uow(uow).seen(self._name)

    def _document(self, stored: Stored) -> DOCUMENT:
        return document_of(self._kind, copy.deepcopy(stored))


def _through_bson(stored: Stored) -> Stored:
    """A copy that shares nothing, after the checks that a real database's driver makes."""
    decoded: Stored = bson.decode(bson.encode(stored), bson.CodecOptions(tz_aware=True))
    return decoded
