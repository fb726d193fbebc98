"""What operators see without credentials; health and metrics have tests of their own."""

import pytest

from tests.support.gateway import GatewayBench


@pytest.mark.parametrize("path", ["/ping", "/metrics", "/health", "/ready"])
async def test_operators_need_no_credentials(gateway: GatewayBench, path: str) -> None:
    async with gateway.caller() as client:
        assert (await client.get(path)).status_code == 200
