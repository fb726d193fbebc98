"""Endpoints are read, changed and forgotten by their own organization, and by nobody else."""

import pytest

from tests.notifier.asking import GLOBEX, all_endpoints, ask, fields_of, found
from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import completed, scored
from vivavoce.chassis.errors import Conflict, InvalidInput, NotFound
from vivavoce.contracts import (
    ChangeWebhookSettings,
    DeleteWebhook,
    DeliveryStatus,
    EndpointHealth,
    GetSigningKeys,
    GetWebhook,
    GetWebhookSettings,
    ListWebhooks,
    Question,
    ReplayWebhook,
    RotateWebhookSecret,
    SendTest,
    SwitchWebhook,
    UpdateWebhook,
    Value,
    VerifyWebhook,
    WebhookDeleted,
    WebhookEndpoint,
    WebhookFound,
    WebhookOptions,
    WebhookSettings,
    WebhooksListed,
)


@pytest.fixture
def notifier() -> Notifier:
    return Notifier(webhook_endpoints_per_organization=50)


async def update(notifier: Notifier, endpoint_id: str, **wish: object) -> WebhookEndpoint:
    asked = {"organization_id": ACME, "endpoint_id": endpoint_id, **wish}
    return (await ask(notifier, UpdateWebhook.model_validate(asked), WebhookFound)).endpoint


async def test_an_endpoint_is_told_with_its_health_keys_and_deliveries(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES, description="ours")
    notifier.sender.statuses = [500]
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    told = await found(notifier, endpoint.id)
    assert (told.options.description, told.health, told.pending) == ("ours", EndpointHealth.FAILING, 1)
    assert (told.last_status, told.last_error) == (500, "the endpoint answered 500")
    assert told.last_delivery_at == told.failing_since == notifier.clock.now()
    assert [key.until for key in told.signing_keys] == [None]


