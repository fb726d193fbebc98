"""The media service without its network, models, broker and database server."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.support.facts import ANSWER, INTERVIEW, NOON
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.store import make_store
from vivavoce.chassis.subscriptions import FACT, Failure, Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import (
    FACTS,
    Envelope,
    Fact,
    PipelineProgress,
    Probe,
    RecordingIngested,
    RecordingRequested,
)
from vivavoce.media.adapters.scripted import ScriptedAnalyzer, ScriptedFetcher, ScriptedProber
from vivavoce.media.analysing import Analysing
from vivavoce.media.analysis import Analysis
from vivavoce.media.fetching import Fetched
from vivavoce.media.handlers import Handlers
from vivavoce.media.ingest import Ingest
from vivavoce.media.intake import Intake
from vivavoce.media.limits import RetryLimits
from vivavoce.media.ports import OnProgress
from vivavoce.media.progress import ProgressReporter
from vivavoce.media.workspace import Workspace

URL = "https://media.example.com/answer.mp4?signature=secret"
ORGANIZATION = "org_1"
Said = tuple[str, Fact]


class FetcherThatFails:
    """Raises the next of the errors at each fetch; when there are none left, it works."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.fetches = 0

    async def fetch(self, url: str, path: Path, on_progress: OnProgress) -> Fetched:
        """Write the address, unless an error is due."""
        self.fetches += 1
        if self.errors:
            raise self.errors.pop(0)
        return await ScriptedFetcher().fetch(url, path, on_progress)


class AnalyzerThatCounts:
    """The scripted analyzer, which remembers how often it was asked."""

    def __init__(self) -> None:
        self.analyses = 0

    async def analyse(self, path: Path, probe: Probe, on_progress: OnProgress) -> Analysis:
        """What the script says."""
        self.analyses += 1
        return await ScriptedAnalyzer().analyse(path, probe, on_progress)


@dataclass
class Audience:
    """Who hears of progress."""

    heard: list[PipelineProgress] = field(default_factory=list)

    async def publish_now(self, fact: Fact, context: Context) -> None:
        """Remember it."""
        assert isinstance(fact, PipelineProgress)
        self.heard.append(fact)


class MediaRig:
    """The service's parts, and what a test does to them."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(NOON)
        self.database = MemoryDatabase(source="/vivavoce/media", clock=self.clock)
        self.intakes = self.database.collection("intakes", Intake)
        self.store = make_store("memory:///")
        self.fetcher = FetcherThatFails()
        self.analyzer = AnalyzerThatCounts()
        self.audience = Audience()
        self.folder = folder
        progress, workspace = ProgressReporter(self.audience, self.clock), Workspace(str(folder))
        self.ingest = Ingest(
            fetcher=self.fetcher,
            prober=ScriptedProber(),
            store=self.store,
            workspace=workspace,
            progress=progress,
            limits=RetryLimits(fetch_tries=3, fetch_first_delay=2.0, fetch_patience=60.0),
            clock=self.clock,
        )
        analysing = Analysing(
            analyzer=self.analyzer, store=self.store, workspace=workspace, progress=progress
        )
        self.wakes = 0
        self.handlers = Handlers(
            collection=self.intakes, analysing=analysing, wake=self._count_wake, clock=self.clock
        )

    async def request(self, url: str = URL, event_id: str = "request-1") -> None:
        """Have `recording.requested` handled."""
        fact = RecordingRequested(interview_id=INTERVIEW, answer_id=ANSWER, url=url)
        received = arrived(fact, event_id)
        await self.database.transact(
            Context.caused_by(received.envelope), lambda uow: self.handlers.request(received, uow)
        )

    async def run_due(self) -> None:
        """Run the intake once, as the pool would, if it is due."""
        intake = await self.intake()
        if intake.due_at is None or intake.due_at > self.clock.now():
            return
        taken = intake.model_copy(update={"attempts": intake.attempts + 1})
        settle = await self.ingest.run(taken)

        async def store(uow: UnitOfWork) -> None:
            await self.intakes.save(await settle(uow, taken), uow)

        await self.database.transact(intake.context, store)

    async def analyse(self, event_id: str = "ingested-1") -> None:
        """Have the stored `recording.ingested` handled."""
        received = await self.ingested(event_id)
        features = await self.handlers.analyse(received)
        await self.database.transact(
            Context.caused_by(received.envelope),
            lambda uow: self.handlers.conclude(received, features, uow),
        )

    async def give_up(self, failure: Failure) -> None:
        """Have the analysis of the stored recording given up."""
        received = await self.ingested("ingested-1")
        await self.database.transact(
            Context.caused_by(received.envelope), lambda uow: self.handlers.give_up(received, failure, uow)
        )

    async def ingested(self, event_id: str) -> Received[RecordingIngested]:
        """The stored `recording.ingested`, as it comes off its topic."""
        fact = (await self.intake()).ingested
        assert fact is not None
        return arrived(fact, event_id)

    async def intake(self) -> Intake:
        """The answer's document."""
        found = await self.intakes.get(ORGANIZATION, ANSWER)
        assert found is not None
        return found

    async def said(self) -> list[Said]:
        """Every emitted fact with its event id, in order."""
        rows = await self.database.outbox.pending(100)
        return [(row.event_id or "", FACTS[row.topic].model_validate_json(row.value or b"")) for row in rows]

    async def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        await self.clock.advance(timedelta(seconds=seconds))

    def _count_wake(self) -> None:
        self.wakes += 1


def arrived(fact: FACT, event_id: str) -> Received[FACT]:
    """A fact with an envelope of the test's organization."""
    envelope = Envelope(
        id=event_id,
        type=fact.type,
        source="/vivavoce/test",
        time=NOON,
        subject=fact.key,
        organization_id=ORGANIZATION,
        correlation_id="correlation-1",
    )
    return Received(envelope, fact)
