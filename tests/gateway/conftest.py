"""A fresh gateway in memory for each test."""

from pathlib import Path

import pytest

from tests.support.gateway import GatewayBench


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return GatewayBench(tmp_path)
