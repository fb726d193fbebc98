"""With `ordered`, the facts of a key arrive one after the other; one that fails holds back that key alone."""

import asyncio
from collections import defaultdict
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.facts import NOON, completed, scored
from vivavoce.contracts import DeliveryStatus, ScoreGenerated, Waiting
from vivavoce.notifier.errands import cancel_of, replay_of

BOTH = ("score.generated", "interview.completed")
SECOND = timedelta(seconds=1)


@pytest.fixture
def notifier() -> Notifier:
    return Notifier(webhook_retry_delays=(5, 300, 300))


def of(interview: str) -> ScoreGenerated:
    return scored().model_copy(update={"interview_id": interview})


async def heard(notifier: Notifier, *keyed: str) -> None:
    """Facts such as `a1`, `a2`, `b1`: the letter is the key, the whole the event's id; a second apart."""
    for event_id in keyed:
        await notifier.hear(of(event_id[0]), event_id)
        await notifier.clock.advance(SECOND)


async def test_a_failing_fact_holds_back_its_key_and_no_other(notifier: Notifier) -> None:
    notifier.sender.answer = lambda sent: 500 if sent.headers["webhook-id"] == "a1" else None
    await notifier.register(HOOK, SCORES, ordered=True)
    await heard(notifier, "a1", "a2", "b1", "b2")
    await notifier.go_on(SECOND, seconds=4)
    assert notifier.sender.ids == ["a1", "b1", "b2"]
    assert (await notifier.delivery("a2")).waiting == Waiting.TURN


async def test_the_next_of_the_key_goes_when_the_first_is_delivered_or_given_up(notifier: Notifier) -> None:
    notifier.sender.statuses = [500, 204]
    await notifier.register(HOOK, SCORES, ordered=True)
    await heard(notifier, "a1", "a2", "a3")
    await notifier.go_on(seconds=20)
    assert notifier.sender.ids == ["a1", "a1", "a2", "a3"]
    notifier.sender.answer = lambda sent: 500 if sent.headers["webhook-id"] == "a4" else None
    await heard(notifier, "a4", "a5")
    await notifier.go_on(minutes=20)
    assert notifier.sender.ids[4:] == ["a4"] * 4 + ["a5"]
    assert (await notifier.delivery("a4")).status == DeliveryStatus.FAILED


async def test_an_earlier_fact_that_comes_later_over_another_topic_goes_first(notifier: Notifier) -> None:
    await notifier.register(HOOK, BOTH, ordered=True)
    await notifier.hear(completed(), "the end", at=NOON + SECOND)
    await notifier.hear(scored(), "the score", at=NOON)
    await notifier.go_on(SECOND, seconds=3)
    assert notifier.sender.ids == ["the score", "the end"]


async def test_what_has_been_tried_keeps_its_turn(notifier: Notifier) -> None:
    notifier.sender.statuses = [500]
    await notifier.register(HOOK, BOTH, ordered=True)
    await notifier.hear(completed(), "the end", at=NOON + SECOND)
    await notifier.go_on(SECOND, seconds=2)
    await notifier.hear(scored(), "the score", at=NOON)
    await notifier.go_on(seconds=20)
    assert notifier.sender.ids == ["the end", "the end", "the score"]


async def test_without_the_option_nothing_waits_for_another(notifier: Notifier) -> None:
    notifier.sender.statuses = [500]
    await notifier.register(HOOK, SCORES)
    await notifier.hear(of("a"), "a1")
    await notifier.hear(of("a"), "a2")
    await notifier.send_due()
    assert sorted(notifier.sender.ids) == ["a1", "a2"]


async def test_a_replay_goes_in_order_and_behind_what_is_under_way(notifier: Notifier) -> None:
    endpoint, _ = await notifier.register(HOOK, SCORES, ordered=True)
    await heard(notifier, "a1", "a2", "a3")
    await notifier.go_on(seconds=10)
    notifier.sender.sent.clear()
    stored = await notifier.endpoint(endpoint.id)
    now = notifier.clock.now()
    await notifier.put(replay_of(stored, NOON, now, now, missing_only=False))
    await notifier.go_on(SECOND, seconds=5)
    assert notifier.sender.ids == ["a1", "a2", "a3"]


