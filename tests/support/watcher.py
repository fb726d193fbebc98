"""Ends what a test run has started in a session of its own, once the run is gone, however it went."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

WATCH = 'read -r _ || { sleep 1; exec "$@"; }'
"""Its input ends with this process. A second later, what was only just being started can be found too."""


class Watcher:
    """Runs a command when this process ends without having dismissed it."""

    def __init__(
        self, *command: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        self._process = subprocess.Popen(
            ["sh", "-c", WATCH, "watcher", *command],
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Let it end without doing anything."""
        self._process.communicate(b"\n")
