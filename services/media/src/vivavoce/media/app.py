"""The composition root of the media service."""

import asyncio
from datetime import timedelta

from vivavoce.chassis.broker import Publisher, make_broker, source_of
from vivavoce.chassis.clock import Clock, SystemClock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.jobs import JOB_INDEXES, Pool
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.offload import Offload, in_thread
from vivavoce.chassis.service import Service
from vivavoce.chassis.store import ObjectStore, make_store
from vivavoce.chassis.uow import Database
from vivavoce.media.analysing import Analysing
from vivavoce.media.handlers import Handlers
from vivavoce.media.ingest import Ingest
from vivavoce.media.intake import Intake
from vivavoce.media.ports import Analyzer, Fetcher, Prober, ProgressPublisher
from vivavoce.media.progress import ProgressReporter
from vivavoce.media.settings import Measure, MediaSettings, Source
from vivavoce.media.subscriptions import subscriptions
from vivavoce.media.workspace import Workspace

LEASE = timedelta(seconds=30)
MOVING_TIME = timedelta(minutes=5)
PROBES_AT_ONCE = 2


class Processes:
    """The worker processes of this service, ended when it stops."""

    def __init__(self, settings: MediaSettings) -> None:
        self.probing = Offload(PROBES_AT_ONCE)
        self.analysing = Offload(settings.analysis_concurrency)

    async def hold(self) -> None:
        """Wait until cancelled, then end every process."""
        try:
            await asyncio.Event().wait()
        finally:
            await self.probing.close()
            await self.analysing.close()


def make_source(settings: MediaSettings, processes: Processes) -> tuple[Fetcher, Prober]:
    """Where recordings come from, and what looks into them."""
    if settings.media_source is Source.SCRIPTED:
        from vivavoce.media.adapters.scripted import ScriptedFetcher, ScriptedProber

        return ScriptedFetcher(), ScriptedProber()
    from vivavoce.media.adapters.av_probe import AvProber
    from vivavoce.media.adapters.http_fetcher import HttpFetcher

    return HttpFetcher(settings), AvProber(processes.probing, settings)


def make_analyzer(settings: MediaSettings, processes: Processes) -> Analyzer:
    """What measures recordings."""
    if settings.media_analyzer is Measure.SCRIPTED:
        from vivavoce.media.adapters.scripted import ScriptedAnalyzer

        return ScriptedAnalyzer()
    from vivavoce.media.adapters.process_analyzer import ProcessAnalyzer

    return ProcessAnalyzer(processes.analysing, settings.analysis, settings)


def make_pool(
    settings: MediaSettings, database: Database, intakes: Collection[Intake], ingest: Ingest, clock: Clock
) -> Pool[Intake]:
    """The fetchers: several at once, but not all of them for one organization."""
    return Pool(
        database,
        intakes,
        ingest.run,
        owner=settings.instance_name,
        clock=clock,
        concurrency=settings.fetch_concurrency,
        lease=LEASE,
        partition_of=lambda intake: intake.organization_id,
        per_partition=settings.fetch_concurrency_per_organization,
        context_of=lambda intake: intake.context,
        poll=timedelta(seconds=settings.fetch_poll),
    )


class Parts:
    """The service's rooms over a database, a store and a publisher; tests give it twins."""

    def __init__(
        self,
        settings: MediaSettings,
        database: Database,
        store: ObjectStore,
        publisher: ProgressPublisher,
        clock: Clock,
    ) -> None:
        self.processes = Processes(settings)
        self.workspace = Workspace(settings.work_folder)
        self.intakes = database.collection("intakes", Intake, JOB_INDEXES)
        progress = ProgressReporter(publisher, clock)
        fetcher, prober = make_source(settings, self.processes)
        self.ingest = Ingest(
            fetcher=fetcher,
            prober=prober,
            store=store,
            workspace=self.workspace,
            progress=progress,
            limits=settings,
            clock=clock,
        )
        self.pool = make_pool(settings, database, self.intakes, self.ingest, clock)
        analysing = Analysing(
            analyzer=make_analyzer(settings, self.processes),
            store=store,
            workspace=self.workspace,
            progress=progress,
        )
        self.handlers = Handlers(
            collection=self.intakes, analysing=analysing, wake=self.pool.wake, clock=clock
        )

    async def prepare(self) -> None:
        """Tidy up after processes that were killed."""
        await in_thread(self.workspace.sweep)


def build(settings: MediaSettings) -> Service:
    """Wire the service; connects to nothing yet."""
    clock = SystemClock()
    database = MongoDatabase(
        settings.mongodb_uri.get_secret_value(),
        settings.mongodb_database,
        source=source_of(settings.service_name),
        clock=clock,
    )
    broker = make_broker(settings)
    store = make_store(settings.store_url)
    publisher = Publisher(broker, service_name=settings.service_name, clock=clock)
    parts = Parts(settings, database, store, publisher, clock)
    longest = timedelta(seconds=settings.time_for(settings.max_duration)) + MOVING_TIME
    return Service(
        settings=settings,
        database=database,
        broker=broker,
        groups=subscriptions(parts.handlers, longest),
        background=(parts.pool.run_forever, parts.processes.hold),
        checks={"store": store.ping},
        prepare=(parts.prepare,),
    )
