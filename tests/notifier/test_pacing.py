"""A rate limit limits, over every process; concurrency is bounded per endpoint."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from tests.notifier.notifying import HOOK, SCORES, Notifier
from tests.support.databases import until
from tests.support.facts import NOON, scored
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
    """A sender that holds attempts, all or those at one address, until it is opened, and counts them."""

    def __init__(self, hangs: str = HOOK) -> None:
        self.hangs = hangs
        self.passed: list[str] = []
        self.inside = 0
        self.most = 0
        self.opened = asyncio.Event()

    async def send(self, request: Request) -> Outcome:
        if request.url == self.hangs:
            self.inside += 1
            self.most = max(self.most, self.inside)
            await self.opened.wait()
            self.inside -= 1
        else:
            self.passed.append(request.headers["webhook-id"])
        return Outcome(at=NOON, status=204, duration=0.0)

    async def aclose(self) -> None:
        """There is nothing to let go of."""


@asynccontextmanager
async def sending(notifier: Notifier) -> AsyncIterator[None]:
    """The pool at work for the length of a block."""
    pool = asyncio.create_task(notifier.parts.pool.run_forever())
    try:
        yield
    finally:
        pool.cancel()
        with suppress(asyncio.CancelledError):
            await pool


async def test_an_endpoint_may_choose_how_many_attempts_it_takes_at_once() -> None:
    gate = Gate()
    notifier = Notifier(sender=gate)
    await notifier.register(HOOK, SCORES, concurrency=1)
    await heard(notifier, 3)

    async def all_delivered() -> bool:
        found = await notifier.parts.tables.deliveries.find("org_acme")
        return {one.status for one in found} == {DeliveryStatus.DELIVERED}

    async with sending(notifier):
        await until(lambda: gate.inside == 1)
        gate.opened.set()
        await until(all_delivered)
    assert gate.most == 1


async def test_an_endpoint_that_hangs_does_not_slow_another() -> None:
    gate = Gate(hangs=HOOK)
    notifier = Notifier(sender=gate, webhook_concurrency=6, webhook_concurrency_per_endpoint=4)
    await notifier.register(HOOK, SCORES)
    await notifier.register(f"{HOOK}/well", SCORES)
    async with sending(notifier):
        await heard(notifier, 12)
        await until(lambda: len(gate.passed) == 12)
        assert (gate.inside, gate.most) == (4, 4)
        gate.opened.set()
