"""The composition root of the media service."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from vivavoce.chassis.broker import Broker, Publisher, make_broker, source_of
from vivavoce.chassis.clock import Clock, SystemClock
from vivavoce.chassis.documents import Collection
from vivavoce.chassis.jobs import JOB_INDEXES, Pool
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.offline import seal
from vivavoce.chassis.offload import Offload, in_thread
from vivavoce.chassis.service import Background, Service
from vivavoce.chassis.store import ObjectStore, open_store
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
        self.probing = Offload(PROBES_AT_ONCE, initializer=seal if settings.analysis.sealed else None)
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
    from vivavoce.media.adapters.process_analyzer import ProcessAnalyzer
    from vivavoce.media.adapters.scripted import ScriptedAnalyzer
    from vivavoce.media.adapters.sparing import SparingAnalyzer

    models = ProcessAnalyzer(processes.analysing, settings.analysis, settings, settings.max_pixels)
    script = ScriptedAnalyzer(settings.scripted_analysis_seconds)
    named: Mapping[Measure, Analyzer] = {
        Measure.MODELS: models,
        Measure.SCRIPTED: script,
        Measure.SPARING: SparingAnalyzer(models, script, settings.sparing_seconds),
    }
    return named[settings.media_analyzer]


@dataclass(frozen=True)
class Edges:
    """What touches the world outside, and what runs beside the service for its sake."""

    fetcher: Fetcher
    prober: Prober
    analyzer: Analyzer
    background: Sequence[Background] = ()


def make_edges(settings: MediaSettings) -> Edges:
    """The edges that the settings name; starts nothing yet."""
    processes = Processes(settings)
    fetcher, prober = make_source(settings, processes)
    return Edges(fetcher, prober, make_analyzer(settings, processes), (processes.hold,))


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
        name="fetch recording",
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
        edges: Edges,
    ) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._clock = clock
        self._edges = edges
        self.workspace = Workspace(settings.work_folder)
        self.intakes = database.collection("intakes", Intake, JOB_INDEXES)
        progress = ProgressReporter(publisher, clock)
        self.ingest = Ingest(
            fetcher=edges.fetcher,
            prober=edges.prober,
            store=store,
            workspace=self.workspace,
            progress=progress,
            limits=settings,
            clock=clock,
        )
        self.pool = make_pool(settings, database, self.intakes, self.ingest, clock)
        analysing = Analysing(
            analyzer=edges.analyzer, store=store, workspace=self.workspace, progress=progress
        )
        self.handlers = Handlers(
            collection=self.intakes, analysing=analysing, wake=self.pool.wake, clock=clock
        )

    async def prepare(self) -> None:
        """Tidy up after processes that were killed."""
        await in_thread(self.workspace.sweep)

    def service(self, broker: Broker) -> Service:
        """The process that these parts make, on a broker."""
        settings = self._settings
        longest = timedelta(seconds=settings.time_for(settings.max_duration)) + MOVING_TIME
        return Service(
            settings=settings,
            database=self._database,
            broker=broker,
            groups=subscriptions(self.handlers, longest),
            background=(self.pool.run_forever, *self._edges.background),
            checks={"store": self._store.ping},
            breakers=self._store.breakers,
            prepare=(self.prepare,),
            clock=self._clock,
        )


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
    store = open_store(settings, clock)
    publisher = Publisher(broker, service_name=settings.service_name, clock=clock)
    return Parts(settings, database, store, publisher, clock, make_edges(settings)).service(broker)
