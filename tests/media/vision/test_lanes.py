"""Lanes work side by side, report what happens, and end with whoever started them."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import lane_work
from tests.support.shared import ROOT
from vivavoce.chassis.errors import NotFound, WorkerDied
from vivavoce.chassis.offline import CannotSeal, seal
from vivavoce.media.adapters.lanes import LaneFailed, Lanes

PATIENCE = 30.0


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    started = Lanes(niceness=0, sealed=True)
    yield started
    started.kill()


def ignore(share: float) -> None:
    """Progress that a test isn't about."""


def alive(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


def test_lanes_return_what_their_work_returns_and_tell_the_mean_share(lanes: Lanes) -> None:
    told: list[float] = []
    work = {"high": (lane_work.double, (2,)), "low": (lane_work.double, (5,))}
    assert lanes.run(work, told.append) == {"high": 4, "low": 10}
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_lane_gives_way_as_far_as_all_do_and_as_it_shall_itself() -> None:
    own = os.getpriority(os.PRIO_PROCESS, 0)
    lanes = Lanes(niceness=1, sealed=False, nicer={"low": 2})
    work = {"high": (lane_work.own_niceness, ()), "low": (lane_work.own_niceness, ())}
    assert lanes.run(work, ignore) == {"high": own + 1, "low": own + 3}
    lanes.kill()


def test_a_lane_stays_for_the_next_work(lanes: Lanes) -> None:
    work = {"high": (lane_work.own_pid, ())}
    first, second = lanes.run(work, ignore), lanes.run(work, ignore)
    assert first == second != {"high": os.getpid()}


def test_a_foreseen_error_comes_out_as_it_is(lanes: Lanes) -> None:
    with pytest.raises(NotFound, match="no such thing"):
        lanes.run({"high": (lane_work.fail, ("no such thing",))}, ignore)
    assert lanes.run({"high": (lane_work.double, (1,))}, ignore) == {"high": 2}


def test_any_other_error_comes_out_with_its_traceback(lanes: Lanes) -> None:
    with pytest.raises(LaneFailed, match="stumbled"):
        lanes.run({"high": (lane_work.stumble, ())}, ignore)


def test_a_lane_that_dies_takes_the_work_of_the_others_along(lanes: Lanes, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(WorkerDied, match="the low lane ended"):
        lanes.run({"high": (lane_work.write_pid_and_wait, (note,)), "low": (lane_work.die, ())}, ignore)
    assert not note.exists() or not alive(int(note.read_text()))


def test_a_lane_has_no_network(lanes: Lanes) -> None:
    assert lanes.run({"high": (lane_work.open_sockets, ())}, ignore) == {"high": [False, False, True]}


def test_where_the_network_cannot_be_taken_away_nothing_is_analysed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(CannotSeal, match="riscv64"):
        seal()


def test_lanes_die_when_their_parent_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-m", "tests.support.lane_work", str(note)], cwd=ROOT)
    deadline = time.monotonic() + PATIENCE
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    lane = int(note.read_text())
    assert alive(lane)
    parent.kill()
    parent.wait()
    while alive(lane) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(lane)
