"""Whatever an endpoint does, an attempt ends in time, calls no forbidden address and says what was wrong."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.notifier.test_http_sender import endpoint
from tests.support.facts import NOON
from vivavoce.chassis.clock import ManualClock
from vivavoce.notifier.adapters.http_sender import HttpSender
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.ports import Request
from vivavoce.notifier.settings import NotifierSettings

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
TIME = 1.0
PEM = "server.pem"


def make_sender(*, loopback: bool = True) -> HttpSender:
    allowed = {"allow_loopback_webhooks": True} if loopback else {}
    settings = NotifierSettings.model_validate({"webhook_timeout": TIME, **allowed})
    return HttpSender(settings, ManualClock(NOON))


async def sent_to(url: str, *, loopback: bool = True) -> Outcome:
    """What comes of one attempt, which must end."""
    async with aclosing(make_sender(loopback=loopback)) as sender, asyncio.timeout(15):
        return await sender.send(Request(url=url, body="{}"))


@asynccontextmanager
async def raw(connected: Connected, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The host and port of a server that speaks as it is told."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await connected(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def says(text: bytes, then_silent: bool = True) -> Connected:
    """Says this and falls silent."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)
        await writer.drain()
        await asyncio.sleep(5 if then_silent else 0)

    return connected


@pytest.mark.parametrize(
    ("before", "status"),
    [(b"", None), (b"HTTP/1.1 204 No Con", None), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbeg", 200)],
)
async def test_one_that_hangs_costs_the_time_of_one_attempt(before: bytes, status: int | None) -> None:
    async with raw(says(before)) as host:
        outcome = await sent_to(f"http://{host}/")
    assert outcome.status == status
    assert outcome.error == (None if status else "the endpoint did not answer in time")
    assert outcome.response_body == ("beg" if status else "")


async def test_a_slow_answer_counts_when_it_comes_in_time() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in (b"HTTP/1.1 ", b"200 OK\r\n", b"Content-Length: 0\r\n\r\n"):
            await asyncio.sleep(TIME / 20)
            writer.write(part)

    async with raw(slow) as host:
        outcome = await sent_to(f"http://{host}/")
    assert (outcome.status, outcome.accepted) == (200, True)


async def test_one_whose_headers_never_end_costs_the_time_of_one_attempt() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not writer.is_closing():
            writer.write(b"x-more: y\r\n")
            await asyncio.sleep(TIME / 20)

    async with raw(trickle) as host:
        outcome = await sent_to(f"http://{host}/")
    assert (outcome.status, outcome.error) == (None, "the endpoint did not answer in time")


async def test_of_a_long_answer_the_beginning_is_kept() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=500, body=b"x" * 10_000_000)

    async with endpoint(answer) as url:
        outcome = await sent_to(url)
    assert (outcome.status, len(outcome.response_body), outcome.response_cut) == (500, 4096, True)


async def test_what_does_not_speak_http_is_said_so() -> None:
    async with raw(says(b"SSH-2.0-OpenSSH_9.2\r\n", then_silent=False)) as host:
        outcome = await sent_to(f"http://{host}/")
    assert (outcome.status, outcome.accepted) == (None, False)
    assert outcome.error


async def test_broken_tls_is_a_failure() -> None:
    async def gibberish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"no TLS here")

    async with raw(gibberish) as host:
        outcome = await sent_to(f"https://{host}/")
    assert (outcome.status, outcome.accepted) == (None, False)


def certificate(folder: Path, valid_until: datetime) -> ssl.SSLContext:
    """A server's side with a certificate for 127.0.0.1 by nobody in particular."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_until - timedelta(days=30))
        .not_valid_after(valid_until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / PEM
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def answered_over_tls(context: ssl.SSLContext) -> Outcome:
    """What comes of one attempt at a server with this certificate."""
    async with raw(says(b"HTTP/1.1 204 No Content\r\n\r\n", then_silent=False), context) as host:
        return await sent_to(f"https://{host}/")


async def test_a_certificate_by_nobody_in_particular_is_a_failure(tmp_path: Path) -> None:
    outcome = await answered_over_tls(certificate(tmp_path, datetime.now(UTC) + timedelta(days=1)))
    assert (outcome.status, outcome.accepted) == (None, False)
    assert "certificate" in (outcome.error or "").lower()


@pytest.mark.parametrize(("days", "status", "error"), [(1, 204, ""), (-1, None, "certificate has expired")])
async def test_a_certificate_that_is_trusted_is_taken_until_it_expires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, status: int | None, error: str
) -> None:
    context = certificate(tmp_path, datetime.now(UTC) + timedelta(days=days))
    trusting = ssl.create_default_context(cafile=tmp_path / PEM)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    outcome = await answered_over_tls(context)
    assert outcome.status == status
    assert error in (outcome.error or "")


async def test_a_redirect_is_not_followed_and_said_so() -> None:
    followed: list[str] = []

    async def private(request: web.Request) -> web.Response:
        followed.append(request.path)
        return web.Response()

    async with endpoint(private) as private_url:

        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": private_url})

        async with endpoint(answer) as url:
            outcome = await sent_to(url)
    assert (outcome.status, outcome.accepted) == (307, False)
    assert "redirect" in (outcome.error or "")
    assert followed == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "127.1",
        "0.0.0.0",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
    ],
)
async def test_an_address_that_is_not_public_is_not_called_however_it_is_spelled(host: str) -> None:
    outcome = await sent_to(f"http://{host}:9/", loopback=False)
    assert (outcome.status, outcome.accepted) == (None, False)
    assert outcome.duration < TIME


async def test_a_name_is_judged_each_time_by_the_address_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["127.0.0.1", "10.0.0.1"])

    async def resolve(_: object, host: str, port: int, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
    async with raw(says(b"HTTP/1.1 204 No Content\r\n\r\n", then_silent=False)) as host:
        url = f"http://rebinding.example:{host.rpartition(':')[2]}/"
        first, second = await sent_to(url), await sent_to(url)
    assert (first.status, second.status) == (204, None)
    assert "10.0.0.1 is not an address on the public internet" in (second.error or "")


async def test_a_name_that_leads_to_a_private_address_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(_: object, host: str, port: int, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise AssertionError("it was called")

    async with raw(connected) as host:
        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
        url = f"http://inside.example:{host.rpartition(':')[2]}/"
        outcome = await sent_to(url, loopback=False)
    assert outcome.status is None
    assert "public internet" in (outcome.error or "")


@pytest.mark.parametrize(("hours", "word"), [(-1, "behind"), (1, "ahead of")])
async def test_a_refusal_by_a_clock_that_is_off_says_that_it_is(hours: int, word: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        date = format_datetime(NOON + timedelta(hours=hours), usegmt=True)
        return web.Response(status=401, headers={"Date": date})

    async with endpoint(answer) as url:
        outcome = await sent_to(url)
    assert f"its clock is 3600 s {word} ours" in (outcome.error or "")


async def test_a_refusal_by_a_clock_that_is_right_says_nothing_of_it() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=401, headers={"Date": format_datetime(NOON, usegmt=True)})

    async with endpoint(answer) as url:
        assert (await sent_to(url)).error == "the endpoint answered 401"
