"""Becomes a process of the stack: notes who it is, ties its life to its parent's, runs the command.

Called as `python -m vivavoce.cli.stack.launch NAME`; what to run stands in the plan.
"""

import ctypes
import json
import os
import signal
import sys

from vivavoce.cli.home import home_from
from vivavoce.cli.stack.processes import record_start

PR_SET_PDEATHSIG = 1


def die_with_parent(sign: str) -> None:
    """Receive the signal when the parent ends. Linux keeps this over exec; elsewhere it is skipped."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(getattr(signal, f"SIG{sign}")))


def main() -> None:
    """Replace this process by the named one of the plan."""
    home, name = home_from(os.environ), sys.argv[1]
    plan = json.loads(home.plan.read_text())
    process = next(p for p in plan["processes"] if p["name"] == name)
    parent = os.getppid()
    if process["death_signal"]:
        die_with_parent(process["death_signal"])
        if os.getppid() != parent:
            sys.exit(f"the parent of {name} ended while it started")
    record_start(home, name)
    command = process["command"]
    os.execve(command[0], command, {**os.environ, **process["environment"]})


if __name__ == "__main__":
    main()
