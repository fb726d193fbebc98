"""A measurement's stack ends with it, also when nobody is left to end it."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

from tests.support.shared import ROOT

PATIENCE_SECONDS = 30.0
STAND_IN = """\
#!/bin/sh
echo "$1" >> {asked}
echo '{{"base_url": "", "kafka": "", "mongodb": "mongodb://nowhere", "pids": {{}}}}'
"""
MEASUREMENT = """
import os, signal, sys
from pathlib import Path
from bench import stack

stack.VIVA = sys.argv[1]
with stack.running_stack(Path(sys.argv[2])):
    os.kill(os.getpid(), getattr(signal, sys.argv[3]))
"""


def measured_by_a_killed_one(folder: Path, sign: str) -> list[str]:
    """What a stand-in for `viva` was asked by a measurement that was sent a signal, in the end."""
    viva, asked = folder / "viva", folder / "asked"
    viva.write_text(STAND_IN.format(asked=asked))
    viva.chmod(viva.stat().st_mode | stat.S_IXUSR)
    command = [sys.executable, "-c", MEASUREMENT, str(viva), str(folder / "home"), sign]
    subprocess.run(command, cwd=ROOT, env=dict(os.environ), check=False, timeout=PATIENCE_SECONDS)
    until = time.monotonic() + PATIENCE_SECONDS
    while (found := asked.read_text().split())[-1] != "down" and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_the_stack_of_a_killed_measurement_is_taken_down(tmp_path: Path) -> None:
    assert measured_by_a_killed_one(tmp_path, "SIGKILL") == ["down", "up", "down"]


def test_the_stack_of_an_interrupted_measurement_is_taken_down(tmp_path: Path) -> None:
    assert measured_by_a_killed_one(tmp_path, "SIGINT") == ["down", "up", "down"]
