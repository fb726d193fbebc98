"""Builds the read model anew from the topics, while the live gateway goes on.

Only what facts tell comes back. What the gateway was told by callers, such as submissions and keys, is its
own state and on no topic.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from vivavoce.chassis.correlation import Context, bound
from vivavoce.chassis.errors import NotFound, VivaError
from vivavoce.chassis.kafka_history import (
    ends_of,
    history_reader,
    read_between,
    starts_of,
    time_of,
)
from vivavoce.chassis.kafka_listener import to_record
from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.kafka_wire import connection_options
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.reading import Undecodable, read_fact, redrive_of
from vivavoce.chassis.retry import GaveUp, Patience
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.subscriptions import Failure, Received, Subscription
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.chassis.wire import Record
from vivavoce.gateway.interviews.projections import Repetition

MARGIN = timedelta(minutes=1)
"""A broker may tell for a time the batch after the one that has it; what is too early is left out."""

log = get_logger(__name__)


class ReplayReport(BaseModel):
    """What became of the facts that were read.

    `unchanged` said nothing new. `repeated` lay on the topic twice. `ignored` were sent again for another
    group. `undecodable` ones can't be read; they were put aside when they came, and are not again.
    `unknown` speak of interviews that aren't here. `failed` could not be applied.
    """

    model_config = ConfigDict(frozen=True)

    read: int
    applied: int = 0
    unchanged: int = 0
    repeated: int = 0
    ignored: int = 0
    undecodable: int = 0
    unknown: int = 0
    failed: int = 0
    dry_run: bool = False


class _TakenBack(Exception):
    """Ends a transaction of a dry run."""


@dataclass
class Replay:
    """One run over the rows of a group. `repetition` is what the rows' projections were made with.

    The run has an inbox of its own, in memory: each fact is applied once in it, in the order of its
    partition, whatever the group's inbox says. Dead letters are neither written nor read.
    """

    group: str
    rows: Mapping[str, Subscription]
    database: Database
    repetition: Repetition
    patience: Patience
    dry_run: bool = False
    _handled: set[str] = field(default_factory=set)

    async def run(self, records: AsyncIterator[Record]) -> ReplayReport:
        """Apply the facts in these messages; raises HandBack when the database is away for too long."""
        outcomes: Counter[str] = Counter()
        async for record in records:
            outcomes[await self._settle(record)] += 1
        return ReplayReport(read=outcomes.total(), dry_run=self.dry_run, **outcomes)

    async def _settle(self, record: Record) -> str:
        redrive = redrive_of(record)
        if redrive is not None and redrive[0] != self.group:
            return "ignored"
        try:
            received = read_fact(record, self.rows)
        except Undecodable:
            return "undecodable"
        if received.envelope.id in self._handled:
            return "repeated"
        self._handled.add(received.envelope.id)
        context = Context.caused_by(received.envelope)
        with bound(context):
            try:
                return await self._apply(received, self.rows[received.envelope.type], context)
            except GaveUp as gave_up:
                return self._given_up(received, gave_up.error)

    def _given_up(self, received: Received[Any], error: VivaError) -> str:
        if isinstance(error, NotFound):
            return "unknown"
        log.error("fact_not_replayed", event_id=received.envelope.id, error=error.code, reason=error.message)
        return "failed"

    async def _apply(self, received: Received[Any], row: Subscription, context: Context) -> str:
        prepared, failure = None, None
        if row.prepare is not None:
            prepare = row.prepare
            try:
                prepared = await self.patience.persist(lambda: prepare(received), tries=row.tries)
            except GaveUp as gave_up:
                if row.failed is None:
                    raise
                failure = Failure(gave_up.error, gave_up.attempts)

        async def conclude(uow: UnitOfWork) -> None:
            self.repetition.changed = False
            if failure is not None and row.failed is not None:
                await row.failed(received, failure, uow)
            else:
                await row.conclude(received, prepared, uow)
            if self.dry_run:
                raise _TakenBack

        await self.patience.persist(lambda: self._transact(context, conclude), tries=row.tries)
        return "applied" if self.repetition.changed else "unchanged"

    async def _transact(self, context: Context, work: Any) -> None:
        try:
            await self.database.transact(context, work)
        except _TakenBack:
            return


async def records_between(
    settings: ServiceSettings, topics: list[str], since: datetime, until: datetime | None
) -> AsyncIterator[Record]:
    """The messages put on the topics since a time, up to another or to the ends of now.

    In order within each partition, read without a group. Raises InfrastructureAway.
    """
    async with history_reader(connection_options(settings)) as consumer:
        partitions = await existing_partitions(consumer, topics)
        ends = await ends_of(consumer, partitions)
        starts = await starts_of(consumer, partitions, since - MARGIN)
        async for found in read_between(consumer, starts, ends):
            at = time_of(found)
            if at >= since and (until is None or at < until):
                yield to_record(found)
