"""The messages that each service's relay set aside, because the broker refused them for good."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from vivavoce.chassis.clock import SystemClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.outbox import RefusedRow
from vivavoce.cli.home import home_from
from vivavoce.cli.stack.names import SERVICES
from vivavoce.cli.stack.plan import MONGODB_VARIABLE
from vivavoce.cli.stack.status import running_plan

MOST_ROWS = 1000
SOURCE = "/vivavoce/viva"


class Refused(BaseModel):
    """One message as programs read it; `bytes` is the length of its value."""

    model_config = ConfigDict(frozen=True)

    id: str
    service: str
    topic: str
    key: str | None
    event_id: str | None
    bytes: int
    reason: str
    refused_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class Databases:
    """Where the services keep their outboxes: one server, a database for each."""

    uri: str
    services: tuple[str, ...] = SERVICES

    async def refused(self) -> list[Refused]:
        """What every service has set aside; raises InfrastructureAway."""
        found: list[Refused] = []
        for service in self.services:
            async with self._database(service) as database:
                found += [_described(service, row) for row in await database.outbox.refused(MOST_ROWS)]
        return sorted(found, key=lambda row: row.refused_at)

    async def send_again(self, rows: Iterable[Refused]) -> int:
        """Let the messages wait in their outboxes again; their relays send them. Returns how many."""
        ids: dict[str, list[str]] = {}
        for row in rows:
            ids.setdefault(row.service, []).append(row.id)
        moved = 0
        for service, of_service in ids.items():
            async with self._database(service) as database:
                moved += await database.outbox.send_again(of_service)
        return moved

    @asynccontextmanager
    async def _database(self, service: str) -> AsyncIterator[MongoDatabase]:
        database = MongoDatabase(self.uri, f"viva_{service}", source=SOURCE, clock=SystemClock())
        try:
            yield database
        finally:
            await database.close()


def databases(environment: Mapping[str, str] = os.environ) -> Databases:
    """Those on the server that the environment names, or on the running stack's; raises NotRunning."""
    named = environment.get(MONGODB_VARIABLE)
    return Databases(named or running_plan(home_from(environment)).mongodb or "")


def _described(service: str, refused: RefusedRow) -> Refused:
    row = refused.row
    return Refused(
        id=row.id,
        service=service,
        topic=row.topic,
        key=row.key.decode(errors="replace") if row.key is not None else None,
        event_id=row.event_id,
        bytes=len(row.value or b""),
        reason=refused.reason,
        refused_at=refused.refused_at,
        created_at=row.created_at,
    )
