"""What a unit of work writes, gathered so that one command takes it to the database."""

import copy
from dataclasses import dataclass

from pymongo import InsertOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import ClientBulkWriteException, DuplicateKeyError

from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.mongo_errors import refused_write
from vivavoce.chassis.stored import Stored


@dataclass(frozen=True)
class Write:
    """A document to store: a new one, or with `over` in the place of what that condition finds, if anything.

    `taken` is what to raise when its id or a unique value is taken, instead of AlreadyExists.
    """

    collection: AsyncCollection[Stored]
    document: Stored
    over: Stored | None = None
    taken: VivaError | None = None

    def operation(self) -> InsertOne[Stored] | ReplaceOne[Stored]:
        """The write as one of many in a command."""
        namespace = self.collection.full_name
        if self.over is None:
            return InsertOne(self.document, namespace=namespace)
        return ReplaceOne(self.over, self.document, upsert=True, namespace=namespace)

    async def alone(self, session: AsyncClientSession) -> None:
        """Send the write as a command of its own."""
        if self.over is None:
            await self.collection.insert_one(self.document, session=session)
        else:
            await self.collection.replace_one(self.over, self.document, upsert=True, session=session)


class Writes:
    """The writes of one transaction that have not been sent yet, in their order."""

    def __init__(self) -> None:
        self._waiting: list[Write] = []
        self._latest: dict[str, dict[str, Stored]] = {}

    def add(self, write: Write) -> None:
        """Let the write wait."""
        self._waiting.append(write)
        self._latest.setdefault(write.collection.name, {})[write.document["_id"]] = write.document

    def concern(self, collection: AsyncCollection[Stored]) -> bool:
        """Whether some are to the collection, so that a search there would miss them."""
        return collection.name in self._latest

    def latest(self, collection: AsyncCollection[Stored], document_id: str) -> Stored | None:
        """What the last of them stores under an id, or None when none does."""
        return copy.deepcopy(self._latest.get(collection.name, {}).get(document_id))

    async def send(self, session: AsyncClientSession, *, first: bool) -> None:
        """Send them all. Raises the driver's errors, or the `taken` of the write that was refused.

        The `first` command of a transaction says from where it reads, which the embedded database
        (SecantusDB 0.7.0b3) doesn't take from one of many writes.
        """
        writes, self._waiting, self._latest = self._waiting, [], {}
        if writes and (first or len(writes) == 1):
            await _send_alone(writes.pop(0), session)
        if writes:
            await _send_together(writes, session)


async def _send_alone(write: Write, session: AsyncClientSession) -> None:
    try:
        await write.alone(session)
    except DuplicateKeyError as error:
        if write.taken is None:
            raise
        raise write.taken from error


async def _send_together(writes: list[Write], session: AsyncClientSession) -> None:
    try:
        await session.client.bulk_write([write.operation() for write in writes], session=session)
    except ClientBulkWriteException as error:
        told, place = refused_write(error)
        taken = writes[place].taken
        if taken is None or not isinstance(told, DuplicateKeyError):
            raise
        raise taken from error
