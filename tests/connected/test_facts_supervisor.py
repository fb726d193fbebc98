"""A process that will not end is ended, so that a stack can be stopped whatever its parts do."""

from pathlib import Path

import pytest

from tests.support.stacks import free_ports, home_in, plan_of, running, stand_in
from vivavoce.cli.stack.processes import alive, records

pytestmark = pytest.mark.connected


def test_a_process_that_ignores_sigterm_is_killed_when_its_time_is_over(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    ports = free_ports("gateway")
    stubborn = stand_in("gateway", ports["gateway"], mode="stubborn").model_copy(update={"stop_seconds": 1})

    with running(home, plan_of(home, stubborn, port=ports["gateway"])):
        process = records(home)["gateway"]

    assert not alive(process)
    assert "killing 'gateway'" in (home.logs / "supervisor.log").read_text()
