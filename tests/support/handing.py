"""Hands facts to a service's handlers as the broker would."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from vivavoce.chassis.broker import to_parcel
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.consumer import Consumer, consume
from vivavoce.chassis.groups import make_consumer
from vivavoce.chassis.retry import Backoff, Patience
from vivavoce.chassis.subscriptions import Group
from vivavoce.chassis.uow import Database
from vivavoce.chassis.wire import Record
from vivavoce.contracts import Envelope, Fact
from vivavoce.contracts.ids import new_id

START = datetime.fromisoformat("2026-03-02T12:00:00.123+00:00")
ORGANIZATION = "org_acme"
CORRELATION = "correlation-1"
FACT = TypeVar("FACT", bound=Fact)


class NoWait:
    """A clock that stands still until it is moved, on which waiting takes no time."""

    def __init__(self) -> None:
        self.manual = ManualClock(START)

    def now(self) -> datetime:
        """The time it stands at."""
        return self.manual.now()

    async def sleep(self, seconds: float) -> None:
        """Return at once."""


class Hand:
    """One service's consumers over one database, and what they have told."""

    def __init__(self, database: Database, clock: NoWait) -> None:
        self._database = database
        self._patience = Patience(clock, Backoff(first=0.0, longest=0.0))
        self._consumers: list[Consumer] = []

    def subscribe(self, groups: Sequence[Group]) -> None:
        """Consume by these tables."""
        self._consumers = [
            make_consumer(group, service_name="test", database=self._database, patience=self._patience)
            for group in groups
        ]

    async def bring(self, fact: Fact, *, event_id: str = "", organization: str = ORGANIZATION) -> None:
        """Deliver a fact once to every group that takes it, under a new event id unless one is given."""
        parcel = to_parcel(fact, envelope_of(fact, event_id or new_id(), organization))
        record = Record(parcel.topic, 0, 0, parcel.key, parcel.value, parcel.headers)
        for consumer in self._consumers:
            if fact.type in consumer.rows:
                await consume(record, consumer)

    async def told(self, kind: type[FACT]) -> list[tuple[str, FACT]]:
        """Every emitted fact of a kind, in order, with its event id."""
        rows = await self._database.outbox.pending(10_000)
        return [
            (row.event_id or "", kind.model_validate_json(row.value or b""))
            for row in rows
            if row.topic == kind.type
        ]

    async def one(self, kind: type[FACT]) -> FACT:
        """The only emitted fact of a kind."""
        found = await self.told(kind)
        assert len(found) == 1, f"{len(found)} facts of {kind.type}"
        return found[0][1]

    async def dead_letters(self) -> list[str]:
        """The topics of the dead letters so far."""
        rows = await self._database.outbox.pending(10_000)
        return [row.topic for row in rows if row.topic.endswith(".dlq")]


def envelope_of(fact: Fact, event_id: str, organization: str = ORGANIZATION) -> Envelope:
    """The envelope in which a fact arrives."""
    return Envelope(
        id=event_id,
        type=fact.type,
        source="/vivavoce/test",
        time=START,
        subject=fact.key,
        organization_id=organization,
        correlation_id=CORRELATION,
        version=fact.version,
    )
