"""A gateway that is full says when to come again, and takes submissions all the same."""

import asyncio

import pytest

from tests.support.databases import until
from tests.support.house import House
from vivavoce.chassis import ask


async def test_a_full_asker_is_a_503_with_a_time_to_wait_and_a_submission_is_still_accepted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask, "MOST_WAITING", 2)
    answering = house.bus.wire._listeners
    house.bus.wire._listeners = [one for one in answering if one.topic != "notifier.requests"]
    async with house.caller() as caller:
        waiting = [asyncio.create_task(caller.get("/api/webhooks")) for _ in range(2)]
        await until(lambda: len(house.bus.records("notifier.requests")) == 2)

        refused = await caller.get("/api/webhooks")
        submitted = await house.submit("one", "two")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert submitted.response.status_code == 202
    await house.settle()
    assert (await house.state(submitted))["status"] == "completed"
