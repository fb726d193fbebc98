"""The inbox and the leases over MongoDB: small documents whose ids are what they stand for."""

from datetime import datetime

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.inbox import AlreadyHandled
from vivavoce.chassis.mongo_documents import mongo_uow, translated
from vivavoce.chassis.mongo_writes import Write
from vivavoce.chassis.stored import Stored, moment
from vivavoce.chassis.uow import UnitOfWork

INBOX = "inbox"
LEASES = "leases"


class MongoInbox:
    """Implements the Inbox port."""

    def __init__(self, database: AsyncDatabase[Stored], clock: Clock) -> None:
        self._marks = database[INBOX]
        self._clock = clock

    async def seen(self, consumer: str, event_id: str) -> bool:
        """Whether the consumer has handled the event."""
        with translated():
            return await self._marks.find_one({"_id": _mark_id(consumer, event_id)}) is not None

    async def mark(self, consumer: str, event_id: str, uow: UnitOfWork) -> None:
        """Note, in this commit, that the consumer has handled the event, or end with AlreadyHandled."""
        mark = {"_id": _mark_id(consumer, event_id), "handled_at": moment(self._clock.now())}
        handled = AlreadyHandled(f"{consumer} has handled event {event_id}")
        mongo_uow(uow).write(Write(self._marks, mark, taken=handled))


class MongoLeases:
    """Implements the Leases port. One document update decides, so no transaction is needed."""

    def __init__(self, database: AsyncDatabase[Stored], clock: Clock) -> None:
        self._leases = database[LEASES]
        self._clock = clock

    async def acquire(self, name: str, owner: str, until: datetime) -> bool:
        """Take or prolong a lease; False while another owner's has not ended."""
        free = [{"owner": owner}, {"until": {"$lte": moment(self._clock.now())}}]
        with translated():
            try:
                await self._leases.update_one(
                    {"_id": name, "$or": free},
                    {"$set": {"owner": owner, "until": moment(until)}},
                    upsert=True,
                )
            except DuplicateKeyError:
                return False
        return True

    async def release(self, name: str, owner: str) -> None:
        """Give the lease back, if the owner still has it."""
        with translated():
            await self._leases.delete_one({"_id": name, "owner": owner})


def _mark_id(consumer: str, event_id: str) -> str:
    return f"{consumer}/{event_id}"
