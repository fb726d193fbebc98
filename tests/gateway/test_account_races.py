"""Accounts in memory keep what they keep when much happens at once."""

from pathlib import Path

import pytest

from tests.gateway.account_suite import RaceSuite
from tests.support.gateway import GatewayBench
from tests.support.people import People, accounts_bench
from vivavoce.chassis.clock import ManualClock
from vivavoce.gateway.parts import Parts


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return accounts_bench(tmp_path)


@pytest.fixture
def people(gateway: GatewayBench) -> People:
    return People(gateway.app)


@pytest.fixture
def parts(gateway: GatewayBench) -> Parts:
    return gateway.parts


@pytest.fixture
def clock(gateway: GatewayBench) -> ManualClock:
    return gateway.clock


class TestRacesInMemory(RaceSuite):
    pass
