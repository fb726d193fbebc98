"""GraphiQL in a browser: a query runs in it, and nothing is asked of any other machine."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.support.gateway import GatewayBench
from tests.support.portal import CHROMIUM, PATIENCE, running_browser
from tests.support.serving import served
from tests.support.shared import ROOT

FETCH = ROOT / "deploy" / "graphiql" / "fetch.sh"
FETCH_SECONDS = 120
QUERY = "query { __typename "  # the editor closes the bracket
OWN_SCHEMES = {"data", "blob"}


@pytest.fixture(scope="session")
def graphiql() -> Path:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: run tools/setup.sh --browser")
    if shutil.which("npm") is None:
        pytest.skip("there is no npm: install Node.js 20 or later")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vivavoce"
    environment = {**os.environ, "VIVA_HOME": str(cache)}
    subprocess.run([FETCH], env=environment, check=True, timeout=FETCH_SECONDS, capture_output=True)
    return cache / "graphiql"


class Watched:
    """What a page asks for, and what its policy forbids."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.faults: list[str] = []
        page.context.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)

    def elsewhere(self) -> list[str]:
        """Addresses that are neither this machine's nor part of the page."""
        parts = [(urlsplit(url), url) for url in self.asked]
        return [url for part, url in parts if part.scheme not in OWN_SCHEMES and part.hostname != "127.0.0.1"]


async def test_a_query_runs_in_it_and_nothing_leaves_this_machine(graphiql: Path, tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, graphiql_folder=graphiql)
    async with served(gateway.app) as server, running_browser() as browser:
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE)
        watched = Watched(page)
        await page.goto(f"{server.base_url}/graphql")
        await page.locator(".graphiql-editor .view-line").first.click()
        await page.keyboard.press("Control+A")
        await page.keyboard.type(QUERY)
        await page.keyboard.press("Escape")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".graphiql-response")).to_contain_text("Query")
    paths = {urlsplit(url).path for url in watched.asked}
    assert {"/graphql/graphiql/yoga-graphiql.umd.js", "/graphql/graphiql/editor.worker.bundle.js"} <= paths
    assert watched.elsewhere() == []
    assert watched.faults == []
