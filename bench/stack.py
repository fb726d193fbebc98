"""The whole system for a measurement: started by the product's own command, stopped in any case."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.tied import tied
from tests.support.watcher import Watcher
from vivavoce.cli.home import HOME_VARIABLE, Home

VIVA = str(Path(sys.executable).with_name("viva"))
READY_SECONDS = 300
DOWN_SECONDS = 120


@dataclass(frozen=True)
class Stack:
    """A running stack: where it lives, its gateway's address, its broker and database, its processes by name.

    `environment` is what its processes were started in.
    """

    home: Home
    base_url: str
    kafka: str
    mongodb: str
    pids: dict[str, int]
    environment: Mapping[str, str]


@contextmanager
def running_stack(
    home: Path, *, scripted: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """A fresh stack in `home`, whose folder is emptied first; raises RuntimeError when it doesn't start.

    `environment` is added to this process's own for all processes of the stack. The stack ends with the
    block, or with this process, however abruptly that ends.
    """
    added = {**os.environ, **(environment or {}), HOME_VARIABLE: str(home)}
    _viva(added, "down", within=DOWN_SECONDS)
    shutil.rmtree(home, ignore_errors=True)
    watcher = Watcher(VIVA, "down", environment=added)
    try:
        options = ("--detach", "--within", str(READY_SECONDS), *(("--scripted",) if scripted else ()))
        started = json.loads(_viva(added, "up", *options, within=READY_SECONDS + DOWN_SECONDS))
        mongodb = started["mongodb"] or added["MONGODB_URI"]
        yield Stack(Home(home), started["base_url"], started["kafka"], mongodb, started["pids"], added)
    finally:
        _viva(added, "down", within=DOWN_SECONDS)
        watcher.dismiss()


def _viva(environment: Mapping[str, str], *arguments: str, within: float) -> str:
    done = subprocess.run(
        tied(VIVA, *arguments), env=environment, capture_output=True, text=True, check=False, timeout=within
    )
    if done.returncode:
        raise RuntimeError(f"viva {arguments[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout
