"""Published JavaScript clients, installed once outside of the source tree, and programs that use them."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

INSTALL_SECONDS = 120
WAIT_SECONDS = 20.0
MANIFEST = ("package.json", "package-lock.json", ".npmrc")


class NodeAbsent(Exception):
    """There is no node here, or its packages can't be had."""


def installed(folder: Path) -> Path:
    """The `node_modules` of a folder's lock file, in this user's cache; raises NodeAbsent."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NodeAbsent("there is no node with npm: install Node.js 20 or later")
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in MANIFEST)).hexdigest()[:16]
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vivavoce"
    there = root / f"{folder.name}-{digest}"
    if not there.is_dir():
        _install(folder, root, there)
    return there / "node_modules"


def _install(folder: Path, root: Path, there: Path) -> None:
    """Install beside, then move: of two that install at once, one wins."""
    root.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=there.name, dir=root))
    for name in MANIFEST:
        shutil.copy(folder / name, beside / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=beside, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode:
        shutil.rmtree(beside)
        raise NodeAbsent(f"npm could not install what {folder.name} locks: {done.stderr[-500:]}")
    try:
        beside.rename(there)
    except OSError:
        shutil.rmtree(beside)


class Program:
    """A running program that says what it sees, one JSON text a line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.seen: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        """What it says next."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), WAIT_SECONDS)
        assert line, "the program has ended"
        said: dict[str, Any] = json.loads(line)
        self.seen.append(said)
        return said

    async def until(self, kind: str) -> dict[str, Any]:
        """What it says of a kind, whatever it says before."""
        while True:
            said = await self.next()
            if said["kind"] == kind:
                return said

    async def rest(self) -> list[dict[str, Any]]:
        """All that it has said, once it has ended by itself."""
        assert self._process.stdout is not None
        text = await asyncio.wait_for(self._process.stdout.read(), WAIT_SECONDS)
        self.seen += [json.loads(line) for line in text.splitlines()]
        await asyncio.wait_for(self._process.wait(), WAIT_SECONDS)
        return self.seen


@asynccontextmanager
async def running(
    script: Path, modules: Path, folder: Path, arguments: Sequence[object]
) -> AsyncIterator[Program]:
    """A script with its packages beside it, given its arguments as JSON; ended with the block."""
    place = folder / script.name
    shutil.copy(script, place)
    link = folder / "node_modules"
    if not link.exists():
        link.symlink_to(modules)
    process = await asyncio.create_subprocess_exec(
        "node",
        str(place),
        *(json.dumps(each) for each in arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=folder,
    )
    try:
        yield Program(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
