"""Every list is read through an index that has all that its conditions name: it examines what matches.

How many documents match, among 1,000 and among 100,000 interviews, is counted in
`tests/gateway/test_list_costs.py`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from tests.support import crowd
from tests.support.databases import SOURCE
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.gateway import ACME, NOON
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.api_keys import ApiKeys
from vivavoce.gateway.auth.principals import Role, user
from vivavoce.gateway.interviews.analytics import days_between
from vivavoce.gateway.interviews.entries import Order
from vivavoce.gateway.interviews.listing import Filter, Slice
from vivavoce.gateway.interviews.repository import Interviews
from vivavoce.gateway.interviews.service import InterviewReader
from vivavoce.gateway.pages import PageQuery
from vivavoce.gateway.settings import GatewaySettings

pytestmark = pytest.mark.connected
COUNT = 300
STAFF = user("user-1", ACME, Role.ADMIN)
CANDIDATE = user("user-1", ACME, Role.CANDIDATE)
UP, DOWN = Slice(Order.SUBMITTED_AT, False, 20), Slice(Order.SUBMITTED_AT, True, 20)
BY_SCORE, BY_END = Slice(Order.OVERALL_SCORE, True, 20), Slice(Order.COMPLETED_AT, True, 20)
DAYS = days_between(NOON - crowd.SPREAD, NOON, 40)
IDS = [crowd.id_of(number) for number in range(50)]


class Finds(CommandListener):
    """The searches that a client sends."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Keep a search."""
        if event.command_name == "find":
            self.sent.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Of no interest here."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Of no interest here."""


class Shelf:
    """A gateway's collections in the embedded database, and the searches that they are asked for."""

    def __init__(self, uri: str, name: str, database: MongoDatabase, finds: Finds) -> None:
        self.interviews = Interviews(database)
        clock = ManualClock(NOON)
        self.keys = ApiKeys(database, AuditLog(database, clock, "x" * 32), clock, GatewaySettings())
        self.reader = InterviewReader(self.interviews, ManualClock(NOON))
        self.finds = finds
        self._uri, self._name = uri, name

    def plans(self) -> list[tuple[set[str], list[str]]]:
        """For each search the fields that it names, and those of the index that serves it."""
        with MongoClient[dict[str, Any]](self._uri) as client:
            return [self._plan(client, command) for command in self.finds.sent]

    def _plan(
        self, client: MongoClient[dict[str, Any]], command: dict[str, Any]
    ) -> tuple[set[str], list[str]]:
        kept = {name: command[name] for name in ("find", "filter", "sort", "limit") if name in command}
        told = client[self._name].command("explain", kept, verbosity="queryPlanner")
        stage = told["queryPlanner"]["winningPlan"]
        while "inputStage" in stage:
            stage = stage["inputStage"]
        return set(kept["filter"]), list(stage.get("keyPattern", ()))


@pytest.fixture(scope="module")
async def shelf(embedded_mongo: EmbeddedMongo) -> AsyncIterator[Shelf]:
    finds, name = Finds(), f"viva_{new_id()[:8]}"
    with pytest.MonkeyPatch.context() as patched:
        overheard = partial(AsyncMongoClient, event_listeners=[finds])
        patched.setattr("vivavoce.chassis.mongo.AsyncMongoClient", overheard)
        database = MongoDatabase(embedded_mongo.uri, name, source=SOURCE, clock=ManualClock(NOON))
    shelf = Shelf(embedded_mongo.uri, name, database, finds)
    await database.prepare()

    async def fill(uow: UnitOfWork) -> None:
        for entry in crowd.entries(COUNT, NOON):
            await shelf.interviews.entries.insert(entry, uow)
        for bucket in crowd.buckets(COUNT, NOON):
            await shelf.interviews.days.buckets.insert(bucket, uow)

    await database.transact(Context(ACME, "c"), fill)
    yield shelf
    await database.close()


Ask = Callable[[Shelf], Awaitable[Any]]
LISTS: dict[str, Ask] = {
    "latest": lambda shelf: shelf.reader.page(STAFF, Filter(), DOWN),
    "earliest": lambda shelf: shelf.reader.page(STAFF, Filter(), UP),
    "highest scores": lambda shelf: shelf.reader.page(STAFF, Filter(), BY_SCORE),
    "latest ends": lambda shelf: shelf.reader.page(STAFF, Filter(position_id="pos-1"), BY_END),
    "a submitter's": lambda shelf: shelf.reader.page(CANDIDATE, Filter(), DOWN),
    "a submitter's by score": lambda shelf: shelf.reader.page(CANDIDATE, Filter(), BY_SCORE),
    "a candidate's": lambda shelf: shelf.reader.page(STAFF, Filter(candidate_email="c"), DOWN),
    "an application's": lambda shelf: shelf.reader.page(STAFF, Filter(application_id="a"), DOWN),
    "by an outer id": lambda shelf: shelf.reader.page(STAFF, Filter(external_id="e"), BY_END),
    "by user": lambda shelf: shelf.reader.interviews_of(STAFF, "a@example.org", 50),
    "interviews of a page": lambda shelf: shelf.reader.interviews(STAFF, IDS),
    "answers of a page": lambda shelf: shelf.reader.answers(STAFF, IDS),
    "a stream's events": lambda shelf: shelf.interviews.happenings_after(ACME, IDS[0], 3),
    "results by the caller's id": lambda shelf: shelf.interviews.latest_answer(ACME, "video-1", {}),
    "days": lambda shelf: shelf.interviews.days.between(ACME, DAYS),
    "keys": lambda shelf: shelf.keys.list(ACME, PageQuery()),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_is_served_by_an_index_over_all_that_it_names(shelf: Shelf, name: str) -> None:
    shelf.finds.sent.clear()
    await LISTS[name](shelf)
    plans = shelf.plans()
    assert plans
    for named, indexed in plans:
        assert named <= set(indexed[: len(named)]), f"{named} by {indexed}"


async def test_pages_over_the_database_are_whole_and_in_order(shelf: Shelf) -> None:
    for part in (UP, DOWN, BY_SCORE, BY_END):
        expected = sorted(
            (entry for entry in crowd.entries(COUNT, NOON)),
            key=lambda entry: str(getattr(entry, part.order.value)),
            reverse=part.falls,
        )
        page = await shelf.reader.page(STAFF, Filter(), part)
        assert [entry.id for entry in page.entries] == [entry.id for entry in expected[:20]]
