"""How many commands a durable step costs the database, which is what limits the pipeline."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from tests.chassis.outbox_suite import acknowledged, emitted
from tests.support.databases import NOON, SOURCE, rejected
from tests.support.embedded_mongo import EmbeddedMongo
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts.ids import new_id

pytestmark = pytest.mark.connected


class Commands(CommandListener):
    """The commands that a client sends, by name, since they were last taken."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Note its name."""
        self._names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Of no interest here."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Of no interest here."""

    def take(self) -> list[str]:
        """The names so far, which are forgotten then."""
        names, self._names = self._names, []
        return names


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
async def database(
    embedded_mongo: EmbeddedMongo, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MongoDatabase]:
    overheard = partial(AsyncMongoClient, event_listeners=[commands])
    monkeypatch.setattr("vivavoce.chassis.mongo.AsyncMongoClient", overheard)
    clock = ManualClock(NOON)
    database = MongoDatabase(embedded_mongo.uri, f"viva_{new_id()[:8]}", source=SOURCE, clock=clock)
    await database.prepare()
    yield database
    await database.close()


async def test_a_batch_of_rows_is_read_by_one_command_and_marked_by_one(
    database: MongoDatabase, commands: Commands
) -> None:
    await emitted(database, *(rejected(f"i{number}") for number in range(150)))
    commands.take()

    rows = await database.outbox.pending(500)
    assert (len(rows), commands.take()) == (150, ["find"])

    await database.outbox.mark_sent([*acknowledged(rows[:70], 0), *acknowledged(rows[70:], 1)], NOON)
    assert commands.take() == ["bulkWrite"]
    assert await database.outbox.pending(500) == []
    assert await database.outbox.high_waters() == {
        ("recording.rejected", 0): 69,
        ("recording.rejected", 1): 79,
    }
