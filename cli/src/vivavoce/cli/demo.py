"""The demonstration: an interview from recordings to report, on a stack of its own if none runs."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from vivavoce.cli.console import waiting
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.home import Home, write_private
from vivavoce.cli.stack.lifecycle import bring_up, take_down
from vivavoce.cli.stack.status import stack_status
from vivavoce.cli.stack.supervision import Supervisor
from vivavoce.cli.submission import Position

SAMPLES_MODULE = "vivavoce.samples"
SAMPLES_SECONDS = 600.0
MANIFEST = "manifest.json"
READY_SECONDS = 120.0


@dataclass(frozen=True)
class Recording:
    """One question and the file with its answer."""

    question: str
    file: Path


@dataclass(frozen=True)
class Sample:
    """An interview in files."""

    position: Position
    recordings: tuple[Recording, ...]


@contextmanager
def stack(home: Home, environment: Mapping[str, str], console: Console, *, scripted: bool) -> Iterator[str]:
    """The address of a running stack; one that is started for it is stopped again."""
    if Supervisor(home).runs():
        yield _ready_address(home)
        return
    with waiting(console, "Starting the stack …") as say:
        status = bring_up(
            home,
            environment,
            scripted=scripted,
            foreground=True,
            within=READY_SECONDS,
            report=lambda names: say(f"Waiting for {names} …"),
        )
    try:
        yield status.base_url
    finally:
        try:
            console.print("Stopping the stack …")
        finally:  # whoever read the output may have gone
            take_down(home)


def _ready_address(home: Home) -> str:
    status = stack_status(home)
    if not status.ready:
        names = ", ".join(process.name for process in status.processes if not process.ready)
        raise CommandFailed(f"A stack runs in {home.root}, but {names} isn't ready; see `viva status`.")
    return status.base_url


def samples(home: Home, console: Console) -> Sample:
    """The demo's own recordings, made on the first call and kept in the home."""
    manifest = home.samples / MANIFEST
    kept = _kept(manifest)
    if kept is not None:
        return kept
    with waiting(console, "Making the sample recordings …"):
        write_private(manifest, _make(home.samples))
    made = _kept(manifest)
    if made is None:
        raise CommandFailed(f"The samples' manifest in {manifest} names files that aren't there.")
    return made


def _kept(manifest: Path) -> Sample | None:
    try:
        sample = read_manifest(json.loads(manifest.read_text()), manifest.parent)
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return sample if all(recording.file.is_file() for recording in sample.recordings) else None


def _make(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", SAMPLES_MODULE, str(folder)]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SAMPLES_SECONDS)
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"Making the samples took more than {SAMPLES_SECONDS:.0f} s.") from None
    if made.returncode:
        last = made.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise CommandFailed(f"The samples can't be made: {last[0]}")
    return made.stdout


def read_manifest(manifest: Mapping[str, Any], folder: Path) -> Sample:
    """The sample that a manifest describes; its files are relative to the folder."""
    try:
        told = manifest["position"]
        position = Position(told["title"], dict(told["competencyWeights"]))
        recordings = tuple(
            Recording(answer["question"], folder / answer["file"]) for answer in manifest["answers"]
        )
    except (KeyError, TypeError) as error:
        raise CommandFailed(f"The samples' manifest isn't what the demo understands ({error!r}).") from error
    return Sample(position, recordings)
