"""Where a stack keeps what it must remember: ports, keys, data, logs and who its processes are.

Only the standard library is imported here: every process of the stack passes through on its start.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "VIVA_HOME"
SOCKET_VARIABLE = "VIVA_SOCKET"
DEFAULT_HOME = ".viva"
TRACES = "traces"
"""The folder in a home where every process writes its spans."""
LONGEST_SOCKET_PATH = 90
"""A Unix socket's path may have 107 bytes; supervisord appends its process id while it binds."""


@dataclass(frozen=True)
class Home:
    """The folder of one stack. Paths are absolute."""

    root: Path

    @property
    def state(self) -> Path:
        """What outlives a stop: the chosen ports."""
        return self.root / "state.json"

    @property
    def keys(self) -> Path:
        """The development issuer's and the notifier's keys."""
        return self.root / "keys"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """What is true only while the stack runs."""
        return self.root / "run"

    @property
    def plan(self) -> Path:
        """The processes of the running stack, with their commands and environments."""
        return self.run / "plan.json"

    @property
    def supervisor_conf(self) -> Path:
        """The supervisor's generated configuration."""
        return self.run / "supervisord.conf"

    @property
    def topics_mark(self) -> Path:
        """Holds the process id of the broker runner whose broker has its topics."""
        return self.run / "topics.ready"

    @property
    def store(self) -> Path:
        """The object store shared by the services."""
        return self.root / "store"

    @property
    def database(self) -> Path:
        """The embedded database's files."""
        return self.root / "mongodb"

    @property
    def samples(self) -> Path:
        """The demo's recordings."""
        return self.root / "samples"

    @property
    def socket(self) -> Path:
        """The supervisor's control socket, in a private folder with a path short enough for one."""
        beside = self.run / "supervisor.sock"
        if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
            return beside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"viva-{os.getuid()}-{digest}" / "supervisor.sock"

    def log_of(self, process: str) -> Path:
        """The current log file of a process."""
        return self.logs / f"{process}.log"


def home_from(environment: Mapping[str, str]) -> Home:
    """The home that the environment names, or `.viva` in the current directory."""
    return Home(Path(environment.get(HOME_VARIABLE) or DEFAULT_HOME).absolute())


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step by one that only its owner may read."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)


def private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter; refuse one that somebody else has made there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        raise PermissionError("it belongs to somebody else")
