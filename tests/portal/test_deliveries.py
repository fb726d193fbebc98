"""What was sent is found again, looked into and sent once more; and it does no harm to who looks."""

from playwright.async_api import expect

from tests.support.portal import PortalBench, Reader
from vivavoce.contracts import WebhookEndpoint

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"


async def test_deliveries_are_filtered_and_the_choice_is_kept(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    other = portal.notifier.add("https://other.example/in", "interview.completed")
    portal.notifier.deliver(endpoint, status=500)
    portal.notifier.deliver(endpoint)
    portal.notifier.deliver(other, "interview.completed", status=500)
    page = await reader.open("/deliveries")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(3)
    await page.get_by_label("Status").select_option("Failed")
    await expect(rows).to_have_count(2)
    await page.get_by_label("Event", exact=True).select_option("interview.completed")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("The endpoint answered 500")
    await page.reload()
    await expect(page.get_by_label("Status")).to_have_value("failed")
    await expect(rows).to_have_count(1)
    await page.get_by_label("Endpoint").select_option(endpoint.url)
    await expect(page.get_by_text("Nothing fits this filter")).to_be_visible()
    await page.get_by_role("button", name="Clear").click()
    await expect(rows).to_have_count(3)


async def test_deliveries_of_a_time_are_those_of_the_readers_clock(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    portal.notifier.deliver(endpoint, "score.generated")
    await portal.pass_time(hours=1)
    portal.notifier.deliver(endpoint, "interview.completed")
    page = await reader.open("/deliveries")
    await page.get_by_label("From").fill("2026-03-02T15:30")
    rows = page.locator("tbody tr")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("interview.completed")
    when = rows.get_by_role("time")
    await expect(when).to_have_text("2 Mar 2026, 16:00:00")
    await expect(when).to_have_attribute("title", "2026-03-02T13:00:00Z")


async def test_a_long_list_goes_on_when_asked(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    for _ in range(60):
        portal.notifier.deliver(endpoint)
    page = await reader.open("/deliveries")
    await expect(page.locator("tbody tr")).to_have_count(50)
    await page.get_by_role("button", name="Load more").click()
    await expect(page.locator("tbody tr")).to_have_count(60)
    await expect(page.get_by_role("button", name="Load more")).to_have_count(0)


async def test_a_delivery_shows_its_payload_and_what_each_attempt_met(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    made = portal.notifier.deliver(endpoint, status=503, data={"overall": 78.5})
    portal.notifier.try_again(made.id, status=None, error="the endpoint didn't answer within 10 seconds")
    page = await reader.open(f"/deliveries/{made.id}")
    await expect(page.get_by_role("region", name="Payload as JSON")).to_contain_text('"overall": 78.5')
    newest, first = page.locator("details").nth(0), page.locator("details").nth(1)
    await expect(newest).to_contain_text("The endpoint didn't answer within 10 seconds")
    await first.locator("summary").click()
    for told in ("webhook-signature", "v1,K5oZfzN95Z…", "nginx", "upstream is being deployed", "87 ms"):
        await expect(first.get_by_text(told)).to_be_visible()


async def test_a_delivery_is_replayed_from_the_keyboard_alone(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    made = portal.notifier.deliver(endpoint, status=500)
    page = await reader.open()
    await reader.press_until_focused(page.get_by_role("link", name="Deliveries", exact=True))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Deliveries")).to_be_focused()
    await reader.press_until_focused(page.get_by_role("link", name=made.event_type))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=made.event_type)).to_be_focused()
    await reader.press_until_focused(page.get_by_role("button", name="Replay"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").filter(has_text="It is sent again.")).to_be_visible()
    await expect(page.get_by_role("region", name="Delivery")).to_contain_text("Delivered")
    await expect(page.locator("summary")).to_have_count(2)


async def test_a_hostile_payload_and_url_are_shown_and_do_nothing(
    portal: PortalBench, reader: Reader
) -> None:
    trap = portal.notifier.add("https://a.example/?q=<script>document.title='taken'</script>")
    made = portal.notifier.deliver(trap, status=500, error=HOSTILE, data={"name": HOSTILE})
    page = await reader.open()
    await expect(page.get_by_text(trap.url)).to_be_visible()
    await reader.go(f"/deliveries/{made.id}")
    await expect(page.get_by_role("region", name="Payload as JSON")).to_contain_text("<script>document.title")
    await expect(page.locator(".attempt-error")).to_have_text(HOSTILE)
    assert await page.title() == "score.generated · Webhooks"
    assert await page.locator("main img, main script").count() == 0


async def test_what_is_not_there_is_told_and_can_be_tried_again(reader: Reader) -> None:
    page = await reader.open("/deliveries/gone")
    await expect(page.get_by_role("alert")).to_contain_text("There is no delivery gone.")
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
