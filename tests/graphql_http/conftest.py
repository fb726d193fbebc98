"""Published clients for all of the folder, and for each test a gateway on a port of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.gateway import GatewayBench
from tests.support.node import NodeAbsent, installed
from tests.support.serving import Served, served


@pytest.fixture(scope="session")
def modules() -> Path:
    try:
        return installed(Path(__file__).parent)
    except NodeAbsent as error:
        pytest.skip(str(error))


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return GatewayBench(tmp_path, graphql_recheck_seconds=0.1, graphql_init_seconds=0.5)


@pytest.fixture
async def server(gateway: GatewayBench) -> AsyncIterator[Served]:
    async with served(gateway.app) as server:
        yield server
