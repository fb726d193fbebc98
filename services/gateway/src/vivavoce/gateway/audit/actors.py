"""Who acts in a request: the principal's id, kind and role, and the network that they act from."""

import getpass
import ipaddress

from vivavoce.contracts import Actor
from vivavoce.gateway.auth.principals import Principal

KEY_PREFIX = "key_"
LOCAL = "local"
NETWORK_BITS = {4: 24, 6: 48}
"""What is kept of an address: enough to tell a foreign network, too little to tell a household."""


def actor_of(principal: Principal, address: str | None) -> Actor:
    """The principal as the audit log knows it."""
    role = None if principal.role is None else principal.role.value
    printable = principal.id.encode("utf-8", "replace").decode()
    return Actor(id=printable, kind=kind_of(principal), role=role, origin=network_of(address))


def kind_of(principal: Principal) -> str:
    """What the principal's id is of."""
    if principal.in_portal:
        return "portal"
    if principal.interview_id is not None:
        return "candidate_link"
    if principal.id.startswith(KEY_PREFIX):
        return "api_key"
    return "loopback" if principal.id == LOCAL else "user"


def operator() -> Actor:
    """Whoever runs a command on the deployment's machine."""
    return Actor(id=getpass.getuser(), kind="operator")


def network_of(address: str | None) -> str | None:
    """The network that an address, or a smaller network, is in; None for what is neither."""
    try:
        found = ipaddress.ip_interface(address or "").ip
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = NETWORK_BITS[found.version]
    return str(ipaddress.ip_network(f"{found}/{bits}", strict=False))
