"""What media needs from outside: bytes from an address, a look into a file, an analysis, an audience."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from vivavoce.chassis.correlation import Context
from vivavoce.contracts import Fact, Probe
from vivavoce.media.analysis import Analysis
from vivavoce.media.fetching import Fetched

OnProgress = Callable[[float], None]
"""Takes the share that is done, 0 to 1. Called on the event loop's thread; must not block."""


class Fetcher(Protocol):
    """Where recordings come from."""

    async def fetch(self, url: str, path: Path, on_progress: OnProgress) -> Fetched:
        """Write the content of an address to a new file.

        Raises Interrupted when trying again may help, Rejected when it can't.
        """
        ...


class Prober(Protocol):
    """What tells a recording from anything else."""

    async def probe(self, path: Path) -> Probe:
        """What the file is; raises Rejected when it is no recording that may be used."""
        ...


class Analyzer(Protocol):
    """What measures a recording."""

    async def analyse(self, path: Path, probe: Probe, on_progress: OnProgress) -> Analysis:
        """Everything measured in the file.

        Raises DeadlineExceeded when it took too long, WorkerDied when its process ended.
        """
        ...


class ProgressPublisher(Protocol):
    """Who passes on facts that may be dropped."""

    async def publish_now(self, fact: Fact, context: Context) -> None:
        """Send the fact if possible; returns at once and raises nothing when it isn't."""
        ...
