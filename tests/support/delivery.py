"""Small services, messages and handlers for whatever is tested over a broker."""

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from tests.support.databases import ACME, CONTEXT, NOON, SOURCE, until
from vivavoce.chassis.broker import make_broker, to_parcel
from vivavoce.chassis.clock import Clock, ManualClock, SystemClock
from vivavoce.chassis.consumer import Consumer
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.groups import make_consumer
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.outbox import OutboxRow
from vivavoce.chassis.retry import Backoff, Patience
from vivavoce.chassis.service import Service
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.subscriptions import FACT, Group, Received, Subscription
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.chassis.wire import Parcel, Record
from vivavoce.contracts import Envelope, Fact

SOON = timedelta(seconds=20)
_numbers = itertools.count(1)


class Heard:
    """A handler whose effect is to remember what it was given, and that fails as often as it is told to."""

    def __init__(self, *failures: Exception, emits: Fact | None = None) -> None:
        self.received: list[Received[Any]] = []
        self.tries = 0
        self._failures = list(failures)
        self._emits = emits

    @property
    def ids(self) -> list[str]:
        """The event ids, in order."""
        return [received.envelope.id for received in self.received]

    async def __call__(self, received: Received[Any], uow: UnitOfWork) -> None:
        """Handle one fact."""
        self.tries += 1
        if self._failures:
            raise self._failures.pop(0)
        uow.after_commit(lambda: self.received.append(received))
        if self._emits is not None:
            uow.emit(self._emits)


def unique(prefix: str) -> str:
    """A name that no other test has."""
    return f"{prefix}-{next(_numbers)}"


def envelope(fact: Fact, event_id: str = "event-1") -> Envelope:
    """An envelope as another service would have put it around a fact."""
    return Envelope(
        id=event_id,
        type=fact.type,
        source="/vivavoce/elsewhere",
        time=NOON,
        subject=fact.key,
        organization_id=ACME,
        correlation_id="corr-9",
        version=fact.version,
    )


def parcel(fact: Fact, event_id: str = "event-1") -> Parcel:
    """A fact on its way."""
    return to_parcel(fact, envelope(fact, event_id))


def record(fact: Fact, event_id: str = "event-1", offset: int = 0) -> Record:
    """A fact as it comes off its topic."""
    sent = parcel(fact, event_id)
    return Record(sent.topic, 2, offset, sent.key, sent.value, sent.headers)


def memory_database(clock: Clock | None = None) -> MemoryDatabase:
    """An empty database whose clock stands still at noon, unless another is given."""
    return MemoryDatabase(source=SOURCE, clock=clock or ManualClock(NOON))


def consumer_of(
    *rows: Subscription, database: Database | None = None, clock: Clock | None = None, limit: float = 30.0
) -> Consumer:
    """A consumer of one group, which doesn't wait between tries."""
    clock = clock or ManualClock(NOON)
    return make_consumer(
        Group("work", rows),
        service_name="tested",
        database=database or memory_database(clock),
        patience=Patience(clock, Backoff(first=0, longest=0), limit=limit),
    )


def settings(name: str = "tested", **values: object) -> ServiceSettings:
    """Settings of a service that stops quickly."""
    given = {"service_name": name, "shutdown_grace": 5.0, "kafka_session_timeout": 3.0}
    return ServiceSettings.model_validate({**given, "mongodb_uri": SecretStr("unused"), **values})


def service(
    name: str = "tested",
    *,
    groups: Sequence[Group] = (),
    database: Database | None = None,
    clock: Clock | None = None,
    bootstrap_servers: str = "127.0.0.1:1",
    doorbells: Path | None = None,
    options: Mapping[str, object] | None = None,
    **parts: Any,
) -> Service:
    """A service over a database in memory; with a folder, its consumers are told when to look.

    `options` are further settings.
    """
    clock = clock or SystemClock()
    where = {"kafka_bootstrap_servers": bootstrap_servers, "kafka_doorbell_folder": doorbells}
    chosen = settings(name, **where, **(options or {}))
    return Service(
        chosen,
        database or memory_database(clock),
        make_broker(chosen),
        tuple(groups),
        clock=clock,
        **parts,
    )


async def pending(database: Database) -> list[OutboxRow]:
    """What the outbox has to publish."""
    return await database.outbox.pending(1000)


def headers_of(row: OutboxRow | Record) -> dict[str, str]:
    """Headers as text."""
    return {name: value.decode() for name, value in row.headers}


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[None]:
    """Run services until the end of the block; enters when their consumers have joined."""
    if not services:
        yield
        return
    async with services[0].lifespan(), running(*services[1:]):
        await until(lambda: joined(services[0]))
        yield


async def joined(running_service: Service) -> bool:
    """Whether all consumers of a service have joined their groups."""
    try:
        await running_service.all_checks()["consumers"]()
    except VivaError:
        return False
    return True


def of(interview: str, fact: FACT) -> FACT:
    """A fact about an interview and an answer of that name."""
    return fact.model_copy(update={"interview_id": interview, "answer_id": interview})


async def commit(by: Service, *emitted: Fact) -> None:
    """Emit facts in one unit of work, each under an id made of key, type and position."""

    async def emit(uow: UnitOfWork) -> None:
        for number, fact in enumerate(emitted):
            uow.emit(fact, event_id=f"{fact.key}/{fact.type}/{number}")

    await by.database.transact(CONTEXT, emit)
