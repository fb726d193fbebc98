"""Which addresses a process may call on a stranger's behalf, checked where the connection is made.

A name is checked after it has been resolved, on the very address that is connected to, so that
neither a spelling (`2130706433`, `0x7f.1`) nor a name that resolves differently the second time
(DNS rebinding) gets around it.
"""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import aiohttp

from vivavoce.chassis.errors import VivaError

Address = IPv4Address | IPv6Address

SHARED_BY_CARRIERS = IPv4Network("100.64.0.0/10")
IETF_PROTOCOLS = IPv4Network("192.0.0.0/24")
RELAYS_OF_6TO4 = IPv4Network("192.88.99.0/24")
NAT64 = IPv6Network("64:ff9b::/96")
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
IPV4_COMPATIBLE = IPv6Network("::/96")


class ForbiddenAddress(VivaError):
    """The address is not on the public internet, and was not allowed by a setting."""

    code = "forbidden_address"
    status = 400


class AddressGuard:
    """Lets public addresses pass, and what the operator allows beside them.

    `allowed_networks` are CIDR ranges; `allow_loopback` adds 127.0.0.0/8 and ::1.
    """

    def __init__(self, allow_loopback: bool = False, allowed_networks: tuple[str, ...] = ()) -> None:
        self._allow_loopback = allow_loopback
        self._allowed = tuple(ip_network(network) for network in allowed_networks)

    def check(self, ip: str) -> None:
        """Return when the literal address may be connected to; raises ForbiddenAddress."""
        try:
            address = ip_address(ip.partition("%")[0])
        except ValueError as error:
            raise ForbiddenAddress(f"{ip} is not an address") from error
        for reached in _reached(address):
            if not self._may_reach(reached):
                raise ForbiddenAddress(
                    f"{ip} is not an address on the public internet; give one that is, "
                    "or have the operator allow its network"
                )

    def _may_reach(self, address: Address) -> bool:
        if any(address.version == network.version and address in network for network in self._allowed):
            return True
        return (self._allow_loopback and address.is_loopback) or _is_public(address)


def _reached(address: Address) -> tuple[Address, ...]:
    """The addresses that a connection may end at: also the IPv4 one inside a mapping or tunnel."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    inner = _tunnelled(address)
    return (address, *inner)


def _tunnelled(address: IPv6Address) -> tuple[IPv4Address, ...]:
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    translated = address in NAT64 or address in NAT64_LOCAL
    compatible = address in IPV4_COMPATIBLE and not (address.is_loopback or address.is_unspecified)
    if translated or compatible:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def _is_public(address: Address) -> bool:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    )
    if special:
        return False
    if isinstance(address, IPv4Address):
        not_public = (SHARED_BY_CARRIERS, IETF_PROTOCOLS, RELAYS_OF_6TO4)
        return not address.is_reserved and not any(address in network for network in not_public)
    return address in NAT64 or (not address.is_reserved and not address.is_site_local)


def guarded_session(
    guard: AddressGuard, *, connect_timeout: float, idle_timeout: float, total: float | None
) -> aiohttp.ClientSession:
    """An HTTP client that checks every address as it connects; time-outs in seconds.

    It uses no proxy and keeps no cookies. A forbidden address raises ForbiddenAddress from the
    request, also when only one of several addresses of a name is forbidden.
    """

    def make_socket(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        guard.check(str(address[0]))
        return socket.socket(family=family, type=kind, proto=protocol)

    connector = aiohttp.TCPConnector(socket_factory=make_socket, happy_eyeballs_delay=None)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=total, sock_connect=connect_timeout, sock_read=idle_timeout),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
