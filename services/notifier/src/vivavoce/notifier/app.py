"""The composition root of the notifier."""

from contextlib import aclosing
from datetime import timedelta

from vivavoce.chassis.answers import answer
from vivavoce.chassis.broker import Broker, make_broker, source_of
from vivavoce.chassis.clock import Clock, SystemClock
from vivavoce.chassis.documents import Index
from vivavoce.chassis.jobs import JOB_INDEXES, Pool
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.sealing import Vault
from vivavoce.chassis.service import Service
from vivavoce.chassis.uow import Database
from vivavoce.contracts import ListWebhooks, RegisterWebhook
from vivavoce.notifier.adapters.http_sender import HttpSender
from vivavoce.notifier.deliveries import Delivery, Endpoint
from vivavoce.notifier.handlers import Handlers
from vivavoce.notifier.ports import Sender
from vivavoce.notifier.registration import Registration
from vivavoce.notifier.sending import Sending
from vivavoce.notifier.settings import NotifierSettings
from vivavoce.notifier.subscriptions import subscriptions

ENDPOINT_INDEXES = (Index((("organization_id", 1), ("created_at", 1))),)
DELIVERY_INDEXES = (
    *JOB_INDEXES,
    Index((("endpoint_id", 1), ("event_id", 1)), unique=True),
    Index((("organization_id", 1), ("endpoint_id", 1), ("updated_at", -1))),
    Index((("organization_id", 1), ("endpoint_id", 1), ("status", 1))),
)


class Parts:
    """The notifier's rooms over a database, a sender and a clock; tests give it twins."""

    def __init__(self, settings: NotifierSettings, database: Database, sender: Sender, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._sender = sender
        self.database = database
        self.endpoints = database.collection("endpoints", Endpoint, ENDPOINT_INDEXES)
        self.deliveries = database.collection("deliveries", Delivery, DELIVERY_INDEXES)
        vault = Vault(settings.notifier_private_key.get_secret_value())
        limit = settings.webhook_endpoints_per_organization
        self.registration = Registration(database, self.endpoints, self.deliveries, vault, settings, clock)
        self.sending = Sending(self.endpoints, sender, vault, settings, clock)
        self.pool = Pool(
            database,
            self.deliveries,
            self.sending.attempt,
            owner=settings.instance_name,
            clock=clock,
            concurrency=settings.webhook_concurrency,
            lease=timedelta(seconds=settings.webhook_lease),
            partition_of=lambda delivery: delivery.endpoint_id,
            per_partition=settings.webhook_concurrency_per_endpoint,
        )
        self.handlers = Handlers(self.endpoints, self.deliveries, clock, limit, self.pool.wake)

    def service(self, broker: Broker) -> Service:
        """The process that these parts make, on a broker."""
        return Service(
            settings=self._settings,
            database=self.database,
            broker=broker,
            groups=subscriptions(self.handlers),
            answers=(
                answer(RegisterWebhook, self.registration.register),
                answer(ListWebhooks, self.registration.list_all),
            ),
            background=(self._send_forever,),
            clock=self._clock,
        )

    async def _send_forever(self) -> None:
        async with aclosing(self._sender):
            await self.pool.run_forever()


def build(settings: NotifierSettings) -> Service:
    """Wire the service; connects to nothing yet."""
    clock = SystemClock()
    database = MongoDatabase(
        settings.mongodb_uri.get_secret_value(),
        settings.mongodb_database,
        source=source_of(settings.service_name),
        clock=clock,
    )
    parts = Parts(settings, database, HttpSender(settings, clock), clock)
    return parts.service(make_broker(settings))
