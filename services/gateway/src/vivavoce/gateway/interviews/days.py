"""The stored counts of days: one document per organization, day and partition, that no two writers share."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from vivavoce.chassis.documents import Collection, Document, Index
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import InterviewCompleted, InterviewSubmitted
from vivavoce.gateway.interviews import analytics
from vivavoce.gateway.interviews.analytics import Counts

MOST_BUCKETS = 100_000
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""No interview is older than the product."""
FIRST_LOOK = timedelta(days=31)
COUNTED_TYPES = (InterviewSubmitted.type, InterviewCompleted.type)


class DayBucket(Document):
    """What one partition of one topic has told of one day.

    A partition has one reader at a time, so that its bucket is written by one transaction at a time.
    """

    day: str
    counts: Counts


class Counted(Document):
    """That an interview's submission, or its end, has been counted; the id names both."""


class Days:
    """Counts each interview's submission and end once, and reads the counts of days."""

    def __init__(self, database: Database) -> None:
        self.buckets: Collection[DayBucket] = database.collection(
            "analytics_days", DayBucket, [Index((("organization_id", 1), ("day", 1)))]
        )
        self.counted: Collection[Counted] = database.collection("analytics_counted", Counted)

    async def read_ahead(self, received: Sequence[Received[Any]], uow: UnitOfWork) -> None:
        """Read at once which of the facts' interviews have been counted."""
        counted = [each for each in received if each.envelope.type in COUNTED_TYPES]
        if counted:
            await self.counted.read_ahead([_mark_of(each) for each in counted], uow)

    async def count_submission(self, received: Received[InterviewSubmitted], uow: UnitOfWork) -> bool:
        """Count an interview as submitted, once; returns whether this was the time."""
        at = received.fact.submitted_at
        return await self._count(received, at, analytics.with_submission, uow)

    async def count_end(
        self,
        received: Received[InterviewCompleted],
        end: InterviewCompleted,
        submitted_at: datetime,
        uow: UnitOfWork,
    ) -> bool:
        """Count an interview as ended, once; returns whether this was the time."""

        def grow(counts: Counts) -> Counts:
            return analytics.with_end(counts, end, submitted_at)

        return await self._count(received, end.completed_at, grow, uow)

    async def between(self, organization_id: str, days: analytics.Days) -> dict[str, Counts]:
        """The counts of each day that has any, by its ISO date."""
        span = {"$gte": days.first.isoformat(), "$lte": days.last.isoformat()}
        found = await self.buckets.find(organization_id, {"day": span}, sort=[("day", 1)], limit=MOST_BUCKETS)
        parts: dict[str, list[Counts]] = {}
        for bucket in found:
            parts.setdefault(bucket.day, []).append(bucket.counts)
        return {day: analytics.added(counts) for day, counts in parts.items()}

    async def first_moment(self, organization_id: str, now: datetime) -> datetime:
        """The beginning of the organization's first day with anything, as far as it has been counted."""
        begin, width = BEGINNING, FIRST_LOOK
        while begin <= now:
            span = {"$gte": begin.date().isoformat(), "$lt": (begin + width).date().isoformat()}
            found = await self.buckets.find(organization_id, {"day": span}, sort=[("day", 1)], limit=1)
            if found:
                return datetime.fromisoformat(found[0].day).replace(tzinfo=UTC)
            begin, width = begin + width, width * 2
        return BEGINNING

    async def _count(
        self, received: Received[Any], at: datetime, grow: Callable[[Counts], Counts], uow: UnitOfWork
    ) -> bool:
        envelope, mark = received.envelope, _mark_of(received)
        organization_id, day = envelope.organization_id, at.astimezone(UTC).date().isoformat()
        if await self.counted.get(organization_id, mark, uow) is not None:
            return False
        await self.counted.insert(Counted(id=mark, organization_id=organization_id), uow)
        bucket_id = f"{organization_id}/{day}/{envelope.type}/{received.partition}"
        known = await self.buckets.get(organization_id, bucket_id, uow)
        counts = grow(known.counts if known else Counts())
        bucket = DayBucket(id=bucket_id, organization_id=organization_id, day=day, counts=counts)
        await self.buckets.save(bucket, uow)
        return True


def _mark_of(received: Received[Any]) -> str:
    return f"{received.fact.interview_id}/{received.envelope.type}"
