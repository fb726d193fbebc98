"""Where a request comes from, as far as the limits are concerned."""

import ipaddress
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import Scope

from vivavoce.gateway.limits.settings import Network

NOWHERE = "unknown"
IPV6_PREFIX = 64
REMEMBERED = 10_000


def address_of(scope: Scope, proxies: tuple[Network, ...]) -> str:
    """The address of a request's sender; of an IPv6 address the /64, all of which one caller may have.

    Of X-Forwarded-For the last that is no trusted proxy counts, and only if a trusted proxy sent it: what
    stands before it is the caller's own claim.
    """
    peer = scope["client"][0] if scope.get("client") else NOWHERE
    if proxies and _is_one_of(peer, proxies):
        forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
        hops = [part.strip() for part in reversed(forwarded) if part.strip()]
        peer = next((hop for hop in hops if not _is_one_of(hop, proxies)), peer)
    return _network(peer)


@lru_cache(maxsize=REMEMBERED)
def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return NOWHERE
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))


@lru_cache(maxsize=REMEMBERED)
def _is_one_of(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
