"""A rate limit limits, over every process; concurrency is bounded per endpoint."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.databases import until
from tests.support.facts import NOON, scored
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.contracts import DeliveryStatus
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.ports import Request

SECOND = timedelta(seconds=1)


async def heard(notifier: Notifier, count: int) -> None:
    for number in range(count):
        await notifier.hear(scored(), f"event-{number:02}")


async def test_no_more_goes_out_in_a_second_than_the_endpoint_takes() -> None:
    notifier = Notifier()
    await notifier.register(HOOK, SCORES, rate_limit=2.0)
    await heard(notifier, 20)
    sent = [await notifier.send_due()]
    for _ in range(10):
        await notifier.clock.advance(SECOND)
        sent.append(await notifier.send_due())
    assert max(sent) <= 2
    assert sum(sent) == 20
    assert {(await notifier.delivery(f"event-{n:02}")).tries for n in range(20)} == {1}


async def test_two_senders_share_one_limit() -> None:
    one = Notifier()
    other = Notifier(database=one.parts.database, clock=one.clock, notifier_private_key=one.private_key)
    await one.register(HOOK, SCORES, rate_limit=1.0)
    await heard(one, 10)
    sent = []
    for _ in range(10):
        sent.append(await one.send_due() + await other.send_due())
        await one.clock.advance(SECOND)
    assert sent == [1] * 10


async def test_a_slot_that_was_missed_by_far_is_given_anew() -> None:
    notifier = Notifier()
    await notifier.register(HOOK, SCORES, rate_limit=0.5)
    await heard(notifier, 10)
    await notifier.send_due()
    await notifier.wait(hours=1)
    assert await notifier.send_due() == 1


class Gate:
    """A sender that holds every attempt until it is opened, and counts."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.opened = asyncio.Event()

    async def send(self, request: Request) -> Outcome:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.opened.wait()
        self.inside -= 1
        return Outcome(at=NOON, status=204, duration=0.0)

    async def aclose(self) -> None:
        """There is nothing to let go of."""


async def test_an_endpoint_may_choose_how_many_attempts_it_takes_at_once() -> None:
    gate = Gate()
    notifier = Notifier(sender=gate)
    await notifier.register(HOOK, SCORES, concurrency=1)
    await heard(notifier, 3)
    pool = asyncio.create_task(notifier.parts.pool.run_forever())
    try:
        await until(lambda: gate.inside == 1)
        gate.opened.set()

        async def all_delivered() -> bool:
            found = await notifier.parts.tables.deliveries.find("org_acme")
            return {one.status for one in found} == {DeliveryStatus.DELIVERED}

        await until(all_delivered)
    finally:
        pool.cancel()
        with suppress(asyncio.CancelledError):
            await pool
    assert gate.most == 1
    assert isinstance(notifier.parts.database, MemoryDatabase)