async def test_a_paused_endpoint_says_when_it_is_tried_again(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.answer = lambda _: 500
    for number in range(5):
        await notifier.hear(scored(), f"event-{number}")
        await notifier.send_due()
    told = await found(notifier, endpoint.id)
    assert told.health == EndpointHealth.PAUSED
    assert told.resumes_at is not None
    assert told.resumes_at > notifier.clock.now()


async def test_pages_go_through_all_endpoints_oldest_first(notifier: Notifier) -> None:
    for number in range(7):
        await notifier.register(f"{HOOK}/{number}", SCORES)
        await notifier.wait(seconds=1)
    urls = [f"{HOOK}/{number}" for number in range(7)]
    assert await all_endpoints(notifier, 3) == [urls[:3], urls[3:6], urls[6:]]


async def test_reading_goes_on_after_any_endpoint_of_a_page(notifier: Notifier) -> None:
    ids = [(await notifier.register(f"{HOOK}/{number}", SCORES))[0].id for number in range(3)]
    page = await ask(notifier, ListWebhooks(organization_id=ACME, limit=3), WebhooksListed)
    listed = [each.id for each in page.endpoints]
    assert (sorted(listed), len(page.cursors)) == (sorted(ids), 3)
    for number, cursor in enumerate(page.cursors):
        rest = await ask(notifier, ListWebhooks(organization_id=ACME, cursor=cursor), WebhooksListed)
        assert [each.id for each in rest.endpoints] == listed[number + 1 :]


async def test_those_that_changed_since_can_be_asked_for(notifier: Notifier) -> None:
    first, _ = await notifier.register(f"{HOOK}/1", SCORES)
    await notifier.register(f"{HOOK}/2", SCORES)
    await notifier.wait(minutes=1)
    before = notifier.clock.now()
    await notifier.wait(minutes=1)
    await update(notifier, first.id, events=("interview.completed",))
    question = ListWebhooks(organization_id=ACME, updated_after=before)
    changed = await ask(notifier, question, WebhooksListed)
    assert [(each.id, each.events) for each in changed.endpoints] == [(first.id, ("interview.completed",))]


@pytest.mark.parametrize("cursor", ["", "%%%", "bm90aGluZw", "W10", "WzFd", "WyJcdWQ4MDAiXQ", "x" * 400])
async def test_a_cursor_that_is_none_is_refused(notifier: Notifier, cursor: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await ask(notifier, ListWebhooks(organization_id=ACME, cursor=cursor), WebhooksListed)
    assert fields_of(refused.value) == ["cursor"]


async def test_only_what_is_named_is_changed(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES, description="ours", rate_limit=5.0, ordered=True)
    changed = await update(
        notifier,
        endpoint.id,
        options=WebhookOptions(concurrency=2),
        named_options=("concurrency", "rate_limit", "nonsense"),
    )
    assert changed.options == WebhookOptions(description="ours", ordered=True, concurrency=2)
    assert (changed.url, changed.events) == (HOOK, SCORES)


async def test_a_change_of_events_is_held_to_the_filter_that_stays(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES, filter={"criteria.name": "relevance"})
    with pytest.raises(InvalidInput) as refused:
        await update(notifier, endpoint.id, events=("interview.completed",))
    assert fields_of(refused.value) == ["filter.criteria.name"]
    assert (await found(notifier, endpoint.id)).events == SCORES


async def test_what_is_pending_goes_to_the_new_address(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.answer = lambda request: 500 if request.url == HOOK else 204
    for number in range(6):
        await notifier.hear(scored(), f"event-{number}")
    await notifier.send_due()
    moved = await update(notifier, endpoint.id, url=f"{HOOK}/new")
    assert moved.health == EndpointHealth.HEALTHY
    await notifier.go_on(minutes=6)
    assert (await found(notifier, endpoint.id)).delivered == 6
    assert {request.url for request in notifier.sender.sent[-6:]} == {f"{HOOK}/new"}


async def test_an_address_that_another_endpoint_has_is_refused(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(f"{HOOK}/1", SCORES)
    await notifier.register(f"{HOOK}/2", SCORES)
    with pytest.raises(Conflict, match="Another webhook of the organization has the address"):
        await update(notifier, endpoint.id, url=f"{HOOK}/2")
    assert (await found(notifier, endpoint.id)).url == f"{HOOK}/1"


async def test_what_waits_for_a_deleted_endpoint_is_given_up_and_stays_in_the_log(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    notifier.sender.statuses = [500]
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    question = DeleteWebhook(organization_id=ACME, endpoint_id=endpoint.id)
    await ask(notifier, question, WebhookDeleted)
    await notifier.send_due()
    assert (await notifier.delivery("event-1")).status == DeliveryStatus.CANCELLED
    with pytest.raises(NotFound):
        await found(notifier, endpoint.id)
    with pytest.raises(NotFound):
        await ask(notifier, question, WebhookDeleted)


async def test_nothing_of_an_endpoint_is_anothers(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    whose = {"organization_id": GLOBEX, "endpoint_id": endpoint.id}
    asked: list[tuple[type[Question], dict[str, object]]] = [
        (GetWebhook, {}),
        (UpdateWebhook, {"url": "https://elsewhere.example/"}),
        (SwitchWebhook, {"active": False}),
        (VerifyWebhook, {}),
        (RotateWebhookSecret, {"reply_key": key, "keep_old_seconds": 0}),
        (SendTest, {"event_type": "score.generated"}),
        (ReplayWebhook, {"since": "2026-03-01T00:00:00Z"}),
        (DeleteWebhook, {}),
    ]
    for kind, more in asked:
        with pytest.raises(NotFound, match=f"There is no webhook {endpoint.id}"):
            await ask(notifier, kind.model_validate({**whose, **more}), Value, GLOBEX)
    assert await all_endpoints(notifier, 10, GLOBEX) == [[]]
    assert (await notifier.endpoint(endpoint.id)).url == HOOK
    assert notifier.sender.sent == []


async def test_public_keys_are_told_to_whoever_asks(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    question = GetSigningKeys(endpoint_id=endpoint.id)
    told = await ask(notifier, question, Value, "anyone")
    assert told.model_dump()["keys"][0]["public_key"] == endpoint.signing_keys[0].public_key
    with pytest.raises(NotFound):
        await ask(notifier, GetSigningKeys(endpoint_id="unknown"), Value, "anyone")


async def test_an_organization_chooses_how_long_its_log_is_kept(notifier: Notifier) -> None:
    await notifier.register(HOOK, ("interview.completed",))
    change = ChangeWebhookSettings(organization_id=ACME, retention_days=7)
    await ask(notifier, change, WebhookSettings)
    for organization, days in ((ACME, 7), (GLOBEX, 30)):
        settings = GetWebhookSettings(organization_id=organization)
        assert (await ask(notifier, settings, WebhookSettings, organization)).retention_days == days
    await notifier.hear(completed(), "event-1")
    delivery = await notifier.delivery("event-1")
    assert (delivery.expires_at - delivery.created_at).days == 7


@pytest.mark.parametrize("days", [4, 91])
async def test_no_other_retention_is_taken(notifier: Notifier, days: int) -> None:
    question = ChangeWebhookSettings(organization_id=ACME, retention_days=days)
    with pytest.raises(InvalidInput) as refused:
        await ask(notifier, question, WebhookSettings)
    assert fields_of(refused.value) == ["retention_days"]
