"""Where a caller is, as far as guessing is counted: an address and its network."""

import ipaddress
from dataclasses import dataclass

IPV4_NETWORK = 24


@dataclass(frozen=True)
class Origin:
    """A caller's address and its network.

    Who has one IPv6 address has the 2^64 of its network, so that there the network is the address.
    """

    address: str
    network: str


def origin_of(address: str) -> Origin:
    """The origin of an address as the limits know it: of IPv4 one, of IPv6 a network already."""
    try:
        network = ipaddress.IPv4Network((address, IPV4_NETWORK), strict=False)
    except ValueError:
        return Origin(address, address)
    return Origin(address, str(network))
