"""The inbox and the leases in memory."""

from datetime import datetime

from vivavoce.chassis.inbox import AlreadyHandled
from vivavoce.chassis.memory_documents import MemoryTables, memory_uow
from vivavoce.chassis.stored import moment
from vivavoce.chassis.uow import UnitOfWork

INBOX = "inbox"


class MemoryInbox:
    """Implements the Inbox port."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables

    async def seen(self, consumer: str, event_id: str) -> bool:
        """Whether the consumer has handled the event."""
        self._tables.check()
        return f"{consumer}/{event_id}" in self._tables.table(INBOX)

    async def mark(self, consumer: str, event_id: str, uow: UnitOfWork) -> None:
        """Note, in this commit, that the consumer has handled the event, or end with AlreadyHandled."""
        self._tables.check()
        own = memory_uow(uow)
        mark_id = f"{consumer}/{event_id}"
        if mark_id in own.seen(INBOX):
            own.refuse(AlreadyHandled(f"{consumer} has handled event {event_id}"))
        else:
            own.write(INBOX, mark_id, {"_id": mark_id, "handled_at": moment(self._tables.clock.now())})


class MemoryLeases:
    """Implements the Leases port."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables
        self._leases: dict[str, tuple[str, datetime]] = {}

    async def acquire(self, name: str, owner: str, until: datetime) -> bool:
        """Take or prolong a lease; False while another owner's has not ended."""
        self._tables.check()
        holder, ends = self._leases.get(name, (owner, until))
        if holder != owner and ends > self._tables.clock.now():
            return False
        self._leases[name] = (owner, until)
        return True

    async def release(self, name: str, owner: str) -> None:
        """Give the lease back, if the owner still has it."""
        self._tables.check()
        if self._leases.get(name, ("", None))[0] == owner:
            del self._leases[name]
