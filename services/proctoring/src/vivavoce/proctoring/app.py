"""The composition root of the proctoring service."""

from vivavoce.chassis.broker import Broker, make_broker, source_of
from vivavoce.chassis.clock import Clock, SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.service import Service
from vivavoce.chassis.store import ObjectStore, open_store
from vivavoce.chassis.uow import Database
from vivavoce.proctoring.adapters.stored_tracks import StoredTracks
from vivavoce.proctoring.handlers import Handlers
from vivavoce.proctoring.interview import Interview
from vivavoce.proctoring.settings import ProctoringSettings
from vivavoce.proctoring.subscriptions import subscriptions


def assemble(
    settings: ProctoringSettings, database: Database, store: ObjectStore, broker: Broker, clock: Clock
) -> Service:
    """The service over whatever it stands on; tests give it twins."""
    interviews = database.collection("interviews", Interview)
    handlers = Handlers(interviews, StoredTracks(store), settings.thresholds())
    return Service(
        settings=settings,
        database=database,
        broker=broker,
        groups=subscriptions(handlers),
        checks={"store": store.ping},
        breakers=store.breakers,
        clock=clock,
    )


def build(settings: ProctoringSettings) -> Service:
    """Wire the service; connects to nothing yet."""
    clock = SystemClock()
    database = MongoDatabase(
        settings.mongodb_uri.get_secret_value(),
        settings.mongodb_database,
        source=source_of(settings.service_name),
        clock=clock,
    )
    return assemble(settings, database, open_store(settings, clock), make_broker(settings), clock)
