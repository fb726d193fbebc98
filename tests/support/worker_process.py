"""A worker as a process of its own: handles recordings slowly, and notes in a file what it did.

Run as `python -m tests.support.worker_process NOTES SECONDS`; its settings come from the environment. Its
database is in memory unless that names one.
"""

import asyncio
import os
import sys
from pathlib import Path

from tests.support import facts
from tests.support.delivery import SOON, memory_database
from vivavoce.chassis.broker import make_broker, source_of
from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.service import Service, run_service
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.subscriptions import Group, Received, work
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import RecordingRequested


class Notes:
    """A handler that takes some seconds, and writes a line at its beginning and at its commit."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._seconds = seconds

    async def prepare(self, received: Received[RecordingRequested]) -> None:
        """The slow part."""
        self._write(f"begun {received.envelope.id}")
        await asyncio.sleep(self._seconds)

    async def conclude(self, received: Received[RecordingRequested], _: None, uow: UnitOfWork) -> None:
        """The part that is committed."""
        uow.emit(facts.ingested(), event_id=f"{received.envelope.id}/ingested")
        uow.after_commit(lambda: self._write(f"committed {received.envelope.id}"))

    def _write(self, line: str) -> None:
        with self._path.open("a") as notes:
            notes.write(line + "\n")


def database_of(settings: ServiceSettings) -> Database:
    """The named database, or one in memory."""
    if "MONGODB_URI" not in os.environ:
        return memory_database(SystemClock())
    uri, source = settings.mongodb_uri.get_secret_value(), source_of(settings.service_name)
    return MongoDatabase(uri, settings.mongodb_database, source=source, clock=SystemClock())


def main() -> None:
    """Run until SIGTERM."""
    notes = Notes(Path(sys.argv[1]), float(sys.argv[2]))

    def build(settings: ServiceSettings) -> Service:
        group = Group("work", (work(RecordingRequested, notes.prepare, notes.conclude, within=SOON),))
        return Service(settings, database_of(settings), make_broker(settings), (group,))

    run_service(build, ServiceSettings())


if __name__ == "__main__":
    main()
