"""The gateway's composition root: what it is made of, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from fastapi import FastAPI

from vivavoce.chassis.ask import Asker
from vivavoce.chassis.broker import Broker, make_broker, source_of
from vivavoce.chassis.clock import Clock, SystemClock
from vivavoce.chassis.dead_letter_watch import DeadLetterWatch
from vivavoce.chassis.groups import make_consumer
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.retry import Patience
from vivavoce.chassis.service import Service
from vivavoce.chassis.store import ObjectStore, open_store
from vivavoce.chassis.uow import Database
from vivavoce.gateway.audit.keeping import Keeper
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.sequencer import Sequencer
from vivavoce.gateway.interviews.projections import Projections, Repetition
from vivavoce.gateway.interviews.repository import Interviews
from vivavoce.gateway.interviews.sweeper import Sweeper
from vivavoce.gateway.replay import Replay
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.subscriptions import broadcasts, subscriptions
from vivavoce.gateway.web import make_app, make_parts


@dataclass(frozen=True)
class Gateway:
    """The door, and what runs beside it."""

    app: FastAPI
    service: Service
    sweeper: Sweeper


def build(settings: GatewaySettings) -> FastAPI:
    """The gateway over MongoDB and Kafka; its lifespan connects and starts what runs beside HTTP."""
    clock = SystemClock()
    database = connect(settings, clock)
    store, broker = open_store(settings, clock), make_broker(settings)
    return assemble(settings, database, store, broker, clock).app


def build_replay(settings: GatewaySettings, *, dry_run: bool = False) -> Replay:
    """A replay over MongoDB and the object store; connects to nothing yet."""
    clock = SystemClock()
    store = open_store(settings, clock)
    return assemble_replay(settings, connect(settings, clock), store, clock, dry_run=dry_run)


def assemble_replay(
    settings: GatewaySettings, database: Database, store: ObjectStore, clock: Clock, *, dry_run: bool = False
) -> Replay:
    """The rows of the gateway's group over projections that know of the repetition."""
    repetition = Repetition()
    projections = Projections(Interviews(database), store, clock, settings, lambda _: None, repetition)
    audit = AuditLog(database, clock, settings.signing_secret.get_secret_value())
    (group,) = subscriptions(projections, Keeper(audit, repetition))
    patience, name = Patience(clock), settings.service_name
    consumer = make_consumer(group, service_name=name, database=database, patience=patience)
    return Replay(consumer.name, consumer.rows, database, repetition, patience, dry_run)


def connect(settings: GatewaySettings, clock: Clock) -> MongoDatabase:
    """The gateway's database; connects with the first operation."""
    uri, source = settings.mongodb_uri.get_secret_value(), source_of(settings.service_name)
    return MongoDatabase(uri, settings.mongodb_database, source=source, clock=clock)


def assemble(
    settings: GatewaySettings, database: Database, store: ObjectStore, broker: Broker, clock: Clock
) -> Gateway:
    """The gateway over whatever it stands on; tests give it twins."""
    name, owner = settings.service_name, settings.instance_name
    asker = Asker(broker, database, service_name=name, owner=owner, clock=clock)
    checks = {"mongo": database.ping, "kafka": broker.wire.ping, "store": store.ping}
    parts = make_parts(settings, database, asker, clock, checks)
    parts.health.watch(*store.breakers)
    access = parts.access
    sweeper = Sweeper(database, parts.interviews, clock, settings)
    secret = settings.signing_secret.get_secret_value()
    sequencer = Sequencer(database, parts.audit, clock, owner=owner, secret=secret)
    projections = Projections(parts.interviews, store, clock, settings, parts.board.changed)
    background = [sweeper.run_forever, sequencer.run_forever, DeadLetterWatch(settings, clock).run_forever]
    if parts.clerk_keys is not None:
        background.append(parts.clerk_keys.renew_forever)
    service = Service(
        settings,
        database,
        broker,
        groups=subscriptions(projections, Keeper(parts.audit)),
        broadcasts=broadcasts(parts.board, parts.following.completions, access, parts.health.heard),
        background=(*background, access.refresh_forever, access.write_forever),
        checks={"store": store.ping},
        breakers=parts.health.breakers,
        asker=asker,
        clock=clock,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.lifespan():
            yield
            await access.write_what_is_left()

    app = make_app(replace(parts, readiness=service.all_checks()), lifespan)
    return Gateway(app, service, sweeper)
