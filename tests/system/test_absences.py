"""The database or the broker is away for a minute in the middle: callers are told, and nothing is lost.

Every row has a stack of its own, with scripted analyzers, and the rows wait at the same time.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.absences import Away, Tale, assert_says_come_again, frozen, stopped
from tests.support.live import LiveStack
from tests.support.made_recordings import make_recording
from tests.support.recordings_site import RecordingsSite
from tests.support.subscriber import subscribed

AWAY_SECONDS = 60.0
SPOKEN_SECONDS = 12.0
Tales = dict[str, asyncio.Task[Tale]]
pytestmark = pytest.mark.timeout(400)
PATIENT = {"FETCH_IDLE_TIMEOUT": "60", "FETCH_PACE_WINDOW": "120"}


@dataclass(frozen=True)
class Row:
    """What is away, and what a submission is answered meanwhile."""

    name: str
    away: Away
    part: str
    submission: int


ROWS = (
    Row("frozen database", frozen, "database", 503),
    Row("frozen broker", frozen, "broker-server", 202),
    Row("stopped broker", stopped, "broker", 202),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingsSite]:
    """A site with one recording, whose pages include a slow one."""
    folder = tmp_path_factory.mktemp("answers")
    answer = make_recording(folder / "answer.mp4", seconds=SPOKEN_SECONDS)
    with RecordingsSite(folder, answer.read_bytes()).running() as site:
        yield site


@asynccontextmanager
async def started(home: Path, turn: asyncio.Lock) -> AsyncIterator[LiveStack]:
    """A light stack for the length of a block; they start in turn, so that they take different ports."""
    live = LiveStack(home, PATIENT)
    try:
        async with turn:
            await asyncio.to_thread(live.up, "--scripted")
        yield live
    finally:
        await live.down()


async def tell(row: Row, home: Path, site: RecordingsSite, turn: asyncio.Lock) -> Tale:
    """What is lived through while the part is away, and what has become of it in the end."""
    async with started(home, turn) as stack, subscribed(stack) as subscriber:
        tale = Tale(stack, subscriber, site)
        await tale.begin(f"pauses-to-{row.part}")
        async with row.away(stack, row.part):
            await tale.live_through(AWAY_SECONDS)
        await tale.settle()
    return tale


@pytest.fixture(scope="module")
async def tales(tmp_path_factory: pytest.TempPathFactory, site: RecordingsSite) -> AsyncIterator[Tales]:
    """Every row's tale, under way."""
    turn = asyncio.Lock()
    under_way = {
        row.name: asyncio.create_task(tell(row, tmp_path_factory.mktemp(row.part), site, turn))
        for row in ROWS
    }
    yield under_way
    for task in under_way.values():
        task.cancel()
    await asyncio.gather(*under_way.values(), return_exceptions=True)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_callers_are_told_meanwhile_what_is_so(row: Row, tales: Tales) -> None:
    tale = await tales[row.name]
    assert {answered.status_code for answered in tale.submitted} == {row.submission}
    assert {answered.status_code for answered in tale.read} <= {200, 503}
    assert {answered.status_code for answered in tale.registered} == {503}
    for answered in (*tale.submitted, *tale.read, *tale.registered):
        if answered.status_code == 503:
            assert_says_come_again(answered)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_afterwards_every_interview_completes_and_is_told_of_once(row: Row, tales: Tales) -> None:
    tale = await tales[row.name]
    assert len(tale.ended) == 1 + len(tale.submitted)
    for end in tale.ended:
        assert end.state["status"] == "completed", end.state
        assert all(answer["overallScore"] is not None for answer in end.state["answers"]), end.state
        assert set(end.heard) == {
            ("interview.completed", end.interview_id),
            *(("score.generated", pipeline_id) for pipeline_id in end.pipeline_ids),
        }
        assert {len(ids) for ids in end.heard.values()} == {1}, end.heard
    assert tale.dead_letters == []
