"""Documents and units of work over MongoDB."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import DOCUMENT, Sort, Where
from vivavoce.chassis.emissions import Emissions
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.mongo_decoded import RAW, Decoded
from vivavoce.chassis.mongo_errors import translated_errors
from vivavoce.chassis.mongo_reads import UNREAD, Reads
from vivavoce.chassis.mongo_writes import Write, Writes
from vivavoce.chassis.shared_looks import SharedLooks
from vivavoce.chassis.stored import Stored, document_of, sort_form, stored_form, where_form
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import Fact


class MongoTransaction:
    """One MongoDB transaction. After a failed operation every further one fails like it.

    Documents to store wait until something has to see them, and for the commit at the latest.
    """

    def __init__(self, session: AsyncClientSession) -> None:
        self._session = session
        self._begun = False
        self.writes = Writes()
        self.reads = Reads()
        self.failure: VivaError | None = None

    @property
    def session(self) -> AsyncClientSession:
        """The session, for a command that is sent now."""
        self._begun = True
        return self._session

    def write(self, write: Write) -> None:
        """Store a document by the time of the commit; raises what an earlier operation failed with."""
        self.raise_failure()
        self.writes.add(write)
        self.reads.written(write.collection.name, write.document["_id"])

    async def flush(self) -> None:
        """Send what waits to be stored; raises the driver's errors."""
        first = not self._begun
        await self.writes.send(self.session, first=first)

    def raise_failure(self) -> None:
        """Raise what an operation failed with: the server has given the transaction up by then."""
        if self.failure is not None:
            raise self.failure


class MongoUnitOfWork:
    """One cause's share of a transaction."""

    def __init__(self, context: Context, transaction: MongoTransaction, emissions: Emissions) -> None:
        self._context = context
        self._emissions = emissions
        self.transaction = transaction

    @property
    def session(self) -> AsyncClientSession:
        """The session, for a command that is sent now."""
        return self.transaction.session

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

    @property
    def reads(self) -> Reads:
        """What the transaction has read."""
        return self.transaction.reads

    def write(self, write: Write) -> None:
        """Store a document by the time of the commit; raises what an earlier operation failed with."""
        self.transaction.write(write)

    async def flush(self) -> None:
        """Send what waits to be stored; raises AlreadyExists, TooLarge, WriteConflict, InfrastructureAway."""
        with translated(self):
            await self.transaction.flush()


def mongo_uow(uow: UnitOfWork) -> MongoUnitOfWork:
    """The unit of work as this database's own; raises TypeError for another's."""
    if not isinstance(uow, MongoUnitOfWork):
        raise TypeError(f"not a unit of work of this database: {type(uow).__name__}")
    return uow


def session_of(uow: UnitOfWork | None) -> AsyncClientSession | None:
    """The session to work in, or None outside a unit of work."""
    return None if uow is None else mongo_uow(uow).session


@contextmanager
def translated(uow: UnitOfWork | None = None) -> Iterator[None]:
    """Run database operations with the driver's errors translated and remembered by the unit of work."""
    if uow is None:
        with translated_errors():
            yield
        return
    transaction = mongo_uow(uow).transaction
    transaction.raise_failure()
    try:
        with translated_errors():
            yield
    except VivaError as error:
        transaction.failure = error
        raise


