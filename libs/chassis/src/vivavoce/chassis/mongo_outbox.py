"""The outbox over MongoDB: rows, the counters that order them, and how far the broker has come."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from pymongo import UpdateMany, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from vivavoce.chassis.emissions import Emission, by_aggregate, numbered
from vivavoce.chassis.errors import WriteConflict
from vivavoce.chassis.mongo_documents import MongoUnitOfWork, translated
from vivavoce.chassis.mongo_transactions import in_transaction
from vivavoce.chassis.mongo_writes import Write
from vivavoce.chassis.outbox import Acknowledged, Backlog, OutboxRow, Refusal, RefusedRow
from vivavoce.chassis.stored import Stored, moment
from vivavoce.chassis.wire import Place

ROWS = "outbox"
COUNTERS = "outbox_counters"
MARKS = "outbox_marks"
REFUSED = "outbox_refused"
ORDER = (("created_at", 1), ("sequence", 1))
REQUEUE_BATCH = 500


class MongoOutbox:
    """Implements the Outbox port; `write` is for the database's own commit."""

    def __init__(self, database: AsyncDatabase[Stored]) -> None:
        self._database = database
        self._rows = database[ROWS]
        self._counters = database[COUNTERS]
        self._marks = database[MARKS]
        self._refused = database[REFUSED]
        self._written = asyncio.Event()

    @property
    def written(self) -> asyncio.Event:
        """Set when this process commits rows; the relay clears it before it reads."""
        return self._written

    async def write(self, emissions: Sequence[Emission], now: datetime, uow: MongoUnitOfWork) -> None:
        """Store the emissions with the commit, each with its place in its aggregate.

        Transactions of one aggregate meet at its counter, so the sequence is the commit order.
        """
        groups = by_aggregate(emissions)
        with translated(uow):
            these = {"_id": {"$in": list(groups)}}
            counters = await self._counters.find(these, session=uow.session).to_list()
        counted = {counter["_id"]: counter for counter in counters}
        for aggregate, group in groups.items():
            counter = _advanced(aggregate, counted.get(aggregate), len(group), now)
            met = WriteConflict("another transaction began the order of the same aggregate")
            uow.write(Write(self._counters, counter, over={"_id": aggregate}, taken=met))
            for row in numbered(group, counter["sequence"], counter["at"]):
                uow.write(Write(self._rows, _stored(row)))

    async def pending(self, limit: int) -> list[OutboxRow]:
        """Unsent rows, oldest first, read from one snapshot.

        A scan without a snapshot could pass the place of a row that is committed meanwhile, and
        still meet the row that follows it in the aggregate.
        """
        with translated():
            cursor = self._rows.with_options(read_concern=ReadConcern("snapshot")).find(
                {"sent_at": None}, sort=list(ORDER), limit=limit, batch_size=limit
            )
            return [_row(stored) for stored in await cursor.to_list()]

    async def mark_sent(self, rows: Sequence[Acknowledged], at: datetime) -> None:
        """Raise the high waters and mark the rows by one command, in this order.

        It needs no transaction: what a crash leaves of it is true, and rows without a mark are sent again.
        """
        if not rows:
            return
        highest: dict[Place, int] = {}
        for row in rows:
            place = (row.topic, row.partition)
            highest[place] = max(row.offset, highest.get(place, row.offset))
        these = {"_id": {"$in": [row.row_id for row in rows]}}
        mark = UpdateMany(these, {"$set": {"sent_at": moment(at)}}, namespace=self._rows.full_name)
        with translated():
            await self._database.client.bulk_write([*map(self._raised, highest.items()), mark])

    async def set_aside(self, refusals: Sequence[Refusal], at: datetime) -> None:
        """Move rows that the broker refuses to a collection of their own, in one commit."""
        by_id = {refusal.row.id: refusal for refusal in refusals}
        these = {"_id": {"$in": list(by_id)}}
        instead = [_stored(refusal.instead) for refusal in refusals if refusal.instead is not None]

        async def move(session: AsyncClientSession) -> None:
            known = await self._refused.find(these, projection=["_id"], session=session).to_list()
            new = by_id.keys() - {row["_id"] for row in known}
            if new:
                await self._refused.insert_many(
                    [_stored_refusal(by_id[row_id], at) for row_id in sorted(new)], session=session
                )
            await self._rows.delete_many(these, session=session)
            if instead:
                await self._rows.insert_many(instead, session=session)

        if by_id:
            await in_transaction(self._database.client, move)

    async def refused(self, limit: int) -> list[RefusedRow]:
        """The rows that were set aside, oldest first."""
        with translated():
            found = await self._refused.find({}, sort=[("refused_at", 1)], limit=limit).to_list()
        return [
            RefusedRow(_row(stored), reason=stored["reason"], refused_at=stored["refused_at"])
            for stored in found
        ]

    async def send_again(self, row_ids: Sequence[str]) -> int:
        """Move rows that were set aside back to those that wait, in one commit."""
        these = {"_id": {"$in": list(row_ids)}}

        async def move(session: AsyncClientSession) -> int:
            found = await self._refused.find(these, session=session).to_list()
            if found:
                await self._rows.delete_many(these, session=session)
                await self._rows.insert_many([_stored(_row(row)) for row in found], session=session)
                await self._refused.delete_many(these, session=session)
            return len(found)

        moved = await in_transaction(self._database.client, move)
        if moved:
            self._written.set()
        return moved

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

        with translated():
            found = await self._rows.find(sent, projection=["_id"], sort=[("sent_at", 1)]).to_list()
        ids = [stored["_id"] for stored in found]
        for first in range(0, len(ids), REQUEUE_BATCH):
            await self._requeue(ids[first : first + REQUEUE_BATCH])
            self._written.set()
        with translated():
            await self._marks.delete_many(of_topic)
        return len(ids)

    async def backlog(self) -> Backlog:
        """The depth and age of what waits, and how much was set aside."""
        waiting: list[dict[str, object]] = [
            {"$match": {"sent_at": None}},
            {"$group": {"_id": None, "depth": {"$sum": 1}, "oldest": {"$min": "$created_at"}}},
        ]
        with translated():
            found = await (await self._rows.aggregate(waiting)).to_list()
            refused = await self._refused.count_documents({})
        depth, oldest = (found[0]["depth"], found[0]["oldest"]) if found else (0, None)
        return Backlog(depth, oldest, refused)

    async def _requeue(self, ids: list[str]) -> None:
        async def requeue(session: AsyncClientSession) -> None:
            these = {"_id": {"$in": ids}}
            await self._rows.update_many(these, {"$set": {"sent_at": None}}, session=session)

        await in_transaction(self._database.client, requeue)

    def _raised(self, reached: tuple[Place, int]) -> UpdateOne:
        (topic, partition), offset = reached
        change = {"$set": {"topic": topic, "partition": partition}, "$max": {"offset": offset}}
        this = {"_id": f"{topic}/{partition}"}
        return UpdateOne(this, change, upsert=True, namespace=self._marks.full_name)


def _advanced(aggregate: str, counter: Stored | None, by: int, now: datetime) -> Stored:
    """The counter after so many messages more; its time never goes back."""
    known = counter or {"sequence": 0, "at": moment(now)}
    return {"_id": aggregate, "sequence": known["sequence"] + by, "at": max(known["at"], moment(now))}


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


def _stored_refusal(refusal: Refusal, at: datetime) -> Stored:
    return {**_stored(refusal.row), "reason": refusal.reason, "refused_at": moment(at)}


def _row(stored: Stored) -> OutboxRow:
    headers = tuple((name, value) for name, value in stored["headers"])
    elsewhere = {"_id", "headers", "reason", "refused_at"}
    fields = {name: value for name, value in stored.items() if name not in elsewhere}
    return OutboxRow(id=stored["_id"], headers=headers, **fields)
