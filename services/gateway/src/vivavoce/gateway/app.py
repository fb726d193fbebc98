"""The gateway's composition root: what it is made of, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from vivavoce.chassis.ask import Asker
from vivavoce.chassis.broker import make_broker
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.service import Service
from vivavoce.chassis.store import make_store
from vivavoce.gateway.interviews.listening import ProgressListener
from vivavoce.gateway.interviews.projections import Projections
from vivavoce.gateway.interviews.sweeper import Sweeper
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.subscriptions import subscriptions
from vivavoce.gateway.web import make_app, make_parts


def build(settings: GatewaySettings) -> FastAPI:
    """The gateway over MongoDB and Kafka; its lifespan connects and starts what runs beside HTTP."""
    clock = SystemClock()
    database = MongoDatabase(
        settings.mongodb_uri.get_secret_value(),
        settings.mongodb_database,
        source="/vivavoce/gateway",
        clock=clock,
    )
    store = make_store(settings.store_url)
    broker = make_broker(settings)
    checks = {"mongo": database.ping, "kafka": broker.wire.ping, "store": store.ping}
    asker = Asker(broker, database, settings, clock)
    parts = make_parts(settings, database, asker, clock, checks)
    service = Service(
        settings=settings,
        database=database,
        broker=broker,
        groups=subscriptions(Projections(parts.interviews, store, clock)),
        background=(
            Sweeper(database, parts.interviews, clock, settings).run_forever,
            ProgressListener(broker.wire, parts.board, clock).run_forever,
        ),
        checks=checks,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.lifespan():
            yield

    return make_app(parts, lifespan)
