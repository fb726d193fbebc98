"""Two gateways over one database run a request with an Idempotency-Key once between them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.embedded_mongo import EmbeddedMongo
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.idempotency.answers import Answer
from vivavoce.gateway.idempotency.claims import Claim
from vivavoce.gateway.idempotency.keys import Scope
from vivavoce.gateway.idempotency.service import Idempotency, StillRunning
from vivavoce.gateway.idempotency.settings import IdempotencySettings

pytestmark = pytest.mark.connected

SCOPE = Scope("org_acme", "user-1", "POST /api/x")
ANSWER = Answer(201, (("content-type", "application/json"),), b'{"key": "\xc3\xbc"}')


@pytest.fixture
async def pair(embedded_mongo: EmbeddedMongo) -> AsyncIterator[tuple[ManualClock, list[Idempotency]]]:
    clock, name = ManualClock(datetime.now(UTC)), f"viva_{new_id()[:8]}"
    databases = [
        MongoDatabase(embedded_mongo.uri, name, source="/vivavoce/gateway", clock=clock) for _ in range(2)
    ]
    made = [Idempotency(each, clock, IdempotencySettings(), "s" * 32) for each in databases]
    for each in databases:
        await each.prepare()
    yield clock, made
    for each in databases:
        await each.close()


async def test_of_repeats_at_once_one_runs_and_all_get_its_answer(
    pair: tuple[ManualClock, list[Idempotency]],
) -> None:
    _, made = pair
    outcomes = await asyncio.gather(
        *(each.claim("k", SCOPE, b"body") for each in made * 5), return_exceptions=True
    )
    claims = [each for each in outcomes if isinstance(each, Claim)]
    assert len(claims) == 1
    assert all(isinstance(each, Claim | StillRunning) for each in outcomes)
    await made[0].settle(claims[0], ANSWER)
    assert [await each.claim("k", SCOPE, b"body") for each in made] == [ANSWER, ANSWER]


async def test_a_lost_run_is_taken_over_once(pair: tuple[ManualClock, list[Idempotency]]) -> None:
    clock, made = pair
    assert isinstance(await made[0].claim("lost", SCOPE, b"body"), Claim)
    await clock.advance(timedelta(seconds=61))
    outcomes = await asyncio.gather(
        *(each.claim("lost", SCOPE, b"body") for each in made * 3), return_exceptions=True
    )
    assert sum(isinstance(each, Claim) for each in outcomes) == 1
