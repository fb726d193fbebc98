"""What somebody does with an endpoint, step by step, and what the notifier is asked for then."""

import json
from typing import Any

from playwright.async_api import Page, expect

from tests.portal.conftest import URL
from tests.support.portal import PortalBench, Reader
from tests.support.portal_notifier import FORBIDDEN_HOST, SECRET
from vivavoce.contracts import (
    DeliveryStatus,
    DisabledReason,
    ReplayWebhook,
    RotateWebhookSecret,
    SwitchWebhook,
    UpdateWebhook,
    WebhookEndpoint,
)


def asked(portal: PortalBench, kind: type[Any]) -> Any:
    """The one question of a kind that was asked."""
    (question,) = [question for question in portal.notifier.asked if isinstance(question, kind)]
    return question


async def press(page: Page, label: str, *, then: str | None = None) -> None:
    """Press a button of the page, then one of the dialog that it opens."""
    await page.get_by_role("main").get_by_role("button", name=label).click()
    await page.get_by_role("dialog").get_by_role("button", name=then or label).click()


async def test_a_new_endpoint_is_added_and_its_secret_shown_once(portal: PortalBench, reader: Reader) -> None:
    page = await reader.open()
    await page.get_by_role("button", name="Add endpoint").click()
    await page.get_by_label("URL").fill("https://new.example/hook")
    await page.get_by_label("score.generated").check()
    await page.get_by_role("dialog").get_by_role("button", name="Add endpoint").click()
    await expect(page.get_by_text(SECRET)).to_be_visible()
    await page.get_by_role("button", name="I have stored it").click()
    await expect(page.get_by_role("heading", name="https://new.example/hook")).to_be_visible()
    await expect(page.get_by_text(SECRET)).to_have_count(0)
    assert [each.events for each in portal.notifier.endpoints.values()] == [("score.generated",)]


async def test_a_refusal_is_told_in_words_at_its_field_with_an_id_to_ask_about(reader: Reader) -> None:
    page = await reader.open()
    await page.get_by_role("button", name="Add endpoint").click()
    await page.get_by_label("URL").fill(f"https://{FORBIDDEN_HOST}/hook")
    await page.get_by_label("score.generated").check()
    await page.get_by_role("dialog").get_by_role("button", name="Add endpoint").click()
    problem = page.get_by_role("alert")
    await expect(problem).to_contain_text("The endpoint can't be called.")
    await expect(problem).to_contain_text("give the id")
    await expect(page.get_by_label("URL")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("URL")).to_have_accessible_description(
        "Where events are sent, by POST. Leads to an address that isn't public"
    )
    await expect(page.get_by_label("URL")).to_be_focused()


