"""The outbox over MongoDB: rows, the counters that order them, and how far the broker has come."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from pymongo import ReturnDocument, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from vivavoce.chassis.emissions import Emission, by_aggregate, numbered
from vivavoce.chassis.mongo_documents import MongoUnitOfWork, translated
from vivavoce.chassis.outbox import Acknowledged, Backlog, OutboxRow
from vivavoce.chassis.stored import Stored, moment

ROWS = "outbox"
COUNTERS = "outbox_counters"
MARKS = "outbox_marks"
ORDER = (("created_at", 1), ("sequence", 1))
REQUEUE_BATCH = 1000


class MongoOutbox:
    """Implements the Outbox port; `write` is for the database's own commit."""

    def __init__(self, database: AsyncDatabase[Stored]) -> None:
        self._database = database
        self._rows = database[ROWS]
        self._counters = database[COUNTERS]
        self._marks = database[MARKS]
        self._written = asyncio.Event()

    @property
    def written(self) -> asyncio.Event:
        """Set when this process commits rows; the relay clears it before it reads."""
        return self._written

    async def write(self, emissions: Sequence[Emission], now: datetime, uow: MongoUnitOfWork) -> None:
        """Store the emissions in the transaction, each with its place in its aggregate."""
        rows: list[OutboxRow] = []
        with translated(uow):
            for aggregate, group in by_aggregate(emissions).items():
                last, created_at = await self._count(aggregate, len(group), now, uow.session)
                rows.extend(numbered(group, last, created_at))
            await self._rows.insert_many([_stored(row) for row in rows], session=uow.session)

    async def pending(self, limit: int) -> list[OutboxRow]:
        """Unsent rows, oldest first, read from one snapshot.

        A scan without a snapshot could pass the place of a row that is committed meanwhile, and
        still meet the row that follows it in the aggregate.
        """
        with translated():
            async with self._database.client.start_session() as session:
                await session.start_transaction(read_concern=ReadConcern("snapshot"))
                cursor = self._rows.find({"sent_at": None}, sort=list(ORDER), limit=limit, session=session)
                found = await cursor.to_list()
                await session.commit_transaction()
        return [_row(stored) for stored in found]

    async def mark_sent(self, rows: Sequence[Acknowledged], at: datetime) -> None:
        """Raise the high waters, then mark the rows: a crash between repeats rows, and loses none."""
        if not rows:
            return
        highest: dict[tuple[str, int], int] = {}
        for row in rows:
            place = (row.topic, row.partition)
            highest[place] = max(row.offset, highest.get(place, row.offset))
        with translated():
            await self._marks.bulk_write([_raise(*place, offset) for place, offset in highest.items()])
            await self._rows.update_many(
                {"_id": {"$in": [row.row_id for row in rows]}}, {"$set": {"sent_at": moment(at)}}
            )

    async def high_water(self, topic: str, partition: int) -> int | None:
        """The highest offset acknowledged in a partition, or None when there was none yet."""
        with translated():
            mark = await self._marks.find_one({"_id": f"{topic}/{partition}"})
        return None if mark is None else int(mark["offset"])

    async def high_waters(self) -> dict[tuple[str, int], int]:
        """The highest acknowledged offset of every (topic, partition)."""
        with translated():
            marks = await self._marks.find({}).to_list()
        return {(mark["topic"], mark["partition"]): int(mark["offset"]) for mark in marks}

    async def requeue_sent_since(self, since: datetime, topic: str | None = None) -> int:
        """Make rows pending again, then forget the high waters: a crash between is found again."""
        of_topic = {} if topic is None else {"topic": topic}
        sent = {"sent_at": {"$gte": moment(since)}, **of_topic}
        requeued = 0
        with translated():
            while ids := await self._ids(sent):
                result = await self._rows.update_many({"_id": {"$in": ids}}, {"$set": {"sent_at": None}})
                requeued += result.modified_count
            await self._marks.delete_many(of_topic)
        if requeued:
            self._written.set()
        return requeued

    async def backlog(self) -> Backlog:
        """The depth and age of what waits."""
        with translated():
            depth = await self._rows.count_documents({"sent_at": None})
            oldest = await self._rows.find_one({"sent_at": None}, sort=list(ORDER))
        return Backlog(depth, None if oldest is None else oldest["created_at"])

    async def _count(
        self, aggregate: str, by: int, now: datetime, session: AsyncClientSession
    ) -> tuple[int, datetime]:
        """Transactions of one aggregate meet at its counter, so the sequence is the commit order."""
        found = await self._counters.find_one_and_update(
            {"_id": aggregate},
            {"$inc": {"sequence": by}, "$max": {"at": moment(now)}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        counter = cast("Stored", found)  # never None: an absent counter is made
        return int(counter["sequence"]), counter["at"]

    async def _ids(self, where: dict[str, Any]) -> list[str]:
        found = await self._rows.find(where, projection=["_id"], limit=REQUEUE_BATCH).to_list()
        return [stored["_id"] for stored in found]


def _raise(topic: str, partition: int, offset: int) -> UpdateOne:
    return UpdateOne(
        {"_id": f"{topic}/{partition}"},
        {"$set": {"topic": topic, "partition": partition}, "$max": {"offset": offset}},
        upsert=True,
    )


def _stored(row: OutboxRow) -> Stored:
    return {
        "_id": row.id,
        "topic": row.topic,
        "key": row.key,
        "value": row.value,
        "headers": [[name, value] for name, value in row.headers],
        "event_id": row.event_id,
        "aggregate": row.aggregate,
        "sequence": row.sequence,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
    }


def _row(stored: Stored) -> OutboxRow:
    headers = tuple((name, value) for name, value in stored["headers"])
    fields = {name: value for name, value in stored.items() if name not in {"_id", "headers"}}
    return OutboxRow(id=stored["_id"], headers=headers, **fields)
