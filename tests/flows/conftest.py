"""An empty house for each story, and properties without time limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.support.house import House

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True, scope="module")
def unwritten_logs() -> Iterator[None]:
    """Many stories are about faults, and a pretty traceback takes longer than most of them."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
