"""The receiver of measured webhooks answers as the measurement says it does."""

import asyncio
from collections import Counter

import pytest
from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestClient, TestServer

from bench.receiver import Subscriber


async def post(client: "TestClient[web.Request, web.Application]", endpoint: str, event_id: str) -> int:
    async with client.post(f"/{endpoint}", headers={"webhook-id": event_id}, data=b"{}") as response:
        return response.status


async def test_the_failing_endpoint_fails_three_requests_in_a_hundred() -> None:
    async with TestClient(TestServer(Subscriber(hanging=False).app())) as client:
        statuses = Counter([await post(client, "failing", str(number)) for number in range(100)])

    assert statuses == {204: 97, 500: 3}


async def test_an_id_that_comes_twice_is_accepted_once_and_noted_twice() -> None:
    async with TestClient(TestServer(Subscriber(hanging=False).app())) as client:
        for _ in range(2):
            await post(client, "steady-1", "a")
        accepted = await (await client.get("/count")).json()
        noted = await (await client.get("/receipts")).json()

    assert accepted["steady-1"] == 1
    assert [receipt["event_id"] for receipt in noted] == ["a", "a"]


async def test_the_hanging_endpoint_notes_the_request_and_never_answers() -> None:
    async with TestClient(TestServer(Subscriber(hanging=True).app())) as client:
        with pytest.raises(asyncio.TimeoutError):
            await client.post("/doubtful", headers={"webhook-id": "a"}, timeout=ClientTimeout(total=0.5))
        (noted,) = await (await client.get("/receipts")).json()

    assert (noted["event_id"], noted["status"]) == ("a", None)
