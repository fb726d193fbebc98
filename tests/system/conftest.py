"""One running stack for all tests of the whole system, with limits that a test can reach."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.bad_recordings import write_all
from tests.support.live import LiveStack
from tests.support.naming import resolving
from tests.support.recordings_site import RecordingsSite
from tests.support.talking import write_talking
from tests.support.twins import Twins, submit_twins
from vivavoce.samples.portrait import load_picture

LIMITS = {
    "FETCH_CONNECT_TIMEOUT": "2",
    "FETCH_IDLE_TIMEOUT": "2",
    "FETCH_TOTAL_TIMEOUT": "10",
    "FETCH_PACE_WINDOW": "2",
    "FETCH_MAX_BYTES": "20000000",
    "FETCH_TRIES": "3",
    "FETCH_FIRST_DELAY": "0.2",
    "FETCH_RESUMES": "3",
    "FETCH_RESUME_DELAY": "0.05",
    "FETCH_CONCURRENCY": "16",
    "FETCH_CONCURRENCY_PER_ORGANIZATION": "16",
    "MAX_DURATION": "70",
    "WEBHOOK_RETRY_DELAYS": "[1, 1, 1, 1]",
}
LONGEST_FIRST = (
    "test_chaos",
    "test_absences",
    "test_kills",
    "test_truths",
    "test_demo_interview",
    "test_bad_input",
)
"""Each of three workers begins with one of the first three files, and goes on with one of the next."""
PRIVATE_NAMES = {"intranet.example": "10.20.30.40"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no worker has one of them left at the end."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingsSite]:
    """A site with good and bad recordings."""
    folder: Path = tmp_path_factory.mktemp("recordings")
    write_all(folder, load_picture())
    site = RecordingsSite(folder, content=(folder / "fine.mp4").read_bytes())
    with site.running():
        yield site


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveStack]:
    """The stack, started once by `viva up --detach`."""
    live = LiveStack(tmp_path_factory.mktemp("viva"), {**LIMITS, **resolving(PRIVATE_NAMES)})
    try:
        live.up()
        yield live
    finally:
        await live.down()


@pytest.fixture(scope="session")
def film(recordings: RecordingsSite) -> Path:
    """A person who talks, on the site."""
    return write_talking(recordings.folder / "talking.mp4")


@pytest.fixture(scope="session")
async def twins(stack: LiveStack, recordings: RecordingsSite, film: Path) -> Twins:
    """The same recordings in two interviews, both followed to their ends."""
    return await submit_twins(stack, recordings, film.name)
