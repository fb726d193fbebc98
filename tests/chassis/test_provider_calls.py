"""A model at a provider's address: bounded, behind a breaker, measured, and no try is lost while it rests."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import ClientError, ClientSession, web
from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY

from tests.support.gateway import NOON
from vivavoce.chassis.breaker import Breaker
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.errors import (
    CircuitOpen,
    ProviderAway,
    ProviderFault,
    ProviderRefused,
    RateLimited,
    VivaError,
)
from vivavoce.chassis.model_calls import ModelCall
from vivavoce.chassis.provider_calls import call_provider, error_of_status
from vivavoce.chassis.retry import Backoff, GaveUp, HandBack, Patience

REST = timedelta(seconds=30)


class Provider:
    """A provider on this machine that answers as told; `hang` lets it never answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.headers: dict[str, str] = {}
        self.hang = False

    async def answer(self, _: web.Request) -> web.Response:
        """What was told."""
        self.asked += 1
        if self.hang:
            await asyncio.sleep(60)
        body = {"said": "fine", "tokens": [120, 30]}
        return web.json_response(body, status=self.status, headers=self.headers)


class LoopbackModel:
    """A client of that provider, as an adapter of a real one is built."""

    def __init__(self, url: str, breaker: Breaker, clock: ManualClock, within: timedelta) -> None:
        self._url, self._breaker, self._clock, self._within = url, breaker, clock, within

    async def judge(self) -> str:
        """The provider's words."""
        return await call_provider(
            self._breaker, self._ask, operation="chat", model="loopback-1", within=self._within
        )

    async def _ask(self, call: ModelCall) -> str:
        try:
            async with ClientSession() as session, session.post(self._url) as response:
                if response.status != web.HTTPOk.status_code:
                    wait = response.headers.get("retry-after")
                    raise error_of_status("loopback", response.status, wait, self._clock.now())
                body = await response.json()
        except ClientError as error:
            raise ProviderAway(f"loopback: {type(error).__name__}") from error
        call.input_tokens, call.output_tokens = body["tokens"]
        return str(body["said"])


class Bench:
    """The provider, its server, a breaker that opens after three failures, and the client."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.provider = Provider()
        app = web.Application()
        app.router.add_post("/", self.provider.answer)
        self.url = ""
        self.server = TestServer(app, host="127.0.0.1")
        rest = REST.total_seconds()
        self.breaker = Breaker("loopback", self.clock, failures=3, rest_seconds=rest)

    def model(self, within: timedelta = timedelta(seconds=20)) -> LoopbackModel:
        return LoopbackModel(self.url, self.breaker, self.clock, within)

    async def fails(self, *, times: int = 3) -> None:
        for _ in range(times):
            with pytest.raises(ProviderFault):
                await self.model().judge()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    await bench.server.start_server()
    bench.url = str(bench.server.make_url("/"))
    yield bench
    await bench.server.close()


def counted(outcome: str) -> float:
    labels = {"operation": "chat", "provider": "loopback", "model": "loopback-1", "outcome": outcome}
    return REGISTRY.get_sample_value("viva_model_calls_total", labels) or 0.0


async def test_an_answer_is_measured_with_its_tokens(bench: Bench) -> None:
    tokens = {"provider": "loopback", "model": "loopback-1", "direction": "output"}
    before = REGISTRY.get_sample_value("viva_model_tokens_total", tokens) or 0.0
    well = counted("ok")
    assert await bench.model().judge() == "fine"
    assert REGISTRY.get_sample_value("viva_model_tokens_total", tokens) == before + 30
    assert counted("ok") == well + 1


async def test_a_provider_that_fails_is_left_alone_and_comes_back_by_one_trial(bench: Bench) -> None:
    bench.provider.status = 500
    await bench.fails()
    calls = counted("provider_fault")
    with pytest.raises(CircuitOpen) as refused:
        await bench.model().judge()
    assert (refused.value.status, refused.value.retry_after) == (503, 30)
    assert bench.provider.asked == 3
    assert counted("provider_fault") == calls
    await bench.clock.advance(REST)
    bench.provider.status = 200
    assert await bench.model().judge() == "fine"
    assert bench.breaker.state.state == "closed"


async def test_one_that_hangs_is_given_up_and_that_is_a_failure(bench: Bench) -> None:
    bench.provider.hang = True
    with pytest.raises(ProviderAway, match="within"):
        await bench.model(timedelta(milliseconds=50)).judge()
    assert bench.breaker.state.failures == 1


async def test_one_that_is_not_there_is_a_failure(bench: Bench) -> None:
    await bench.server.close()
    await bench.fails()
    assert bench.breaker.state.state == "open"


@pytest.mark.parametrize("status", [400, 404, 413, 422, 429])
async def test_one_that_refuses_what_it_is_asked_is_well(bench: Bench, status: int) -> None:
    bench.provider.status = status
    for _ in range(5):
        with pytest.raises(VivaError):
            await bench.model().judge()
    assert (bench.provider.asked, bench.breaker.state.failures) == (5, 0)


@pytest.mark.parametrize("status", [401, 403, 408, 500, 502, 503, 529])
def test_what_holds_for_every_call_is_a_fault(status: int) -> None:
    error = error_of_status("loopback", status, None, NOON)
    assert isinstance(error, ProviderFault)
    assert not isinstance(error, ProviderRefused)


def test_a_wish_to_be_asked_later_is_kept() -> None:
    busy = error_of_status("loopback", 429, "7", NOON)
    away = error_of_status("loopback", 503, "Mon, 02 Mar 2026 12:00:09 GMT", NOON)
    assert isinstance(busy, RateLimited)
    assert (busy.retry_after, away.retry_after) == (7, 9)


async def test_a_worker_waits_for_an_open_breaker_without_using_up_its_tries(bench: Bench) -> None:
    bench.provider.status = 500
    await bench.fails()
    bench.provider.status = 200
    patience = Patience(bench.clock, Backoff(first=10, longest=10), limit=60)
    work = asyncio.create_task(patience.persist(bench.model().judge, tries=1))
    while not work.done():
        await asyncio.sleep(0.001)
        await bench.clock.advance(timedelta(seconds=1))
    assert await work == "fine"
    assert bench.provider.asked == 4


async def test_a_worker_that_has_waited_long_hands_its_message_back(bench: Bench) -> None:
    bench.provider.status = 500
    await bench.fails()
    with pytest.raises(HandBack):
        await Patience(bench.clock, limit=0).persist(bench.model().judge, tries=3)


async def test_a_refusal_is_not_tried_again(bench: Bench) -> None:
    bench.provider.status = 400
    with pytest.raises(GaveUp):
        await Patience(bench.clock, Backoff(first=0, longest=0)).persist(bench.model().judge, tries=5)
    assert bench.provider.asked == 1
