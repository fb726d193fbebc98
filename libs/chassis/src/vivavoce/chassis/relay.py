"""Publishes what units of work have committed: in order per key, again until it is acknowledged."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from vivavoce.chassis.broker import Broker
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.dead_letters import headers_without_value
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.message_spans import sending
from vivavoce.chassis.metrics import (
    OUTBOX_OLDEST,
    OUTBOX_PENDING,
    OUTBOX_REFUSED,
    RELAY_FAILURES,
    RELAY_REFUSALS,
    RELAYED,
    RESENT,
)
from vivavoce.chassis.outbox import SENT_ROWS_KEPT_DAYS, Acknowledged, OutboxRow, Refusal
from vivavoce.chassis.retry import Backoff
from vivavoce.chassis.uow import Database
from vivavoce.chassis.wire import Parcel, ParcelRefused, Place, Placed

LEASE = "relay"
LEASE_SECONDS = 20.0
BATCH_ROWS = 500
CONCURRENT_AGGREGATES = 100
POLL_SECONDS = 0.5
CHECK_SECONDS = 2.0
REPORT_SECONDS = 5.0

log = get_logger(__name__)


class LogForgotten(Exception):
    """The broker put a row at an offset that it had given away before: it has lost its log."""


@dataclass
class _Batch:
    """What the broker acknowledged and refused of one batch; `floor` is the high waters before it."""

    floor: dict[Place, int]
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    _places: set[tuple[str, int, int]] = field(default_factory=set)

    def add(self, row: OutboxRow, placed: Placed) -> None:
        """Note an acknowledgement; raises LogForgotten when its offset was given away before."""
        place = (row.topic, placed.partition, placed.offset)
        known = self.floor.get((row.topic, placed.partition), -1)
        if placed.offset <= known or place in self._places:
            raise LogForgotten(f"{row.topic}/{placed.partition} was at {known} and is at {placed.offset}")
        self._places.add(place)
        self.acknowledged.append(Acknowledged(row.id, *place))

    def high_waters(self) -> dict[Place, int]:
        """The highest offsets after the batch."""
        high_waters = dict(self.floor)
        for topic, partition, offset in self._places:
            high_waters[topic, partition] = max(offset, high_waters.get((topic, partition), -1))
        return high_waters


class Relay:
    """One service's relay. Of several replicas, the one that holds the lease publishes."""

    def __init__(self, database: Database, broker: Broker, *, owner: str, clock: Clock) -> None:
        self._database = database
        self._outbox = database.outbox
        self._broker = broker
        self._owner = f"{socket.gethostname()}/{owner}"
        self._clock = clock
        self._backoff = Backoff(first=0.1, longest=2.0)
        self._high_waters: dict[Place, int] | None = None
        self._lease_renewal_due = clock.now()
        self._check_due = clock.now()
        self._report_due = clock.now()
        self._stopping = False

    def stop(self) -> None:
        """Let `run_forever` return after the batch that it is at: a batch cut short is sent twice."""
        self._stopping = True
        self._outbox.written.set()

    async def run_forever(self) -> None:
        """Publish whatever is committed, until told to stop. What is away is waited for."""
        failures = 0
        while not self._stopping:
            try:
                published = await self.publish_once()
                failures = 0
            except VivaError as error:
                failures += 1
                published = 0
                if failures == 1:
                    log.warning("relay_waits", error=error.code, reason=error.message)
                await asyncio.sleep(self._backoff.seconds(failures))
            if published < BATCH_ROWS:
                await self._rest()

    async def publish_once(self) -> int:
        """Publish one batch of rows and return how many have left the queue; 0 without the lease.

        A row that the broker refuses for good is set aside, and those behind it go on.

        Before the first batch, and every few seconds, what the broker has is compared with what it
        acknowledged; when it has forgotten, all rows that are kept are sent again. Raises
        InfrastructureAway.
        """
        self._outbox.written.clear()  # also without the lease, or a replica would ask for it without a rest
        if not await self._holds_lease():
            self._high_waters = None
            return 0
        if self._high_waters is None or self._clock.now() >= self._check_due:
            await self._check_memory_of_broker()
        await self._report_backlog()
        rows = await self._outbox.pending(BATCH_ROWS)
        if not rows:
            return 0
        try:
            return await self._publish(rows)
        except LogForgotten as error:
            await self._send_all_again(str(error))
            return len(rows)

    async def flush(self, within: float) -> None:
        """Publish what is left, for at most some seconds, and give up the lease."""
        try:
            async with asyncio.timeout(within):
                while await self.publish_once():
                    pass
                await self._database.leases.release(LEASE, self._owner)
        except (VivaError, TimeoutError) as error:
            log.warning("relay_not_flushed", error=type(error).__name__)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._outbox.written.wait()

    async def _report_backlog(self) -> None:
        now = self._clock.now()
        if now < self._report_due:
            return
        self._report_due = now + timedelta(seconds=REPORT_SECONDS)
        backlog = await self._outbox.backlog()
        age = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        OUTBOX_PENDING.set(backlog.depth)
        OUTBOX_OLDEST.set(max(0.0, age))
        OUTBOX_REFUSED.set(backlog.refused)

    async def _holds_lease(self) -> bool:
        now = self._clock.now()
        if self._high_waters is not None and now < self._lease_renewal_due:
            return True
        held = await self._database.leases.acquire(LEASE, self._owner, now + timedelta(seconds=LEASE_SECONDS))
        if held:
            self._lease_renewal_due = now + timedelta(seconds=LEASE_SECONDS / 3)
        return held

    async def _publish(self, rows: Sequence[OutboxRow]) -> int:
        batch = _Batch(floor=dict(self._high_waters or {}))
        limit = asyncio.Semaphore(CONCURRENT_AGGREGATES)
        chains = [self._publish_in_order(chain, batch, limit) for chain in by_aggregate(rows)]
        ends = await asyncio.gather(*chains, return_exceptions=True)
        faults = [end for end in ends if isinstance(end, BaseException)]
        forgotten = next((fault for fault in faults if isinstance(fault, LogForgotten)), None)
        if forgotten is not None:
            raise forgotten
        await self._outbox.mark_sent(batch.acknowledged, self._clock.now())
        await self._outbox.set_aside(batch.refusals, self._clock.now())
        self._high_waters = batch.high_waters()
        for row in batch.acknowledged:
            RELAYED.labels(row.topic).inc()
        if faults:
            raise faults[0]
        return len(batch.acknowledged) + len(batch.refusals)

    async def _publish_in_order(
        self, chain: Sequence[OutboxRow], batch: "_Batch", limit: asyncio.Semaphore
    ) -> None:
        async with limit:
            for row in chain:
                try:
                    placed = await self._send(row)
                except ParcelRefused as error:
                    batch.refusals.append(_refusal(row, error))
                except VivaError:
                    RELAY_FAILURES.labels(row.topic).inc()
                    raise
                else:
                    batch.add(row, placed)

    async def _send(self, row: OutboxRow) -> Placed:
        with sending(row, self._clock.now()) as headers:
            return await self._broker.wire.send(Parcel(row.topic, row.key, row.value, headers))

    async def _check_memory_of_broker(self) -> None:
        if self._high_waters is None:
            self._high_waters = dict(await self._outbox.high_waters())
        forgotten = await self._broker.wire.forgotten(self._high_waters)
        if forgotten:
            await self._send_all_again(f"records are missing in {sorted(forgotten)[:3]}")
        self._check_due = self._clock.now() + timedelta(seconds=CHECK_SECONDS)

    async def _send_all_again(self, reason: str) -> None:
        """The topics come first: the embedded broker acknowledges sends to those it has forgotten.

        One lost partition stands for the whole log, since others may have been written to since.
        """
        log.warning("broker_forgot_its_log", reason=reason)
        await self._broker.wire.ensure_topics()
        since = self._clock.now() - timedelta(days=SENT_ROWS_KEPT_DAYS)
        count = await self._outbox.requeue_sent_since(since)
        self._high_waters = {}
        RESENT.inc(count)
        log.warning("rows_queued_again", count=count)


def _refusal(row: OutboxRow, error: ParcelRefused) -> Refusal:
    """The end of a row's way; of a dead letter, all but its value goes on."""
    RELAY_REFUSALS.labels(row.topic).inc()
    log.error("row_refused", topic=row.topic, row=row.id, event_id=row.event_id, reason=error.message)
    headers = headers_without_value(row.topic, row.value, row.headers)
    instead = None if headers is None else replace(row, value=None, headers=headers)
    return Refusal(row, error.message, instead)


def by_aggregate(rows: Iterable[OutboxRow]) -> list[list[OutboxRow]]:
    """The rows of each aggregate, in order; aggregates in the order of their first rows."""
    chains: dict[str, list[OutboxRow]] = {}
    for row in rows:
        chains.setdefault(row.aggregate, []).append(row)
    return list(chains.values())
