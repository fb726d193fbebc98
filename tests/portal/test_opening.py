"""Who comes by a link sees their endpoints; everyone else is told what to do."""

from datetime import timedelta

from playwright.async_api import expect

from tests.portal.conftest import URL
from tests.support.gateway import GLOBEX
from tests.support.portal import PortalBench, Reader
from vivavoce.contracts import EndpointHealth, WebhookEndpoint


async def test_a_link_opens_the_endpoints_with_how_they_fare(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    portal.notifier.deliver(endpoint)
    resumes_at = portal.gateway.clock.now() + timedelta(minutes=4)
    portal.notifier.add("https://b.example/in", health=EndpointHealth.PAUSED, resumes_at=resumes_at)
    page = await reader.open()
    healthy, paused = page.locator("li.card").all(), page.locator("li.card").nth(1)
    first = (await healthy)[0]
    await expect(first).to_contain_text("Healthy")
    await expect(first).to_contain_text(URL)
    await expect(first.get_by_role("list", name="Events")).to_contain_text("interview.completed")
    await expect(first.locator("dl")).to_have_text("Delivered1Failed0Pending0")
    await expect(paused).to_contain_text("It is tried again at 2 Mar 2026, 15:04:00.")


async def test_the_token_leaves_the_address_and_lasts_for_the_tab(
    reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open()
    assert "token" not in page.url
    await page.reload()
    await expect(page.get_by_role("link", name=endpoint.url)).to_be_visible()
    assert await page.evaluate("localStorage.length") == 0


async def test_a_link_that_has_ended_says_what_to_do(portal: PortalBench, reader: Reader) -> None:
    link = await portal.link(expires_in=60)
    await portal.pass_time(seconds=61)
    await reader.page.goto(link)
    await expect(reader.page.get_by_role("heading", name="This link has ended")).to_be_visible()
    await expect(reader.page.get_by_text("Ask for a new link")).to_be_visible()
    await expect(reader.page.get_by_role("navigation")).to_be_hidden()


async def test_a_link_that_ends_while_the_page_is_open_says_so_at_the_next_step(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open()
    await portal.pass_time(hours=2)
    await page.get_by_role("link", name="Deliveries", exact=True).click()
    await expect(page.get_by_role("heading", name="This link has ended")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_without_a_link_the_page_says_how_one_is_got(portal: PortalBench, reader: Reader) -> None:
    await reader.page.goto(f"{portal.base_url}/portal")
    await expect(reader.page.get_by_role("heading", name="This page opens by a link")).to_be_visible()
    assert portal.notifier.asked == []


async def test_another_link_opened_in_the_same_tab_counts_from_then_on(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open()
    await expect(page.get_by_text("org_acme")).to_be_visible()
    await page.goto(await portal.link(organization=GLOBEX))
    await expect(page.get_by_text("org_globex")).to_be_visible()


async def test_an_organization_without_endpoints_is_helped_to_its_first(reader: Reader) -> None:
    page = await reader.open()
    await expect(page.get_by_text("No endpoints yet")).to_be_visible()
    await page.get_by_role("button", name="Add endpoint").click()
    await expect(page.get_by_role("dialog", name="Add endpoint")).to_be_visible()
