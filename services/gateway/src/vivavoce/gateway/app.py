"""The gateway's composition root: what it is made of, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI

from vivavoce.chassis.ask import Asker
from vivavoce.chassis.broker import make_broker, source_of
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.service import Service
from vivavoce.chassis.store import make_store
from vivavoce.gateway.interviews.projections import Projections
from vivavoce.gateway.interviews.sweeper import Sweeper
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.subscriptions import broadcasts, subscriptions
from vivavoce.gateway.web import make_app, make_parts


def build(settings: GatewaySettings) -> FastAPI:
    """The gateway over MongoDB and Kafka; its lifespan connects and starts what runs beside HTTP."""
    clock = SystemClock()
    name, owner = settings.service_name, settings.instance_name
    uri = settings.mongodb_uri.get_secret_value()
    database = MongoDatabase(uri, settings.mongodb_database, source=source_of(name), clock=clock)
    store = make_store(settings.store_url)
    broker = make_broker(settings)
    asker = Asker(broker, database, service_name=name, owner=owner, clock=clock)
    checks = {"mongo": database.ping, "kafka": broker.wire.ping, "store": store.ping}
    parts = make_parts(settings, database, asker, clock, checks)
    service = Service(
        settings,
        database,
        broker,
        groups=subscriptions(Projections(parts.interviews, store, clock)),
        broadcasts=broadcasts(parts.board),
        background=(Sweeper(database, parts.interviews, clock, settings).run_forever,),
        checks={"store": store.ping},
        asker=asker,
        clock=clock,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with service.lifespan():
            yield

    return make_app(replace(parts, readiness=service.all_checks()), lifespan)
