"""The wired service: its fetchers, prober and store against a web site, with scripted models."""

import asyncio
from pathlib import Path

import pytest

from tests.support.facts import ANSWER, INTERVIEW
from tests.support.made_recordings import make_recording
from tests.support.media_rig import ORGANIZATION, Audience, arrived
from tests.support.recording_site import Site
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.store import make_store
from vivavoce.contracts import FACTS, Fact, RecordingIngested, RecordingRejected, RecordingRequested
from vivavoce.media.app import Parts, build, make_edges
from vivavoce.media.settings import Measure, MediaSettings
from vivavoce.media.subscriptions import QUICK

SECONDS = 30


class Wired:
    """A service over twins of the database and the broker, with its pool running."""

    def __init__(self, folder: Path) -> None:
        settings = MediaSettings(
            allow_loopback_fetch=True,
            media_analyzer=Measure.SCRIPTED,
            work_folder=str(folder),
            fetch_poll=0.02,
            fetch_idle_timeout=1.0,
        )
        self.database = MemoryDatabase(source="/vivavoce/media", clock=SystemClock())
        self.store = make_store("memory:///")
        self.edges = make_edges(settings)
        self.parts = Parts(settings, self.database, self.store, Audience(), SystemClock(), self.edges)

    async def outcome_of(self, url: str) -> Fact:
        """What is said about an address when it has been fetched."""
        background = (self.parts.pool.run_forever, *self.edges.background)
        tasks = [asyncio.ensure_future(run()) for run in background]
        try:
            async with asyncio.timeout(SECONDS):
                await self._request(url)
                await self.database.outbox.written.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        [row] = await self.database.outbox.pending(10)
        return FACTS[row.topic].model_validate_json(row.value or b"")

    async def _request(self, url: str) -> None:
        received = arrived(RecordingRequested(interview_id=INTERVIEW, answer_id=ANSWER, url=url), "request-1")
        await self.database.transact(
            Context.caused_by(received.envelope), lambda uow: self.parts.handlers.request(received, uow)
        )


@pytest.fixture
def wired(tmp_path: Path) -> Wired:
    return Wired(tmp_path / "work")


async def test_a_recording_on_the_web_is_ingested(wired: Wired, tmp_path: Path) -> None:
    recording = make_recording(tmp_path / "a.mp4").read_bytes()
    async with Site(recording).running() as site:
        said = await wired.outcome_of(site.url("breaks-once"))
    assert isinstance(said, RecordingIngested)
    assert said.probe.video_codec == "mpeg4"
    assert await wired.store.get(said.recording) == recording
    intake = await wired.parts.intakes.get(ORGANIZATION, ANSWER)
    assert intake is not None
    assert (intake.due_at, intake.lease_owner) == (None, None)


async def test_what_is_no_recording_is_rejected(wired: Wired) -> None:
    async with Site().running() as site:
        said = await wired.outcome_of(site.url("file"))
    assert isinstance(said, RecordingRejected)
    assert said.reason == "not_media"


async def test_building_the_service_connects_to_nothing(tmp_path: Path) -> None:
    service = build(MediaSettings(store_url=tmp_path.as_uri(), http_port=1))
    analysis = service.groups[1].rows[0]
    assert [group.name for group in service.groups] == ["ingest", "analysis"]
    assert service.groups[0].rows[0].within == QUICK
    assert analysis.within.total_seconds() > 3600
