"""The audit log over a real database: sequencers that race, an outsider's change, every list."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest
from pymongo import AsyncMongoClient

from tests.support.databases import NOON, SOURCE, CountedClock
from tests.support.embedded_mongo import EmbeddedMongo
from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts import Actor, AuditAction
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.reading import AuditReader, Wish
from vivavoce.gateway.audit.reports import Problem
from vivavoce.gateway.audit.sequencer import Sequencer
from vivavoce.gateway.audit.verification import Verifier

pytestmark = pytest.mark.connected
SECRET = "s" * 32
ORGANIZATIONS = ("org_a", "org_b", "org_c")
ADA = Actor(id="ada", kind="user")
OF_EACH = 40


class Instance:
    """One gateway's part in the audit log, with a connection of its own."""

    def __init__(self, uri: str, name: str, clock: Clock) -> None:
        self.name = name
        self.database = MongoDatabase(uri, name, source=SOURCE, clock=clock)
        self.audit = AuditLog(self.database, clock, SECRET)
        self.verifier = Verifier(self.database, self.audit, clock, secret=SECRET)
        self.sequencer = Unleased(self.database, self.audit, clock, owner=new_id(), secret=SECRET)

    async def record(self, count: int) -> None:
        """Do something in each organization, over and over."""
        for number in range(count):
            for organization in ORGANIZATIONS:
                context = Context(organization, new_id(), actor=ADA)
                await self.audit.note(context, AuditAction.API_KEY_CREATE, str(number))


class Unleased(Sequencer):
    """A sequencer that believes it has the lease, as one does that slept through its end."""

    async def _holds_lease(self) -> bool:
        return True

    async def chain_until(self, done: asyncio.Event) -> None:
        """Chain without a rest until nothing more comes."""
        while await self.chain_once() or not done.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(0, 0.01)):
                    await done.wait()


@pytest.fixture
async def instances(embedded_mongo: EmbeddedMongo) -> AsyncIterator[tuple[Instance, Instance]]:
    name, clock = f"viva_{new_id()[:8]}", CountedClock(NOON)
    first, second = (Instance(embedded_mongo.uri, name, clock) for _ in range(2))
    await first.database.prepare()
    yield first, second
    await first.database.close()
    await second.database.close()


async def test_sequencers_that_race_make_one_chain_with_each_entry_once(
    instances: tuple[Instance, Instance],
) -> None:
    first, second = instances
    done = asyncio.Event()
    racing = [asyncio.create_task(each.sequencer.chain_until(done)) for each in instances]
    await asyncio.gather(*(each.record(OF_EACH // 2) for each in instances))
    done.set()
    await asyncio.gather(*racing)
    assert [each async for each in second.verifier.organizations()] == list(ORGANIZATIONS)
    for organization in ORGANIZATIONS:
        report = await second.verifier.verify(organization)
        assert (report.broken, report.verified, report.waiting) == (None, OF_EACH, 0)
        entries = await first.audit.entries.find(organization, limit=1_000)
        assert sorted(entry.number for entry in entries) == list(range(1, OF_EACH + 1))


async def test_what_somebody_changes_in_the_database_itself_is_found(
    instances: tuple[Instance, Instance], embedded_mongo: EmbeddedMongo
) -> None:
    first, _ = instances
    await first.record(5)
    await first.sequencer.chain_once()
    async with AsyncMongoClient[dict[str, object]](embedded_mongo.uri) as client:
        entries = client[first.name]["audit_entries"]
        await entries.update_one({"organization_id": "org_a", "number": 3}, {"$set": {"actor_id": "eve"}})
        await entries.update_one({"organization_id": "org_b", "number": 2}, {"$set": {"number": "two"}})
        await entries.delete_one({"organization_id": "org_c", "number": 5})
    told = {each: (await first.verifier.verify(each)).broken for each in ORGANIZATIONS}
    assert {
        each: None if found is None else (found.problem, found.number) for each, found in told.items()
    } == {
        "org_a": (Problem.CHANGED, 3),
        "org_b": (Problem.MISSING, 2),
        "org_c": (Problem.MISSING, 5),
    }


async def test_every_list_is_read_from_its_index_with_both_bounds(
    instances: tuple[Instance, Instance],
) -> None:
    first, _ = instances
    await first.record(6)
    reader = AuditReader(first.audit, SECRET)
    for named in ({}, {"actor_id": "ada"}, {"action": "api_key.create"}, {"object_kind": "api_key"}):
        wish = Wish(named, since=NOON, until=NOON + timedelta(seconds=1))
        page = await reader.page("org_a", wish, cursor=None, limit=4)
        rest = await reader.page("org_a", wish, cursor=page.next_cursor, limit=4)
        seen = [entry.object_id for entry in (*page.entries, *rest.entries)]
        assert (sorted(seen), rest.next_cursor) == (["0", "1", "2", "3", "4", "5"], None)
        before = Wish(named, until=NOON)
        assert (await reader.page("org_a", before, cursor=None, limit=4)).entries == ()
