"""What happens shows by itself, and whether it does is always to be seen."""

from pathlib import Path

from playwright.async_api import Browser, expect

from tests.portal.conftest import URL
from tests.support.portal import PortalBench, Reader, reading
from vivavoce.contracts import EndpointHealth, WebhookEndpoint


async def test_a_new_delivery_appears_at_the_top_and_is_announced(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    portal.notifier.deliver(endpoint, "score.generated")
    page = await reader.open("/deliveries")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(1)
    portal.notifier.deliver(endpoint, "interview.completed")
    await expect(rows.first).to_contain_text("interview.completed")
    await expect(page.get_by_role("status").filter(has_text="1 new delivery")).to_be_visible()


async def test_news_that_the_filter_leaves_out_do_not_appear(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open("/deliveries?status=failed")
    await expect(page.get_by_text("Nothing fits this filter")).to_be_visible()
    portal.notifier.deliver(endpoint, "interview.completed")
    portal.notifier.deliver(endpoint, "score.generated", status=500)
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody tr")).to_contain_text("score.generated")


async def test_a_delivery_that_is_looked_at_changes_before_ones_eyes(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    made = portal.notifier.deliver(endpoint, status=500)
    page = await reader.open(f"/deliveries/{made.id}")
    await expect(page.get_by_role("region", name="Delivery")).to_contain_text("Failed")
    await portal.pass_time(seconds=1)
    portal.notifier.try_again(made.id)
    await expect(page.get_by_role("region", name="Delivery")).to_contain_text("Delivered")
    await expect(page.locator("summary")).to_have_count(2)


async def test_an_endpoint_that_begins_to_fail_shows_it(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open()
    await expect(page.locator("li.card")).to_contain_text("Healthy")
    await portal.pass_time(seconds=1)
    portal.notifier.deliver(endpoint, status=500)
    portal.notifier.change(endpoint.id, health=EndpointHealth.FAILING, last_error="the endpoint answered 500")
    await expect(page.locator("li.card")).to_contain_text(
        "The last attempt failed: the endpoint answered 500."
    )


async def test_a_lost_connection_is_shown_and_what_was_missed_comes_with_the_next(
    browser: Browser, tmp_path: Path
) -> None:
    portal = PortalBench(tmp_path)
    endpoint = portal.notifier.add(URL)
    async with reading(browser, portal) as reader:
        async with portal.serving():
            page = await reader.open("/deliveries")
        await expect(page.get_by_text("Offline, reconnecting …")).to_be_visible()
        portal.notifier.deliver(endpoint)
        await portal.pass_time(hours=0.5)
        async with portal.serving():
            await expect(page.get_by_text("Live", exact=True)).to_be_visible()
            await expect(page.locator("tbody tr")).to_have_count(1)
