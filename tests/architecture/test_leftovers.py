"""What tests have started apart from themselves ends with the test run, however that goes."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.shared import ROOT
from tests.support.watcher import Watcher

pytestmark = pytest.mark.timeout(30)
RUN = """
import subprocess, sys, time
from tests.support.tied import tied
from tests.support.watcher import Watcher

watcher = Watcher("sh", "-c", "echo over >$0", sys.argv[1])
subprocess.Popen(tied("sh", "-c", "echo started; exec sleep 60"))
time.sleep(60)
"""


@pytest.mark.parametrize("kill", [os.kill, os.killpg], ids=["alone", "with its group"])
def test_a_run_that_is_killed_leaves_nothing(tmp_path: Path, kill: Callable[[int, int], None]) -> None:
    news = tmp_path / "news"
    os.mkfifo(news)
    command = [sys.executable, "-c", RUN, str(news)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, process_group=0) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"started\n"
        kill(run.pid, signal.SIGKILL)
        assert run.stdout.read() == b""  # nobody has it open any more
    assert news.read_text() == "over\n"


def test_a_watcher_that_is_dismissed_does_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    Watcher("touch", str(mark)).dismiss()
    assert not mark.exists()
