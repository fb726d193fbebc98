"""The stack's ports: chosen once among free ones, then kept, so that addresses survive a restart."""

import json
import random
import socket
from collections.abc import Callable, Mapping

from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.home import Home, write_private
from vivavoce.cli.stack.names import GATEWAY

LOOPBACK = "127.0.0.1"
CHOICE = range(15_000, 32_000)
"""Below the ports that Linux lends to outgoing connections, which could take one between restarts."""
PORT_VARIABLE = "VIVA_PORT"


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def fixed_port(environment: Mapping[str, str]) -> int | None:
    """The gateway's port if the user fixed it by VIVA_PORT."""
    text = environment.get(PORT_VARIABLE)
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise CommandFailed(f"{PORT_VARIABLE} must be a port from 1 to 65535, not {text!r}.")
    return int(text)


def choose_ports(
    names: tuple[str, ...],
    remembered: Mapping[str, int],
    fixed: int | None,
    free: Callable[[int], bool] = is_free,
) -> dict[str, int]:
    """A port for each name: the remembered one while it is free, else a new one.

    The gateway's port is an address that others hold: when it is taken that is an error.
    """
    wanted = {**remembered, **({GATEWAY: fixed} if fixed else {})}
    chosen: dict[str, int] = {}
    for name in sorted(names, key=lambda n: n != GATEWAY):
        port = wanted.get(name)
        if port is not None and name == GATEWAY and not free(port):
            raise CommandFailed(_taken(port, fixed))
        if port is None or port in chosen.values() or not free(port):
            port = _another(set(chosen.values()) | set(wanted.values()), free)
        chosen[name] = port
    return chosen


def _taken(port: int, fixed: int | None) -> str:
    why = f"set by {PORT_VARIABLE}" if fixed else "remembered from the last start"
    return f"Port {port} ({why}) is taken by another program; end that one or set {PORT_VARIABLE}."


def _another(used: set[int], free: Callable[[int], bool]) -> int:
    for port in random.sample(CHOICE, len(CHOICE)):
        if port not in used and free(port):
            return port
    raise CommandFailed(f"No port from {CHOICE.start} to {CHOICE.stop - 1} is free.")


def remembered_ports(home: Home) -> dict[str, int]:
    """The ports of the last start; none when there was none."""
    try:
        ports = json.loads(home.state.read_text())["ports"]
        return {str(name): int(port) for name, port in ports.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, AttributeError) as broken:
        raise CommandFailed(
            f"{home.state} can't be read ({broken}); remove it to choose new ports."
        ) from None


def remember_ports(home: Home, ports: Mapping[str, int]) -> None:
    """Keep the ports for the next start, beside those of processes that don't run now."""
    write_private(home.state, json.dumps({"ports": {**remembered_ports(home), **ports}}, indent=2) + "\n")
