"""An attempt over real HTTP: the status counts, whatever the answer's body does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.notifier.notifying import Notifier
from tests.support.facts import NOON
from vivavoce.chassis.broker import make_broker
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.retry_after import LONGEST_SECONDS, seconds_until
from vivavoce.notifier.adapters import http_sender
from vivavoce.notifier.adapters.http_sender import HttpSender
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.ports import Request
from vivavoce.notifier.settings import NotifierSettings

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def endpoint(answer: Answer) -> AsyncIterator[str]:
    """The address of an endpoint that answers as it is told."""
    app = web.Application()
    app.router.add_post("/hook", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}/hook"


def make_sender(timeout: float = 2.0) -> HttpSender:
    settings = NotifierSettings(allow_loopback_webhooks=True, webhook_timeout=timeout)
    return HttpSender(settings, ManualClock(NOON))


async def attempt(answer: Answer) -> Outcome:
    """One attempt at an endpoint that answers so."""
    async with endpoint(answer) as url, aclosing(make_sender()) as sender:
        return await sender.send(Request(url=url, body="{}"))


def broken_off(status: int, after: float) -> Answer:
    """Answers with a status and a length, and hangs up after some seconds without a body."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers={"Content-Length": "100"})
        await response.prepare(request)
        await asyncio.sleep(after)
        if request.transport is not None:
            request.transport.abort()
        return response

    return answer


def with_wish(header: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": header})

    return answer


async def never(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()


async def test_a_delivery_is_accepted_by_its_status_although_the_body_stalls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_sender, "GLANCE_SECONDS", 0.2)
    made = await attempt(broken_off(202, after=1.5))
    assert (made.status, made.error, made.accepted) == (202, None, True)
    assert made.duration < 1.0


async def test_a_body_that_outlasts_the_whole_attempt_does_not_take_its_status() -> None:
    async with endpoint(broken_off(200, after=1.0)) as url, aclosing(make_sender(timeout=0.4)) as sender:
        made = await sender.send(Request(url=url, body="{}"))
    assert (made.status, made.accepted) == (200, True)


async def test_a_body_that_breaks_off_does_not_take_its_status() -> None:
    made = await attempt(broken_off(205, after=0.05))
    assert (made.status, made.accepted) == (205, True)


@pytest.mark.parametrize("status", [200, 201, 299, 300, 304, 399, 400, 499, 500, 599])
async def test_no_status_but_2xx_is_success(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status)

    made = await attempt(answer)
    assert (made.status, made.accepted) == (status, status < 300)


async def test_without_a_status_the_attempt_failed() -> None:
    async with endpoint(never) as url, aclosing(make_sender(timeout=0.2)) as sender:
        made = await sender.send(Request(url=url, body="{}"))
    assert (made.status, made.accepted) == (None, False)
    assert made.error == "the endpoint did not answer in time"


@pytest.mark.parametrize(
    ("header", "wish"),
    [
        ("120", 120.0),
        (format_datetime(NOON + timedelta(minutes=5), usegmt=True), 300.0),
        (format_datetime(NOON - timedelta(minutes=5), usegmt=True), 0.0),
        ("9" * 400, LONGEST_SECONDS),
        ("soon", None),
    ],
)
async def test_the_receivers_wish_is_read_as_seconds_or_as_a_date(header: str, wish: float | None) -> None:
    made = await attempt(with_wish(header))
    assert (made.status, made.retry_after) == (503, wish)


@pytest.mark.parametrize("header", [None, "", "²", "-5", "1.5", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_what_is_no_wish_is_none(header: str | None) -> None:
    assert seconds_until(header, NOON) is None


async def test_connections_are_closed_when_the_service_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[aiohttp.ClientSession] = []
    close = aiohttp.ClientSession.close

    async def noted(session: aiohttp.ClientSession) -> None:
        closed.append(session)
        await close(session)

    async def welcome(_: web.Request) -> web.Response:
        return web.Response()

    monkeypatch.setattr(aiohttp.ClientSession, "close", noted)
    sender = make_sender()
    async with endpoint(welcome) as url:
        await sender.send(Request(url=url, body="{}"))
        service = Notifier(sender).parts.service(make_broker(NotifierSettings()))
        working = asyncio.gather(*(work() for work in service.background), return_exceptions=True)
        await asyncio.sleep(0.05)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    assert len(closed) == 1