async def test_a_filter_that_is_no_json_is_told_before_anything_is_sent(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open(f"/endpoints/{endpoint.id}")
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_role("textbox", name="Filter").fill("{overall}")
    await page.get_by_role("button", name="Save changes").click()
    await expect(page.get_by_role("alert")).to_contain_text("The filter isn't JSON.")
    assert not any(isinstance(question, UpdateWebhook) for question in portal.notifier.asked)


async def test_changes_are_saved_and_shown(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open(f"/endpoints/{endpoint.id}")
    await page.get_by_role("button", name="Edit").click()
    await expect(page.get_by_role("textbox", name="Filter")).to_have_value(
        json.dumps({"overall": {"gte": 70}}, indent=2)
    )
    await page.get_by_label("Description").fill("For the night shift")
    await page.get_by_label("interview.completed").uncheck()
    await page.get_by_role("textbox", name="Filter").fill('{"overall": {"gte": 90}}')
    await page.get_by_label("Rate limit").fill("2.5")
    await page.get_by_label("Keep the order").check()
    await page.get_by_role("button", name="Save changes").click()
    setup = page.get_by_role("region", name="Setup")
    await expect(setup).to_contain_text("For the night shift")
    await expect(setup).to_contain_text("2.5 per second")
    changed = portal.notifier.endpoints[endpoint.id]
    assert changed.events == ("score.generated",)
    assert (changed.options.filter, changed.options.ordered) == ({"overall": {"gte": 90}}, True)


async def test_an_endpoint_is_disabled_and_enabled_without_what_it_missed(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open(f"/endpoints/{endpoint.id}")
    await press(page, "Disable")
    await expect(page.get_by_role("region", name="Health")).to_contain_text("It was switched off.")
    await expect(page.get_by_role("button", name="Enable")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_label("Also send what it missed").uncheck()
    await page.get_by_role("dialog").get_by_role("button", name="Enable").click()
    await expect(page.get_by_role("region", name="Health")).to_contain_text("Healthy")
    switches = [each for each in portal.notifier.asked if isinstance(each, SwitchWebhook)]
    assert [(each.active, each.recover) for each in switches] == [(False, True), (True, False)]


async def test_an_unverified_endpoint_says_why_and_is_verified(portal: PortalBench, reader: Reader) -> None:
    unproven = portal.notifier.add(
        URL, active=False, disabled_reason=DisabledReason.UNVERIFIED, disabled_detail="it answered 404"
    )
    page = await reader.open(f"/endpoints/{unproven.id}")
    await expect(page.get_by_role("region", name="Health")).to_contain_text("it answered 404")
    await page.get_by_role("button", name="Verify").click()
    await expect(page.get_by_text("The endpoint is verified.")).to_be_visible()
    await expect(page.get_by_role("region", name="Health")).to_contain_text("Healthy")


async def test_deleting_asks_first(portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint) -> None:
    page = await reader.open(f"/endpoints/{endpoint.id}")
    await press(page, "Delete", then="Cancel")
    assert endpoint.id in portal.notifier.endpoints
    await press(page, "Delete", then="Delete endpoint")
    await expect(page.get_by_text("No endpoints yet")).to_be_visible()
    assert endpoint.id not in portal.notifier.endpoints


async def test_a_rotated_secret_is_shown_once_and_the_old_one_kept_as_long_as_chosen(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open(f"/endpoints/{endpoint.id}")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Rotate secret").click()
    await page.get_by_label("The old secret stays valid").select_option("Three days")
    await page.get_by_role("dialog").get_by_role("button", name="Rotate secret").click()
    await page.get_by_role("button", name="Copy secret").click()
    await expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Copied.")
    assert await page.evaluate("navigator.clipboard.readText()") == SECRET
    await page.get_by_role("button", name="I have stored it").click()
    await expect(page.get_by_text(SECRET)).to_have_count(0)
    assert asked(portal, RotateWebhookSecret).keep_old_seconds == 3 * 86_400


async def test_a_test_is_looked_at_before_it_is_sent(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    page = await reader.open(f"/endpoints/{endpoint.id}")
    await page.get_by_role("button", name="Send test").click()
    await page.get_by_role("combobox", name="Event").select_option("webhook.failing")
    preview = page.get_by_role("region", name="Payload of webhook.failing")
    await expect(preview).to_contain_text('"failing_since"')
    await page.get_by_role("dialog").get_by_role("button", name="Send test").click()
    await expect(page.get_by_role("row").filter(has_text="webhook.failing")).to_contain_text("Delivered")


async def test_only_what_is_missing_since_a_time_is_replayed(
    portal: PortalBench, reader: Reader, endpoint: WebhookEndpoint
) -> None:
    for status in (500, 204, 503):
        portal.notifier.deliver(endpoint, status=status)
    page = await reader.open(f"/endpoints/{endpoint.id}")
    await page.get_by_role("button", name="Replay").click()
    await page.get_by_label("Since").fill("2026-03-02T14:00")
    await page.get_by_role("dialog").get_by_role("button", name="Replay").click()
    await expect(page.get_by_text("2 deliveries are sent again.")).to_be_visible()
    question = asked(portal, ReplayWebhook)
    assert (question.since.isoformat(), question.missing_only) == ("2026-03-02T11:00:00+00:00", True)
    assert {each.status for each in portal.notifier.deliveries.values()} == {DeliveryStatus.DELIVERED}


async def test_many_endpoints_come_by_pages(portal: PortalBench, reader: Reader) -> None:
    for number in range(101):
        portal.notifier.add(f"https://customer-{number}.example/hook")
    page = await reader.open()
    await expect(page.get_by_text("The first 100 endpoints, none in need of attention.")).to_be_visible()
    await page.get_by_role("button", name="Load more").click()
    await expect(page.locator("li.card")).to_have_count(101)
