"""The composition root of the proctoring service."""

from vivavoce.chassis.broker import make_broker, source_of
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.service import Service
from vivavoce.chassis.store import make_store
from vivavoce.proctoring.adapters.stored_tracks import StoredTracks
from vivavoce.proctoring.handlers import Handlers
from vivavoce.proctoring.interview import Interview
from vivavoce.proctoring.settings import ProctoringSettings
from vivavoce.proctoring.subscriptions import subscriptions


def build(settings: ProctoringSettings) -> Service:
    """Wire the service; connects to nothing yet."""
    database = MongoDatabase(
        settings.mongodb_uri.get_secret_value(),
        settings.mongodb_database,
        source=source_of(settings.service_name),
        clock=SystemClock(),
    )
    store = make_store(settings.store_url)
    interviews = database.collection("interviews", Interview)
    handlers = Handlers(interviews, StoredTracks(store), settings.thresholds())
    return Service(
        settings=settings,
        database=database,
        broker=make_broker(settings),
        groups=subscriptions(handlers),
        checks={"store": store.ping},
    )
