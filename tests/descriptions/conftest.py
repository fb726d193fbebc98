"""One browser and one gateway on a loopback port for all that is looked at."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.gateway import GatewayBench
from tests.support.portal import CHROMIUM, running_browser
from tests.support.serving import Served, served


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: run tools/setup.sh --browser")
    async with running_browser() as browser:
        yield browser


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(GatewayBench(tmp_path).app) as server:
        yield server