class MongoCollection(Generic[DOCUMENT]):
    """One kind of document in one MongoDB collection."""

    def __init__(self, collection: AsyncCollection[Stored], kind: type[DOCUMENT]) -> None:
        self._collection = collection
        self._raw = collection.with_options(RAW)
        self._name = collection.name
        self._kind = kind
        self._decoded = Decoded(kind, collection.codec_options)
        self._shared = SharedLooks(self._look_up)

    async def get(
        self, organization_id: str, document_id: str, uow: UnitOfWork | None = None
    ) -> DOCUMENT | None:
        """The organization's document with this id, or None."""
        found = await self.get_of_any_organization(document_id, uow)
        return found if found is not None and found.organization_id == organization_id else None

    async def get_many(self, organization_id: str, ids: Sequence[str]) -> list[DOCUMENT]:
        """Those of the documents with these ids that are the organization's.

        Asked for by ids alone: with a second condition the embedded database reads its whole collection.
        """
        if not ids:
            return []
        found = [self._decoded.of(raw) for raw in (await self._look_up(ids)).values()]
        return [each for each in found if each.organization_id == organization_id]

    async def get_of_any_organization(
        self, document_id: str, uow: UnitOfWork | None = None
    ) -> DOCUMENT | None:
        """The document with this id, whoever owns it, or None. By its id alone it is found the quickest."""
        if uow is None:
            raw = await self._shared.get(document_id)
            return None if raw is None else self._decoded.of(raw)
        stored = await self._seen(document_id, mongo_uow(uow))
        return None if stored is None else document_of(self._kind, stored)

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
        bound = {} if most is None else {"limit": most}
        await self._flush_own(uow)
        with translated(uow):
            return await self._collection.count_documents(condition, session=session_of(uow), **bound)

    async def find_in_all_organizations(
        self, where: Where, *, sort: Sort = (), limit: int = 100, uow: UnitOfWork | None = None
    ) -> list[DOCUMENT]:
        """Every matching document, whoever owns it."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1: {limit}")
        condition, order = where_form(where), sort_form(sort) or None
        if uow is None:
            with translated():
                raws = await self._raw.find(condition, sort=order, limit=limit).to_list()
            return [self._decoded.of(bytes(each.raw)) for each in raws]
        own, search = mongo_uow(uow), repr((condition, order, limit))
        found = own.reads.known_search(self._name, search)
        if found is None:
            await self._flush_own(uow)
            with translated(uow):
                cursor = self._collection.find(condition, sort=order, limit=limit, session=own.session)
                found = await cursor.to_list()
            own.reads.keep_search(self._name, search, found)
        return [document_of(self._kind, stored) for stored in found]

    async def read_ahead(self, ids: Sequence[str], uow: UnitOfWork) -> None:
        """Read documents at once that this unit of work is going to ask for by their ids."""
        own = mongo_uow(uow)
        unread = {each for each in ids if own.reads.known(self._name, each) is UNREAD}
        if not unread:
            return
        await self._flush_own(uow)
        with translated(uow):
            found = await self._collection.find(
                {"_id": {"$in": sorted(unread)}}, session=own.session
            ).to_list()
        for document_id in unread - {stored["_id"] for stored in found}:
            own.reads.keep(self._name, document_id, None)
        for stored in found:
            own.reads.keep(self._name, stored["_id"], stored)

    async def insert(self, document: DOCUMENT, uow: UnitOfWork) -> None:
        """Store a new document; the commit raises AlreadyExists when its id or a unique value is taken."""
        mongo_uow(uow).write(Write(self._collection, stored_form(document)))

    async def save(self, document: DOCUMENT, uow: UnitOfWork) -> None:
        """Store the document, whether or not it was there; an id of another organization is taken."""
        own: Stored = {"_id": document.id, "organization_id": document.organization_id}
        known = mongo_uow(uow).reads.known(self._name, document.id)
        if known is None or (known is not UNREAD and known.items() >= own.items()):
            own = {"_id": document.id}  # an id alone is found the quickest, and whose it is has been seen
        mongo_uow(uow).write(Write(self._collection, stored_form(document), over=own))

    async def delete(self, organization_id: str, document_id: str, uow: UnitOfWork) -> bool:
        """Remove the document; False when there was none."""
        own = {"_id": document_id, "organization_id": organization_id}
        await self._flush_own(uow)
        with translated(uow):
            result = await self._collection.delete_one(own, session=session_of(uow))
        mongo_uow(uow).reads.written(self._name, document_id)
        return result.deleted_count == 1

    async def _flush_own(self, uow: UnitOfWork | None) -> None:
        if uow is not None and mongo_uow(uow).transaction.writes.concern(self._collection):
            await mongo_uow(uow).flush()

    async def _look_up(self, ids: Sequence[str]) -> dict[str, bytes]:
        condition = {"_id": ids[0] if len(ids) == 1 else {"$in": list(ids)}}
        with translated():
            return {each["_id"]: bytes(each.raw) for each in await self._raw.find(condition).to_list()}

    async def _seen(self, document_id: str, uow: "MongoUnitOfWork") -> Stored | None:
        """The document as the transaction sees it, read once."""
        waiting = uow.transaction.writes.latest(self._collection, document_id)
        if waiting is not None:
            return waiting
        known = uow.reads.known(self._name, document_id)
        if known is UNREAD:
            with translated(uow):
                known = await self._collection.find_one({"_id": document_id}, session=uow.session)
            uow.reads.keep(self._name, document_id, known)
        return known
