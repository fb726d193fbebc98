"""No address that isn't public is connected to, however it is written and whatever it resolves to."""

import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult
from aiohttp.test_utils import TestServer

from vivavoce.chassis.guard import AddressGuard, ForbiddenAddress, guarded_session

FORBIDDEN = {
    "loopback": "127.0.0.1",
    "another loopback": "127.8.9.10",
    "loopback of IPv6": "::1",
    "unspecified": "0.0.0.0",
    "this network": "0.1.2.3",
    "unspecified of IPv6": "::",
    "private 10": "10.0.0.1",
    "private 172.16": "172.31.255.255",
    "private 192.168": "192.168.1.1",
    "shared by carriers": "100.64.0.1",
    "end of the carriers' range": "100.127.255.254",
    "link-local": "169.254.1.1",
    "cloud metadata": "169.254.169.254",
    "cloud metadata of IPv6": "fd00:ec2::254",
    "Alibaba's metadata": "100.100.100.200",
    "IETF protocols": "192.0.0.1",
    "documentation": "192.0.2.1",
    "benchmarks": "198.18.0.1",
    "6to4 relay": "192.88.99.1",
    "multicast": "224.0.0.1",
    "multicast of a scope": "239.255.255.250",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unique local": "fc00::1",
    "link-local of IPv6": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "site-local": "fec0::1",
    "multicast of IPv6": "ff02::1",
    "documentation of IPv6": "2001:db8::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped private, in hexadecimal": "::ffff:a00:1",
    "compatible loopback": "::127.0.0.1",
    "6to4 of loopback": "2002:7f00:1::",
    "6to4 of private": "2002:c0a8:101::1",
    "NAT64 of loopback": "64:ff9b::7f00:1",
    "NAT64 of metadata": "64:ff9b::a9fe:a9fe",
    "local NAT64": "64:ff9b:1::a00:1",
    "Teredo to a private client": "2001:0:5ef5:79fd::3f57:fefe",
    "not an address": "localhost",
}
PUBLIC = ("1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")
SPELLINGS_OF_LOOPBACK = (
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "localhost",
)


@pytest.mark.parametrize("ip", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_what_is_not_public_is_forbidden(ip: str) -> None:
    with pytest.raises(ForbiddenAddress):
        AddressGuard().check(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_pass(ip: str) -> None:
    AddressGuard().check(ip)


@pytest.mark.parametrize("ip", ["127.0.0.1", "127.0.0.53", "::1", "::ffff:127.0.0.1"])
def test_loopback_passes_when_allowed(ip: str) -> None:
    AddressGuard(allow_loopback=True).check(ip)


@pytest.mark.parametrize("ip", ["10.0.0.1", "169.254.169.254", "0.0.0.0", "::ffff:10.0.0.1"])
def test_allowing_loopback_allows_nothing_else(ip: str) -> None:
    with pytest.raises(ForbiddenAddress):
        AddressGuard(allow_loopback=True).check(ip)


def test_an_allowed_network_passes_and_its_neighbour_does_not() -> None:
    guard = AddressGuard(allowed_networks=("10.20.0.0/16", "fd12::/16"))
    guard.check("10.20.3.4")
    guard.check("::ffff:10.20.3.4")
    guard.check("fd12::5")
    with pytest.raises(ForbiddenAddress):
        guard.check("10.21.0.1")


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[TestServer]:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    running = TestServer(app)
    await running.start_server()
    yield running
    await running.close()


def session(guard: AddressGuard) -> aiohttp.ClientSession:
    return guarded_session(guard, connect_timeout=5, idle_timeout=5, total=10)


@pytest.mark.parametrize("host", SPELLINGS_OF_LOOPBACK)
async def test_every_spelling_of_loopback_is_refused_at_the_connection(server: TestServer, host: str) -> None:
    async with session(AddressGuard()) as client:
        with pytest.raises((ForbiddenAddress, aiohttp.InvalidURL)):
            await client.get(f"http://{host}:{server.port}/")


async def test_an_allowed_address_answers(server: TestServer) -> None:
    async with session(AddressGuard(allow_loopback=True)) as client:
        response = await client.get(f"http://127.0.0.1:{server.port}/")
        assert await response.text() == "hello"


class Rebinding(aiohttp.abc.AbstractResolver):
    """A name server that answers with a public address first and with loopback afterwards."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        ip = "1.1.1.1" if self.asked == 1 else "127.0.0.1"
        return [ResolveResult(hostname=host, host=ip, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


async def test_a_name_that_changes_its_address_is_refused(
    server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Rebinding()
    monkeypatch.setattr("aiohttp.connector.DefaultResolver", lambda *_, **__: names)
    async with session(AddressGuard()) as client:
        assert (await names.resolve("rebinding.example"))[0]["host"] == "1.1.1.1"
        with pytest.raises(ForbiddenAddress):
            await client.get(f"http://rebinding.example:{server.port}/")
    assert names.asked == 2
