"""The shared counters over MongoDB: a document each, changed by one atomic update."""

from datetime import datetime

from pymongo import WriteConcern, timeout
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from vivavoce.chassis.counters import Counted
from vivavoce.chassis.mongo_documents import translated
from vivavoce.chassis.stored import Stored, moment

COUNTERS = "counters"
SECONDS = 1.0
"""How long an addition may take: whoever waits for one has a caller that waits."""


class MongoCounters:
    """Implements the Counters port.

    The condition is part of the update, so that no two processes take the same rest. An update and a read
    by id, for the embedded database reads a whole collection to find and modify. Acknowledged by one
    node: after a failover a quota may be a little wider.
    """

    def __init__(self, database: AsyncDatabase[Stored]) -> None:
        self._counters = database.get_collection(
            COUNTERS, write_concern=WriteConcern(w=1), read_concern=ReadConcern("local")
        )

    async def add(self, name: str, amount: int, *, expires_at: datetime, most: int | None = None) -> Counted:
        """Add to a counter, if its total stays within `most`."""
        with translated(), timeout(SECONDS):
            added = (most is None or amount <= most) and await self._add(name, amount, expires_at, most)
            found = await self._counters.find_one({"_id": name})
        return Counted(added, found["total"] if found else 0)

    async def _add(self, name: str, amount: int, expires_at: datetime, most: int | None) -> bool:
        """Whether the amount fitted. A second try tells a full counter from one that was just begun."""
        where: Stored = {"_id": name} if most is None else {"_id": name, "total": {"$lte": most - amount}}
        change = {"$inc": {"total": amount}, "$setOnInsert": {"expires_at": moment(expires_at)}}
        try:
            await self._counters.update_one(where, change, upsert=True)
        except DuplicateKeyError:
            result = await self._counters.update_one(where, change)
            return result.modified_count == 1
        return True
