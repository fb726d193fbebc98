"""Accounts over real connections keep what they keep when much happens at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.gateway.account_suite import RaceSuite
from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.gateway import ScriptedAsker
from tests.support.people import OPEN, People
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.parts import Parts
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.web import make_app, make_parts

pytestmark = pytest.mark.connected


@pytest.fixture
def clock() -> ManualClock:
    """A database forgets by its own clock, so that the story begins at the real present."""
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def parts(embedded_mongo: EmbeddedMongo, clock: ManualClock) -> AsyncIterator[Parts]:
    database = MongoDatabase(
        embedded_mongo.uri, f"viva_{new_id()[:8]}", source="/vivavoce/gateway", clock=clock
    )
    made = make_parts(GatewaySettings.model_validate(OPEN), database, ScriptedAsker(), clock, {})
    await database.prepare()
    yield made
    await database.close()


@pytest.fixture
def people(parts: Parts) -> People:
    return People(make_app(parts))


class TestRacesInMongo(RaceSuite):
    pass
