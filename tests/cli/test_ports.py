"""Ports are chosen once, kept, and complained about by name."""

import socket
from pathlib import Path

import pytest

from tests.support.stacks import home_in
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.stack.ports import (
    CHOICE,
    choose_ports,
    fixed_port,
    is_free,
    remember_ports,
    remembered_ports,
)

NAMES = ("media", "gateway", "broker")


def test_every_process_gets_a_port_of_its_own() -> None:
    ports = choose_ports(NAMES, {}, None, free=lambda _: True)
    assert set(ports) == set(NAMES)
    assert len(set(ports.values())) == len(NAMES)
    assert all(port in CHOICE for port in ports.values())


def test_remembered_ports_are_kept() -> None:
    kept = {"gateway": 15001, "media": 15002, "broker": 15003}
    assert choose_ports(NAMES, kept, None, free=lambda _: True) == kept


def test_a_taken_inner_port_is_replaced() -> None:
    kept = {"gateway": 15001, "media": 15002, "broker": 15003}
    ports = choose_ports(NAMES, kept, None, free=lambda port: port != 15002)
    assert ports["media"] not in kept.values()
    assert (ports["gateway"], ports["broker"]) == (15001, 15003)


def test_the_gateways_port_can_be_fixed_even_when_another_process_had_it() -> None:
    ports = choose_ports(NAMES, {"gateway": 15001, "media": 15009}, 15009, free=lambda _: True)
    assert ports["gateway"] == 15009
    assert ports["media"] != 15009


def test_a_taken_gateway_port_is_an_error_that_names_it() -> None:
    with pytest.raises(CommandFailed, match=r"Port 15001 \(remembered .*VIVA_PORT"):
        choose_ports(NAMES, {"gateway": 15001}, None, free=lambda port: port != 15001)
    with pytest.raises(CommandFailed, match=r"Port 15009 \(set by VIVA_PORT\) is taken"):
        choose_ports(NAMES, {"gateway": 15001}, 15009, free=lambda port: port != 15009)


def test_a_listening_port_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CommandFailed, match="VIVA_PORT must be a port"):
        fixed_port({"VIVA_PORT": text})


def test_ports_survive_in_the_home_beside_those_of_processes_that_do_not_run_now(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    assert remembered_ports(home) == {}
    remember_ports(home, {"gateway": 15001, "broker": 15003})
    remember_ports(home, {"gateway": 15009})
    assert remembered_ports(home) == {"gateway": 15009, "broker": 15003}


def test_a_broken_state_file_is_named(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    home.state.write_text('{"ports": {"gateway": "here"}}')
    with pytest.raises(CommandFailed, match=r"state\.json can't be read"):
        remembered_ports(home)
