"""The gateway's requests as operators count them: every answer by its route, whoever gave it."""

import pytest
from prometheus_client import REGISTRY

from tests.support.gateway import GatewayBench
from tests.support.spans import recorded


def counted(route: str, method: str, status: str) -> float:
    labels = {"route": route, "method": method, "status": status}
    return REGISTRY.get_sample_value("viva_http_requests_total", labels) or 0.0


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/api/interview-record/none", "/api/interview-record/{interviewRecordId}", "4xx"),
        ("HEAD", "/api/interview-record/none", "/api/interview-record/{interviewRecordId}", "4xx"),
        ("POST", "/graphql", "/graphql", "2xx"),
        ("GET", "/ping", "/ping", "2xx"),
        ("GET", "/nowhere/ada@example.org", "unknown", "4xx"),
    ],
)
async def test_requests_are_counted_under_their_routes(
    gateway: GatewayBench, method: str, path: str, route: str, status: str
) -> None:
    before = counted(route, method, status)
    async with gateway.client() as client:
        await client.request(method, path, json={"query": "{ __typename }"} if method == "POST" else None)
    assert counted(route, method, status) == before + 1


async def test_what_is_refused_before_any_route_is_counted_and_traced_too(gateway: GatewayBench) -> None:
    before = counted("unknown", "POST", "4xx")
    with recorded() as kept:
        async with gateway.client() as client:
            response = await client.post("/api/interview-record", content=b"x" * 2_000_000)
    assert response.status_code == 413
    assert counted("unknown", "POST", "4xx") == before + 1
    assert (kept.one("POST").attributes or {})["http.response.status_code"] == 413


async def test_openmetrics_is_published_to_those_who_accept_it(gateway: GatewayBench) -> None:
    accept = {"accept": "application/openmetrics-text; version=1.0.0"}
    async with gateway.caller(accept) as client:
        response = await client.get("/metrics")
    assert response.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert response.text.rstrip().endswith("# EOF")
