"""The page can be used by everyone: with a screen reader, a keyboard, a phone, at night."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.support.portal import PortalBench, Reader, reading
from vivavoce.contracts import DisabledReason, EndpointHealth, WebhookEndpoint

LONG = "https://very-long-name-of-a-host-that-goes-on-and-on.example/with/a/path/that/never/ends?and=more"
NARROW = {"width": 360, "height": 740}
STEPS_IN_FORM = 14
BRIGHTNESS = """() => {
  const [red, green, blue] = getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g);
  return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
}"""
FOCUS_SHOWS = """() => {
  const focused = document.activeElement;
  const styles = [getComputedStyle(focused), getComputedStyle(focused, "::after")];
  return styles.some((style) => style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2);
}"""


@pytest.fixture
def places(portal: PortalBench, endpoint: WebhookEndpoint) -> list[str]:
    """Every view, with something of each kind to show."""
    failing = portal.notifier.add(
        LONG, health=EndpointHealth.FAILING, failing_since=portal.gateway.clock.now()
    )
    portal.notifier.add(LONG, active=False, disabled_reason=DisabledReason.GONE)
    portal.notifier.add("https://c.example", health=EndpointHealth.PAUSED)
    portal.notifier.deliver(endpoint)
    made = portal.notifier.deliver(failing, status=500, data={"text": "x" * 300})
    return [
        "/endpoints",
        f"/endpoints/{failing.id}",
        f"/endpoints/{endpoint.id}",
        "/deliveries",
        f"/deliveries/{made.id}",
    ]


async def violations(page: Page) -> list[str]:
    """What axe finds wrong with what is shown."""
    options = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]}
    found = await Axe().run(page, options=options)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_view_hinders_anyone_by_day_or_by_night(
    browser: Browser, portal: PortalBench, places: list[str], scheme: str
) -> None:
    async with reading(browser, portal, color_scheme=scheme, reduced_motion="reduce") as reader:
        page = await reader.open()
        found = await violations(page)
        for place in places[1:]:
            await reader.go(place)
            found += await violations(page)
        await reader.go("/endpoints")
        await page.get_by_role("button", name="Add endpoint").click()
        await page.get_by_role("dialog").get_by_role("button", name="Add endpoint").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        assert found + await violations(page) == []


async def test_a_narrow_screen_never_scrolls_sideways(
    browser: Browser, portal: PortalBench, places: list[str]
) -> None:
    async with reading(browser, portal, viewport=NARROW) as reader:
        page = await reader.open()
        for place in places:
            if place != "/endpoints":
                await reader.go(place)
            assert await page.evaluate("document.documentElement.scrollWidth") == NARROW["width"], place


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
async def test_the_page_is_dark_for_whom_it_shall_be(
    browser: Browser, portal: PortalBench, scheme: str, dark: bool
) -> None:
    async with reading(browser, portal, color_scheme=scheme) as reader:
        brightness = await (await reader.open()).evaluate(BRIGHTNESS)
    assert (brightness < 0.2) is dark
    assert (brightness > 0.8) is not dark


async def test_the_focus_can_be_seen_wherever_it_goes(reader: Reader, places: list[str]) -> None:
    page = await reader.open("/deliveries")
    for _ in range(STEPS_IN_FORM):
        await page.keyboard.press("Tab")
        assert await page.evaluate(FOCUS_SHOWS), await page.evaluate("document.activeElement.outerHTML")


async def test_the_first_step_may_skip_to_the_content(reader: Reader, endpoint: WebhookEndpoint) -> None:
    page = await reader.open()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Add endpoint")).to_be_focused()


async def test_a_dialog_keeps_the_focus_until_escape_gives_it_back(
    reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open(f"/endpoints/{endpoint.id}")
    await page.get_by_role("button", name="Replay").click()
    dialog = page.get_by_role("dialog", name="Replay events")
    await reader.press_until_focused(dialog.get_by_role("button", name="Replay"))
    await reader.press_until_focused(dialog.get_by_label("Since"))
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Replay")).to_be_focused()


async def test_nothing_moves_for_whom_it_should_not(
    browser: Browser, portal: PortalBench, endpoint: WebhookEndpoint
) -> None:
    async with reading(browser, portal, reduced_motion="reduce") as reader:
        await reader.open()
        moving = "document.getAnimations().filter((each) => each.playState === 'running').length"
        assert await reader.page.evaluate(moving) == 0


async def test_a_print_has_no_buttons_and_every_attempt(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    made = portal.notifier.deliver(endpoint, status=500)
    portal.notifier.try_again(made.id)
    page = await reader.open(f"/deliveries/{made.id}")
    await page.emulate_media(media="print")
    await page.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(page.get_by_text("upstream is being deployed")).to_be_visible()
    await expect(page.get_by_role("button", name="Replay")).to_be_hidden()
