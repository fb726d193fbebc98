"""What one instance of the gateway takes back, another one refuses; and both count users alike."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.gateway.users_suite import SECRET, UsersSuite, instance
from tests.support.databases import ACME, NOON, SOURCE, until
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.gateway import submission
from tests.support.gateway_process import GatewayProcess, running_gateway
from tests.support.kafka import Kafka
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.api_keys import ApiKeys
from vivavoce.gateway.auth.principals import Permission, Role, user
from vivavoce.gateway.settings import GatewaySettings

pytestmark = pytest.mark.connected

KEYS = "/api/admin/api-keys"
LINKS = "/api/candidate-links"
RECORD = "/api/interview-record"
HEARD = '"event": "access_changed"'


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def database(embedded_mongo: EmbeddedMongo, clock: ManualClock) -> AsyncIterator[MongoDatabase]:
    database = MongoDatabase(embedded_mongo.uri, f"viva_{new_id()[:8]}", source=SOURCE, clock=clock)
    instance(database, clock)
    await database.prepare()
    yield database
    await database.close()


class TestUsersInMongo(UsersSuite):
    pass


async def test_uses_and_a_revocation_at_once_lose_neither(
    database: MongoDatabase, clock: ManualClock
) -> None:
    admin, context = user("root", ACME, Role.ADMIN), Context(ACME, "corr-1")
    instances = [
        ApiKeys(database, AuditLog(database, clock, SECRET), clock, GatewaySettings()) for _ in range(3)
    ]
    scopes = (Permission.READ,)
    issued = [await instances[0].issue(admin, context, name="key", scopes=scopes) for _ in range(5)]
    for keys in instances:
        for each in issued:
            await keys.recognize(each.key)
    await asyncio.gather(
        instances[0].revoke(context, issued[0].record.id), *(keys.uses.flush() for keys in instances)
    )
    for number, each in enumerate(issued):
        stored = await instances[1].get(ACME, each.record.id)
        assert stored.last_used_at == clock.now()
        assert (stored.revoked_at is not None) == (number == 0)


@pytest.fixture(scope="module")
def two(
    tmp_path_factory: pytest.TempPathFactory, embedded_mongo: EmbeddedMongo, kafka: Kafka
) -> Iterator[tuple[GatewayProcess, GatewayProcess]]:
    """Two instances over one database and one broker."""
    folder, database = tmp_path_factory.mktemp("two"), f"gateway_{new_id()[:8]}"
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(running_gateway(folder, embedded_mongo, kafka, database, name))
            for name in ("1", "2")
        )
        yield one, other


def caller(process: GatewayProcess, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=process.base_url, headers=headers, timeout=40, trust_env=False)


async def test_a_key_that_is_revoked_at_one_instance_is_refused_by_the_other(
    two: tuple[GatewayProcess, GatewayProcess],
) -> None:
    here, there = two
    async with caller(here) as admin:
        made = (await admin.post(KEYS, json={"name": "key"})).json()
        async with caller(there, {"apiKey": made["key"]}) as holder:
            assert (await holder.get("/api/job-result/x")).status_code == 404
            assert (await admin.delete(f"{KEYS}/{made['id']}")).status_code == 204

            async def refused() -> bool:
                return (await holder.get("/api/job-result/x")).status_code == 401

            await until(refused)
    await until(lambda: any(HEARD in line and made["id"] in line for line in there.log().splitlines()))


async def test_a_link_that_is_revoked_at_one_instance_is_refused_by_the_other(
    two: tuple[GatewayProcess, GatewayProcess],
) -> None:
    here, there = two
    async with caller(here) as admin:
        record = (await admin.post(RECORD, json=submission(new_id()))).json()["interviewRecordId"]
        made = (await admin.post(LINKS, json={"interviewRecordId": record})).json()
        async with caller(there, {"Authorization": f"Bearer {made['token']}"}) as holder:
            assert (await holder.get(f"{RECORD}/{record}")).status_code == 200
            assert (await admin.delete(f"{LINKS}/{made['id']}")).status_code == 204

            async def refused() -> bool:
                return (await holder.get(f"{RECORD}/{record}")).status_code == 401

            await until(refused)


async def test_when_a_key_was_used_is_written_by_the_instance_that_saw_it(
    two: tuple[GatewayProcess, GatewayProcess],
) -> None:
    here, there = two
    async with caller(here) as admin:
        made = (await admin.post(KEYS, json={"name": "key"})).json()
        async with caller(there, {"apiKey": made["key"]}) as holder:
            await holder.get("/api/job-result/x")

        async def written() -> bool:
            return (await admin.get(f"{KEYS}/{made['id']}")).json()["lastUsedAt"] is not None

        await until(written)


async def test_no_key_and_no_token_gets_into_the_log(two: tuple[GatewayProcess, GatewayProcess]) -> None:
    here, there = two
    async with caller(here) as admin:
        made = (await admin.post(KEYS, json={"name": "key"})).json()
        wrong = f"viva_{'0' * 12}_{'s' * 43}"
        async with caller(there) as holder:
            for key in (made["key"], wrong):
                await holder.get(KEYS, headers={"apiKey": key})
                await holder.get(KEYS, headers={"Authorization": f"Bearer {key}"})
    for log in (here.log(), there.log()):
        assert made["key"][-43:] not in log
        assert wrong[-43:] not in log
