"""Folders on this machine's disk, for as long as one recording is worked on."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "recording-"
LEFT_BEHIND_AFTER = 6 * 3600.0


class Workspace:
    """Makes folders under one folder; an empty path means the system's place for temporary files."""

    def __init__(self, path: str) -> None:
        self._root = Path(path) if path else Path(tempfile.gettempdir()) / "vivavoce-media"

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A new folder, removed at the end with what is in it."""
        self._root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=self._root, ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def sweep(self) -> None:
        """Remove what killed processes left behind hours ago; others may be doing the same meanwhile."""
        long_ago = time.time() - LEFT_BEHIND_AFTER
        for folder in self._root.glob(f"{PREFIX}*"):
            with suppress(FileNotFoundError):
                if folder.stat().st_mtime < long_ago:
                    shutil.rmtree(folder, ignore_errors=True)
