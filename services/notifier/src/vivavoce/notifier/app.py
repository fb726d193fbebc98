"""The composition root of the notifier."""

from contextlib import aclosing
from datetime import timedelta

from vivavoce.chassis.broker import Broker, make_broker, source_of
from vivavoce.chassis.clock import Clock, SystemClock
from vivavoce.chassis.jobs import Pool
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.sealing import Vault
from vivavoce.chassis.service import Service
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.notifier.adapters.http_sender import HttpSender
from vivavoce.notifier.answering import Means, Questions
from vivavoce.notifier.auditing import Audit
from vivavoce.notifier.backlog import Backlog
from vivavoce.notifier.deliveries import Delivery
from vivavoce.notifier.dispatch import Dispatch
from vivavoce.notifier.errand_runner import ErrandRunner
from vivavoce.notifier.followers import Followers
from vivavoce.notifier.handlers import Handlers
from vivavoce.notifier.lanes import Lanes
from vivavoce.notifier.leftovers import Leftovers
from vivavoce.notifier.pacing import Pacing
from vivavoce.notifier.ports import Sender
from vivavoce.notifier.retention import Retention
from vivavoce.notifier.sending import Ready, Sending
from vivavoce.notifier.settings import NotifierSettings
from vivavoce.notifier.settlement import Settlement
from vivavoce.notifier.standing import Rules
from vivavoce.notifier.subscriptions import subscriptions
from vivavoce.notifier.tables import Tables
from vivavoce.notifier.watch import Watch

ERRANDS_AT_ONCE = 8


class Parts:
    """The notifier's rooms over a database, a sender and a clock; tests give it twins."""

    def __init__(self, settings: NotifierSettings, database: Database, sender: Sender, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._sender = sender
        self.database = database
        self.tables = Tables(database)
        self.vault = Vault(settings.notifier_private_key.get_secret_value())
        self.retention = Retention(self.tables.organization_settings, settings.webhook_retention_days, clock)
        self.leftovers = Leftovers(database)
        self.backlog = Backlog(self.tables, clock)
        settle = timedelta(seconds=settings.webhook_order_settle)
        self.lanes = Lanes(self.tables, settle, clock)
        self.dispatch = Dispatch(self.tables, self.lanes, clock, self.wake, self._claim)
        self._assemble_handling()
        self._assemble_sending()
        self.questions = Questions(
            Means(
                settings=settings,
                database=database,
                tables=self.tables,
                dispatch=self.dispatch,
                retention=self.retention,
                sender=sender,
                vault=self.vault,
                audit=Audit(self.vault.key_for("audit digests")),
                clock=clock,
                wake_errands=self.wake_errands,
            )
        )

    def _assemble_handling(self) -> None:
        most_bytes = self._settings.webhook_max_body_bytes
        self.handlers = Handlers(
            self.tables, self.dispatch, self.retention, most_bytes, self._clock, self.wake_errands
        )
        self.followers = Followers(self.tables, self.dispatch, self.retention, self._clock)

    def _assemble_sending(self) -> None:
        tables, settings, clock = self.tables, self._settings, self._clock
        watch = Watch(tables, Rules.of(settings), clock, self.wake_errands)
        settlement = Settlement(tables, self.lanes, watch, settings, clock, self.wake)
        pacing = Pacing(self.database, tables.paces, clock)
        tells = settings.webhook_traceparent
        self.sending = Sending(tables, settlement, pacing, self._sender, self.vault, clock, tells_trace=tells)
        lease = timedelta(seconds=settings.webhook_lease)
        self.pool = Pool(
            self.database,
            tables.deliveries,
            self.sending.attempt,
            owner=settings.instance_name,
            clock=clock,
            concurrency=settings.webhook_concurrency,
            lease=lease,
            context_of=lambda delivery: delivery.context,
            name="deliver webhook",
            partition_of=lambda delivery: delivery.endpoint_id,
            partition_field="endpoint_id",
            per_partition=self._at_once,
        )
        self._assemble_errands(lease)

    def _assemble_errands(self, lease: timedelta) -> None:
        tables, settings, clock = self.tables, self._settings, self._clock
        self.errand_runner = ErrandRunner(tables, self.dispatch, clock, self.wake)
        self.errand_pool = Pool(
            self.database,
            tables.errands,
            self.errand_runner.run,
            owner=settings.instance_name,
            clock=clock,
            concurrency=ERRANDS_AT_ONCE,
            lease=lease,
            name="run errand",
            partition_of=lambda errand: errand.endpoint_id or errand.id,
        )

    def wake(self) -> None:
        """Look for due deliveries now, because one was committed."""
        self.pool.wake()

    def wake_errands(self) -> None:
        """Look for due errands now, because one was committed."""
        self.errand_pool.wake()

    def _claim(self, delivery: Delivery, ready: Ready, uow: UnitOfWork) -> Delivery:
        return self.pool.claim(delivery, uow, lambda leased: self.sending.first(leased, ready))

    def _at_once(self, delivery: Delivery) -> int:
        """How many attempts at the delivery's endpoint may be under way."""
        return delivery.concurrency or self._settings.webhook_concurrency_per_endpoint

    def service(self, broker: Broker) -> Service:
        """The process that these parts make, on a broker."""
        return Service(
            settings=self._settings,
            database=self.database,
            broker=broker,
            groups=subscriptions(self.handlers, self.followers),
            answers=self.questions.rows(),
            background=(self._send_forever, self.errand_pool.run_forever, self.backlog.run_forever),
            prepare=(self.leftovers.clear,),
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
