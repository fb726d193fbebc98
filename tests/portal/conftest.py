"""One browser for all stories; for each its own portal, its own window, and endpoints to look at."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.portal import CHROMIUM, PortalBench, Reader, reading, running_browser
from vivavoce.contracts import WebhookEndpoint, WebhookOptions

URL = "https://hr.acme.example/hooks"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: run tools/setup.sh --browser")
    async with running_browser() as browser:
        yield browser


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[PortalBench]:
    portal = PortalBench(tmp_path)
    async with portal.serving():
        yield portal


@pytest.fixture
async def reader(browser: Browser, portal: PortalBench) -> AsyncIterator[Reader]:
    async with reading(browser, portal) as reader:
        yield reader


@pytest.fixture
def endpoint(portal: PortalBench) -> WebhookEndpoint:
    options = WebhookOptions(description="Scores for HR", filter={"overall": {"gte": 70}})
    return portal.notifier.add(URL, "score.generated", "interview.completed", options=options)
