"""Secrets are replaced without a moment in which a receiver can't verify."""

import base64

import pytest
from nacl.public import SealedBox

from tests.notifier.asking import ask, fields_of, found
from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import scored
from vivavoce.chassis.errors import Conflict, InvalidInput
from vivavoce.contracts import RotateWebhookSecret, WebhookRegistered

DAY = 86_400


@pytest.fixture
def notifier() -> Notifier:
    return Notifier()


async def rotate(notifier: Notifier, endpoint_id: str, keep: int, question_id: str | None = None) -> str:
    """The new secret."""
    question = RotateWebhookSecret(
        organization_id=ACME,
        endpoint_id=endpoint_id,
        reply_key=base64.b64encode(bytes(notifier.asker_key.public_key)).decode(),
        keep_old_seconds=keep,
    )
    reply = await ask(notifier, question, WebhookRegistered, question_id=question_id)
    return SealedBox(notifier.asker_key).decrypt(base64.b64decode(reply.secret)).decode()


async def signatures(notifier: Notifier, event_id: str) -> int:
    """How many signatures a delivery carries now."""
    await notifier.hear(scored(), event_id)
    await notifier.send_due()
    return len(notifier.sender.sent[-1].headers["webhook-signature"].split(" "))


@pytest.mark.parametrize("days", [1, 7])
async def test_the_old_secret_signs_too_until_its_end(notifier: Notifier, days: int) -> None:
    endpoint, old = await notifier.register(HOOK, SCORES)
    new = await rotate(notifier, endpoint.id, days * DAY)
    assert new != old
    assert await signatures(notifier, "event-1") == 4
    keys = (await found(notifier, endpoint.id)).signing_keys
    assert [key.until is None for key in keys] == [True, False]
    await notifier.wait(days=days, seconds=-1)
    assert await signatures(notifier, "event-2") == 4
    await notifier.wait(seconds=1)
    assert await signatures(notifier, "event-3") == 2
    assert len((await found(notifier, endpoint.id)).signing_keys) == 1


async def test_kept_for_no_time_the_old_one_ends_at_once(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await rotate(notifier, endpoint.id, 0)
    assert await signatures(notifier, "event-1") == 2


async def test_a_second_rotation_does_not_lengthen_an_old_ones_life(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    await rotate(notifier, endpoint.id, 60)
    await rotate(notifier, endpoint.id, DAY)
    await notifier.wait(minutes=1)
    assert await signatures(notifier, "event-1") == 4


async def test_the_same_question_again_gets_the_same_secret(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    first = await rotate(notifier, endpoint.id, DAY, "question-1")
    assert await rotate(notifier, endpoint.id, DAY, "question-1") == first
    assert await signatures(notifier, "event-1") == 4


async def test_there_is_an_end_to_secrets_that_sign_and_it_says_what_to_do(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    for _ in range(4):
        await rotate(notifier, endpoint.id, DAY)
    with pytest.raises(Conflict, match="keepOldSeconds 0"):
        await rotate(notifier, endpoint.id, DAY)
    await rotate(notifier, endpoint.id, 0)
    assert await signatures(notifier, "event-1") == 2


@pytest.mark.parametrize("seconds", [-1, 604_801])
async def test_no_other_time_is_taken(notifier: Notifier, seconds: int) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES)
    with pytest.raises(InvalidInput) as refused:
        await rotate(notifier, endpoint.id, seconds)
    assert fields_of(refused.value) == ["keep_old_seconds"]