async def test_a_paused_endpoint_gets_its_keys_in_order_when_it_is_back(notifier: Notifier) -> None:
    notifier.sender.statuses = [500] * 6
    await notifier.register(HOOK, SCORES, ordered=True)
    await heard(notifier, *(f"{key}{number}" for number in range(4) for key in "abcdef"))
    await notifier.go_on(minutes=30)
    accepted = accepted_by_key(notifier)
    assert accepted == {key: [f"{key}{number}" for number in range(4)] for key in "abcdef"}


async def test_a_key_whose_first_was_forgotten_goes_on(notifier: Notifier) -> None:
    await notifier.register(HOOK, SCORES, ordered=True)
    notifier.sender.answer = lambda _: 500
    await heard(notifier, "a1", "a2")
    await notifier.send_due()
    await notifier.forget(notifier.parts.tables.deliveries, (await notifier.delivery("a1")).id)
    notifier.sender.answer = None
    await heard(notifier, "a3")
    await notifier.go_on(seconds=10)
    assert notifier.sender.ids[-2:] == ["a2", "a3"]


async def test_deleting_an_endpoint_gives_up_what_waits_for_a_turn(notifier: Notifier) -> None:
    notifier.sender.answer = lambda _: 500
    endpoint, _ = await notifier.register(HOOK, SCORES, ordered=True)
    await heard(notifier, "a1", "a2", "a3")
    stored = await notifier.endpoint(endpoint.id)
    await notifier.forget(notifier.parts.tables.endpoints, endpoint.id)
    await notifier.put(cancel_of(stored, notifier.clock.now()))
    await notifier.go_on(minutes=10)
    ends = [(await notifier.delivery(event_id)).status for event_id in ("a1", "a2", "a3")]
    assert ends == [DeliveryStatus.CANCELLED] * 3


OUTCOMES = st.lists(st.sampled_from([204, 204, 500, 429, 503]), max_size=40)
KEYS = st.lists(st.sampled_from("abc"), min_size=1, max_size=14)


@settings(max_examples=40, deadline=None)
@given(outcomes=OUTCOMES, keys=KEYS, seed=st.integers(0, 2**16))
def test_whatever_the_answers_no_attempt_of_a_key_is_out_of_order_and_none_is_lost(
    outcomes: list[int], keys: list[str], seed: int
) -> None:
    asyncio.run(_stays_in_order(outcomes, keys, Random(seed)))


async def _stays_in_order(outcomes: list[int], keys: list[str], chance: Random) -> None:
    notifier = Notifier(webhook_retry_delays=(5, 300, 300))
    notifier.sender.statuses = list(outcomes)
    await notifier.register(HOOK, SCORES, ordered=True)
    for place, key in enumerate(keys):
        await notifier.hear(of(key), f"{key}{place:02}")
        await notifier.go_on(SECOND, seconds=chance.randrange(1, 4))
    await notifier.go_on(timedelta(minutes=1), hours=2)
    attempts: dict[str, list[str]] = defaultdict(list)
    for event_id in notifier.sender.ids:
        attempts[event_id[0]].append(event_id)
    assert all(tried == sorted(tried) for tried in attempts.values())
    ends = [(await notifier.delivery(f"{key}{place:02}")).status for place, key in enumerate(keys)]
    assert set(ends) <= {DeliveryStatus.DELIVERED, DeliveryStatus.FAILED}


def accepted_by_key(notifier: Notifier) -> dict[str, list[str]]:
    """What arrived, by key, each once."""
    found: dict[str, list[str]] = defaultdict(list)
    for event_id in notifier.sender.ids:
        if event_id not in found[event_id[0]]:
            found[event_id[0]].append(event_id)
    return dict(found)
