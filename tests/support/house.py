"""All five services in memory, joined by their bus: what a story does with them, and what it sees."""

import asyncio
import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
from nacl.public import PrivateKey

from tests.support.courier import Courier
from tests.support.gateway import (
    ACME,
    AUDIENCE,
    GLOBEX,
    HOST,
    ISSUER,
    NOON,
    jwks_file,
    question,
    submission,
    token,
)
from tests.support.recording_sender import RecordingSender
from vivavoce.chassis.broker import Publisher, make_broker, source_of
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.memory_bus import MemoryBus, Reader
from vivavoce.chassis.store import make_store
from vivavoce.chassis.turn import TakeAll
from vivavoce.chassis.wire import Record
from vivavoce.contracts import FACTS, Envelope, Fact, Probe
from vivavoce.evaluation.adapters.scripted import ScriptedJudge
from vivavoce.evaluation.app import Parts as Evaluation
from vivavoce.evaluation.settings import EvaluationSettings
from vivavoce.gateway import app as gateway
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.media.adapters.scripted import ScriptedAnalyzer, ScriptedFetcher, ScriptedProber
from vivavoce.media.analysis import Analysis
from vivavoce.media.app import Edges
from vivavoce.media.app import Parts as Media
from vivavoce.media.ports import OnProgress
from vivavoce.media.settings import MediaSettings
from vivavoce.notifier.app import Parts as Notifier
from vivavoce.notifier.settings import NotifierSettings
from vivavoce.proctoring import app as proctoring
from vivavoce.proctoring.settings import ProctoringSettings

CORRELATION = "X-Correlation-ID"
STEP = timedelta(minutes=1)


class AnalysisBroke(VivaError):
    """The models fell over, as they might not the next time."""

    code = "analysis_broke"
    retryable = True


class StubbornAnalyzer(ScriptedAnalyzer):
    """The scripted analyzer, to which recordings named `breaks` are too much every time."""

    def __init__(self) -> None:
        super().__init__()
        self.broke = 0

    async def analyse(self, path: Path, probe: Probe, on_progress: OnProgress) -> Analysis:
        """What the script says; raises AnalysisBroke."""
        if b"/breaks" in await asyncio.to_thread(path.read_bytes):
            self.broke += 1
            raise AnalysisBroke("the models fell over")
        return await super().analyse(path, probe, on_progress)


@dataclass(frozen=True)
class Handed:
    """An interview as its caller knows it: who sent what, and the answer to it."""

    organization: str
    body: dict[str, Any]
    response: httpx.Response

    @property
    def id(self) -> str:
        """The interviewRecordId."""
        return str(self.response.json()["interviewRecordId"])

    @property
    def pipelines(self) -> list[str]:
        """The pipelineId of each answer, in order."""
        return [str(pipeline["pipelineId"]) for pipeline in self.response.json()["pipelines"]]


