"""Requests as they are counted, timed and traced; and what anyone can read of that at /metrics."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry.trace import StatusCode
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.responses import StreamingResponse

from tests.support.spans import Kept, own, recorded
from vivavoce.chassis.http import CorrelationMiddleware, operations_router
from vivavoce.chassis.traffic import Callers, TrafficMiddleware

STRANGER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OPENMETRICS = {"accept": "application/openmetrics-text; version=1.0.0"}
_numbers = count(1)


class Door:
    """An application whose routes no other test has asked, and its client."""

    def __init__(self, callers: Callers = "continue") -> None:
        self.prefix = f"/door{next(_numbers)}"
        router = APIRouter(prefix=self.prefix)

        @router.get("/things/{thing}")
        async def read(thing: str) -> str:
            return thing

        @router.get("/broken")
        async def break_down() -> None:
            raise RuntimeError("ada@example.org fell over")

        @router.get("/stream")
        async def stream() -> StreamingResponse:
            return StreamingResponse(_events(), media_type="text/event-stream")

        app = FastAPI()
        app.include_router(router)
        app.include_router(operations_router({}))
        app.add_middleware(TrafficMiddleware, callers=callers)
        app.add_middleware(CorrelationMiddleware)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(f"{self.prefix}{path}", headers=headers)

    def requests(self, route: str, status: str, method: str = "GET") -> float | None:
        labels = {"route": f"{self.prefix}{route}", "method": method, "status": status}
        return REGISTRY.get_sample_value("viva_http_requests_total", labels)


async def _events() -> AsyncIterator[str]:
    yield "data: 1\n\n"


@pytest.fixture
def kept() -> Iterator[Kept]:
    with recorded() as spans:
        yield spans


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    async with made.client:
        yield made


async def test_requests_are_counted_by_template_and_class(door: Door) -> None:
    for thing in ("a", "b", "c"):
        await door.get(f"/things/{thing}")
    await door.get("/broken")
    assert door.requests("/things/{thing}", "2xx") == 3
    assert door.requests("/broken", "5xx") == 1


async def test_paths_and_methods_that_nobody_knows_are_one_label(door: Door) -> None:
    def label_values() -> set[tuple[str, str]]:
        families = {family.name: family for family in REGISTRY.collect()}
        samples = families["viva_http_requests"].samples
        return {(sample.labels["route"], sample.labels["method"]) for sample in samples}

    await door.client.request("BREW", "/nothing-at-all")
    before = label_values()
    for number in range(50):
        await door.client.request(f"BREW{number}", f"/nowhere/{number}")
    assert label_values() == before
    assert ("unknown", "_OTHER") in before


async def test_a_request_is_a_span_named_by_its_template(door: Door, kept: Kept) -> None:
    await door.get("/things/ada@example.org?token=secret", **{"x-correlation-id": "corr-9"})
    span = kept.one(f"GET {door.prefix}/things/{{thing}}")
    told = span.attributes or {}
    assert told["http.route"] == f"{door.prefix}/things/{{thing}}"
    assert told["http.response.status_code"] == 200
    assert told["viva.correlation_id"] == "corr-9"
    assert "ada" not in span.to_json()
    assert "secret" not in span.to_json()


async def test_a_crash_is_an_error_of_its_kind(door: Door, kept: Kept) -> None:
    await door.get("/broken")
    span = kept.one(f"GET {door.prefix}/broken")
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == "RuntimeError"
    assert "fell over" not in span.to_json()


async def test_those_who_watch_leave_no_traces(door: Door, kept: Kept) -> None:
    for path in ("/metrics", "/health", "/ready"):
        await door.client.get(path)
    assert kept.spans == ()


async def test_a_callers_trace_is_continued_or_linked_to(kept: Kept) -> None:
    continuing, linking = Door("continue"), Door("link")
    await continuing.get("/things/a", traceparent=STRANGER)
    await linking.get("/things/a", traceparent=STRANGER)
    one = kept.one(f"GET {continuing.prefix}/things/{{thing}}")
    other = kept.one(f"GET {linking.prefix}/things/{{thing}}")
    trace_id = int(STRANGER.split("-")[1], 16)
    assert own(one).trace_id == trace_id
    assert own(other).trace_id != trace_id
    assert other.parent is None
    assert [link.context.trace_id for link in other.links] == [trace_id]


async def test_who_asks_for_openmetrics_gets_exemplars(door: Door, kept: Kept) -> None:
    await door.get("/things/a")
    response = await door.client.get("/metrics", headers=OPENMETRICS)
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    read: Any = text_string_to_metric_families
    families = list(read(response.text))
    found = {
        sample.exemplar.labels["trace_id"]
        for family in families
        for sample in family.samples
        if sample.exemplar and sample.labels.get("route") == f"{door.prefix}/things/{{thing}}"
    }
    assert found == {f"{own(kept.spans[0]).trace_id:032x}"}


async def test_who_asks_for_nothing_gets_prometheus_text(door: Door, kept: Kept) -> None:
    await door.get("/things/a")
    response = await door.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert "trace_id" not in response.text
    assert f'route="{door.prefix}/things/{{thing}}"' in response.text


async def test_a_stream_of_events_is_timed_to_its_beginning(door: Door) -> None:
    await door.get("/stream")
    assert door.requests("/stream", "2xx") == 1
