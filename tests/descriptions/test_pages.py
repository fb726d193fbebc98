"""The pages of the description can be read by everyone, and ask nobody but the gateway for anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.support.serving import Served

PAGES = ("/docs", "/docs/platform", "/docs/records", "/asyncapi")
NARROW = {"width": 360, "height": 740}
OPEN_SOME = "document.querySelectorAll('details').forEach((each, number) => { each.open = number < 3; })"
BRIGHTNESS = """() => {
  const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}"""


@asynccontextmanager
async def window(browser: Browser, **options: Any) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page, and what it complains about or asks for."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    noted: list[str] = []
    page.on("console", lambda message: noted.append(message.text))
    page.on("request", lambda request: noted.append(request.url))
    try:
        yield page, noted
    finally:
        await context.close()


async def violations(page: Page) -> list[str]:
    """What axe finds wrong with what is shown."""
    options = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]}
    found = await Axe().run(page, options=options)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_hinders_anyone_by_day_or_night(browser: Browser, server: Served, scheme: str) -> None:
    async with window(browser, color_scheme=scheme, bypass_csp=True) as (page, _):
        for path in PAGES:
            await page.goto(server.base_url + path)
            assert (await page.evaluate(BRIGHTNESS) < 0.3) is (scheme == "dark")
            await page.evaluate(OPEN_SOME)
            assert await violations(page) == [], path


async def test_a_narrow_screen_never_scrolls_sideways(browser: Browser, server: Served) -> None:
    async with window(browser, viewport=NARROW) as (page, _):
        for path in PAGES:
            await page.goto(server.base_url + path)
            await page.evaluate(OPEN_SOME)
            assert await page.evaluate("document.documentElement.scrollWidth") == NARROW["width"], path


async def test_a_page_asks_for_nothing_but_itself_and_has_its_style(browser: Browser, server: Served) -> None:
    async with window(browser) as (page, noted):
        for path in PAGES:
            await page.goto(server.base_url + path)
            assert await page.evaluate("getComputedStyle(document.body).maxWidth") == "992px"
    icon = f"{server.base_url}/favicon.ico"
    assert [each for each in noted if each != icon] == [server.base_url + path for path in PAGES]


async def test_the_keyboard_skips_to_the_content_and_opens_it(browser: Browser, server: Served) -> None:
    async with window(browser) as (page, _):
        await page.goto(f"{server.base_url}/docs/records")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("main")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("competencyWeights").first).to_be_visible()