class House:
    """Five services with a database each, one store and one broker, on a clock that is moved by hand."""

    def __init__(self, folder: Path, **door: Any) -> None:
        self.clock = ManualClock(NOON)
        self.bus = MemoryBus()
        self.databases: dict[str, MemoryDatabase] = {}
        self.analyzer = StubbornAnalyzer()
        self.sender = RecordingSender(self.clock)
        self._store = make_store("memory:///")
        self._folder = folder
        self._key = PrivateKey.generate()
        self.notifier = self._open_notifier()
        self.media = self._open_media()
        self.evaluation = self._open_evaluation()
        self._open_proctoring()
        self.gateway = self._open_gateway(door)

    async def submit(
        self, *recordings: str, organization: str = ACME, request_id: str = "req-1", correlation: str = "c-1"
    ) -> Handed:
        """Hand in an interview with one answer per recording; its name tells the scripts what it is."""
        questions = [
            question(number, url=f"https://media.example/{number}/{name}.mp4?signature=secret")
            for number, name in enumerate(recordings, 1)
        ]
        body = submission(request_id, questions)
        return await self.hand_in(body, organization, correlation)

    async def hand_in(
        self, body: dict[str, Any], organization: str = ACME, correlation: str = "c-1"
    ) -> Handed:
        """Send a submission as it is."""
        async with self.caller(organization) as caller:
            headers = {CORRELATION: correlation}
            response = await caller.post("/api/interview-record", json=body, headers=headers)
        return Handed(organization, body, response)

    async def hook(self, url: str, organization: str = ACME) -> None:
        """Have every public fact delivered to an address."""
        events = ["score.generated", "interview.completed"]
        async with self.caller(organization) as caller:
            response = await caller.post("/api/webhooks/register", json={"url": url, "events": events})
        assert response.status_code == 201, response.text

    async def state(self, interview: Handed) -> dict[str, Any]:
        """What the gateway says about an interview."""
        async with self.caller(interview.organization) as caller:
            response = await caller.get(f"/api/interview-record/{interview.id}")
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def results(self, interview: Handed) -> list[dict[str, Any]]:
        """The result of every answer, in order; what isn't ready says `not_found`."""
        async with self.caller(interview.organization) as caller:
            found = [await caller.get(f"/api/job-result/by-job/{one}") for one in interview.pipelines]
        return [dict(response.json()) for response in found]

    def caller(self, organization: str = ACME) -> httpx.AsyncClient:
        """A program of an organization."""
        transport = httpx.ASGITransport(self.gateway.app, client=("203.0.113.9", 50_000))
        headers = {"Authorization": f"Bearer {token(organization)}"}
        return httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers)

    async def settle(self) -> None:
        """Let everybody work until nobody has anything left to do."""
        await self.bus.settle()
        while await self.run_due():
            await self.bus.settle()

    async def settle_by_chance(self, chance: Random, *, forget_after: int | None = None) -> None:
        """Like `settle`, but facts come in any order and many of them again.

        The broker loses its log after some rounds, if that is asked for.
        """
        await Courier(self.bus, chance, self.run_due).settle(forget_after)

    async def run_due(self) -> int:
        """Fetch and send what is due; how much that was."""
        return await self.media.pool.run_due() + await self.notifier.pool.run_due()

    async def wait(self, **duration: float) -> None:
        """Let time pass, and whatever looks after things now and then do so once a minute."""
        left = timedelta(**duration)
        while left:
            step = min(left, STEP)
            await self.clock.advance(step)
            await self.gateway.sweeper.sweep()
            await self.evaluation.caretaker.look()
            await self.settle()
            left -= step

    @contextmanager
    def losing(self, service: str, *kinds: type[Fact], about: str = "") -> Iterator[None]:
        """Until the end of the block, what a service would be handed of these facts, or all, is lost.

        Of those facts only the ones that speak `about` an id, when there is one.
        """
        topics = {kind.type for kind in kinds or FACTS.values()}
        readers = [reader for reader in self.bus.readers if reader.name.startswith(f"{service}.")]
        takes = [reader.take for reader in readers]
        for reader in readers:
            reader.take = _take_unless_lost(reader, topics, about.encode())
        yield
        for reader, take in zip(readers, takes, strict=True):
            reader.take = take

    def published(self, *kinds: type[Fact]) -> list[Envelope]:
        """The envelopes of these facts, or of all, as they lie on their topics."""
        topics = sorted(kind.type for kind in kinds or FACTS.values())
        return [envelope_of(record) for topic in topics for record in self.bus.records(topic)]

    def _open_notifier(self) -> Notifier:
        key = base64.b64encode(bytes(self._key)).decode()
        options = {"notifier_private_key": key, "webhook_ownership": "off"}
        settings = NotifierSettings.model_validate(options)
        parts = Notifier(settings, self._database("notifier"), self.sender, self.clock)
        self.bus.connect(parts.service(make_broker(settings)))
        return parts

    def _open_media(self) -> Media:
        settings = MediaSettings(service_name="media", work_folder=str(self._folder / "work"))
        broker = make_broker(settings)
        publisher = Publisher(broker, service_name="media", clock=self.clock)
        edges = Edges(ScriptedFetcher(), ScriptedProber(), self.analyzer)
        parts = Media(settings, self._database("media"), self._store, publisher, self.clock, edges)
        self.bus.connect(parts.service(broker))
        return parts

    def _open_evaluation(self) -> Evaluation:
        settings = EvaluationSettings()
        broker = make_broker(settings)
        publisher = Publisher(broker, service_name="evaluation", clock=self.clock)
        database = self._database("evaluation")
        parts = Evaluation(settings, database, self._store, publisher, ScriptedJudge(), self.clock)
        self.bus.connect(parts.service(broker))
        return parts

    def _open_proctoring(self) -> None:
        settings = ProctoringSettings()
        database, broker = self._database("proctoring"), make_broker(settings)
        self.bus.connect(proctoring.assemble(settings, database, self._store, broker, self.clock))

    def _open_gateway(self, door: dict[str, Any]) -> gateway.Gateway:
        options = {
            "token_jwks_file": jwks_file(self._folder),
            "token_issuer": ISSUER,
            "token_audience": AUDIENCE,
            "attested_consent_organizations": (ACME, GLOBEX),
            "notifier_public_key": base64.b64encode(bytes(self._key.public_key)).decode(),
        }
        settings = GatewaySettings.model_validate({**options, **door})
        database, broker = self._database("gateway"), make_broker(settings)
        opened = gateway.assemble(settings, database, self._store, broker, self.clock)
        self.bus.connect(opened.service)
        return opened

    def _database(self, service: str) -> MemoryDatabase:
        return self.databases.setdefault(service, MemoryDatabase(source=source_of(service), clock=self.clock))


def _take_unless_lost(reader: Reader, topics: set[str], about: bytes) -> TakeAll:
    take = reader.take

    async def take_or_lose(records: Sequence[Record]) -> int:
        kept = [one for one in records if one.topic not in topics or about not in (one.value or b"")]
        while kept:
            kept = kept[await take(kept) :]
        return len(records)

    return take_or_lose


def envelope_of(record: Record) -> Envelope:
    """What a record's headers say."""
    return Envelope.from_headers({name: value.decode() for name, value in record.headers})
