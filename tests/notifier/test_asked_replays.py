"""What has happened is sent again, and examples are sent, once for each time that it is asked."""

import json
from datetime import datetime, timedelta

import pytest

from tests.notifier.asking import GLOBEX, ask, fields_of
from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import NOON, scored
from vivavoce.chassis.errors import Conflict, InvalidInput, NotFound
from vivavoce.contracts import (
    EXAMPLES,
    DeliveryFound,
    DeliveryStatus,
    GetReplay,
    ListDeliveries,
    ReplayDelivery,
    ReplayFound,
    ReplayState,
    ReplayWebhook,
    SendTest,
    Trigger,
    WebhookDelivery,
    WebhookReplay,
)

DAY = timedelta(days=1)


@pytest.fixture
def notifier() -> Notifier:
    return Notifier()


async def send_test(
    notifier: Notifier, endpoint_id: str, event: str = "webhook.failing", question_id: str | None = None
) -> WebhookDelivery:
    question = SendTest(organization_id=ACME, endpoint_id=endpoint_id, event_type=event)
    return (await ask(notifier, question, DeliveryFound, question_id=question_id)).delivery


async def replay(
    notifier: Notifier,
    endpoint_id: str,
    since: datetime = NOON - DAY,
    question_id: str | None = None,
    **more: object,
) -> WebhookReplay:
    asked = {"organization_id": ACME, "endpoint_id": endpoint_id, "since": since, **more}
    question = ReplayWebhook.model_validate(asked)
    return (await ask(notifier, question, ReplayFound, question_id=question_id)).replay


async def test_an_example_goes_to_this_endpoint_alone_whatever_it_asked_for(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(f"{HOOK}/1", SCORES)
    await notifier.register(f"{HOOK}/2", ("webhook.failing",))
    delivery = await send_test(notifier, endpoint.id)
    await notifier.send_due()
    (request,) = notifier.sender.sent
    body = json.loads(request.body)
    assert (request.url, body["type"]) == (f"{HOOK}/1", "webhook.failing")
    assert body["data"] == EXAMPLES["webhook.failing"].model_dump(mode="json")
    (attempt,) = await notifier.parts.tables.attempts.find(ACME, {"delivery_id": delivery.id})
    assert attempt.trigger == Trigger.TEST


async def test_two_tests_are_two_events_and_one_question_is_one(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    first = await send_test(notifier, endpoint.id, question_id="question-1")
    assert (await send_test(notifier, endpoint.id, question_id="question-1")).id == first.id
    assert (await send_test(notifier, endpoint.id)).event_id != first.event_id
    assert await notifier.send_due() == 2


async def test_an_example_is_left_out_of_replays(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, ("webhook.failing",))
    await send_test(notifier, endpoint.id)
    await notifier.send_due()
    await notifier.wait(minutes=1)
    await replay(notifier, endpoint.id)
    assert await notifier.send_due() == 0


async def test_a_disabled_endpoint_has_to_be_enabled_first(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    delivery = await notifier.delivery("event-1")
    await notifier.change(endpoint.id, active=False, disabled_detail="it answered 410")
    again = ReplayDelivery(organization_id=ACME, delivery_id=delivery.id)
    for asking in (
        send_test(notifier, endpoint.id),
        replay(notifier, endpoint.id),
        ask(notifier, again, DeliveryFound),
    ):
        with pytest.raises(Conflict, match=r"disabled \(it answered 410\): enable it first"):
            await asking


async def test_an_unknown_event_has_no_example(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    with pytest.raises(InvalidInput) as refused:
        await send_test(notifier, endpoint.id, "interview.submitted")
    assert fields_of(refused.value) == ["event"]


async def test_a_delivery_is_sent_again_under_its_own_id(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    delivery = await notifier.delivery("event-1")
    question = ReplayDelivery(organization_id=ACME, delivery_id=delivery.id)
    told = (await ask(notifier, question, DeliveryFound)).delivery
    assert (told.id, told.status) == (delivery.id, DeliveryStatus.PENDING)
    await notifier.send_due()
    assert notifier.sender.ids == ["event-1", "event-1"]
    with pytest.raises(NotFound):
        await ask(notifier, question.model_copy(update={"organization_id": GLOBEX}), DeliveryFound, GLOBEX)


async def test_what_can_no_longer_be_sent_is_a_conflict(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await notifier.hear(scored(), "event-1")
    delivery = await notifier.delivery("event-1")
    question = ReplayDelivery(organization_id=ACME, delivery_id=delivery.id)
    await notifier.forget(notifier.parts.tables.messages, "event-1")
    with pytest.raises(Conflict, match="no longer kept"):
        await ask(notifier, question, DeliveryFound)
    await notifier.forget(notifier.parts.tables.endpoints, endpoint.id)
    with pytest.raises(Conflict, match="register it anew"):
        await ask(notifier, question, DeliveryFound)


async def test_a_replay_tells_how_far_it_has_come(notifier: Notifier) -> None:
    await notifier.hear(scored(), "event-1")
    await notifier.wait(minutes=1)
    endpoint, _ = await notifier.register(HOOK, SCORES)
    begun = await replay(notifier, endpoint.id)
    assert (begun.state, begun.queued, begun.until) == (ReplayState.RUNNING, 0, notifier.clock.now())
    await notifier.send_due()
    question = GetReplay(organization_id=ACME, endpoint_id=endpoint.id, replay_id=begun.id)
    ended = (await ask(notifier, question, ReplayFound)).replay
    assert (ended.state, ended.queued, notifier.sender.ids) == (ReplayState.ENDED, 1, ["event-1"])
    for wrong in ({"endpoint_id": "another"}, {"replay_id": "another"}, {"organization_id": GLOBEX}):
        asked = question.model_copy(update=wrong)
        with pytest.raises(NotFound):
            await ask(notifier, asked, ReplayFound, asked.organization_id)


async def test_one_question_begins_one_replay(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    first = await replay(notifier, endpoint.id, question_id="question-1")
    await notifier.wait(seconds=1)
    assert await replay(notifier, endpoint.id, question_id="question-1") == first
    assert (await replay(notifier, endpoint.id)).id != first.id


async def test_a_time_that_has_not_come_is_cut_and_one_without_anything_refused(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    assert (await replay(notifier, endpoint.id, until=NOON + DAY)).until == NOON
    for since, until in ((NOON, None), (NOON + DAY, NOON + 2 * DAY), (NOON - DAY, NOON - 2 * DAY)):
        with pytest.raises(InvalidInput) as refused:
            await replay(notifier, endpoint.id, since, until=until)
        assert fields_of(refused.value) == ["since"]


async def test_there_is_an_end_to_replays_at_once(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    for _ in range(10):
        await replay(notifier, endpoint.id)
    with pytest.raises(Conflict, match="wait until one has ended"):
        await replay(notifier, endpoint.id)
    await notifier.go_on(minutes=2)
    await replay(notifier, endpoint.id)


async def test_the_questions_id_is_what_a_test_is_known_by(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    delivery = await send_test(notifier, endpoint.id)
    question = ListDeliveries(organization_id=ACME, endpoint_id=endpoint.id)
    (listed,) = (await notifier.parts.questions.log.deliveries(question, notifier.context(ACME))).deliveries
    assert listed == delivery
