"""What every request passes: sizes, times, numbers, and what every answer says to protect its readers."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.responses import StreamingResponse
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sse_starlette import EventSourceResponse

from tests.support.gateway import GatewayBench, submission
from vivavoce.gateway.guards.bodies import is_deeper
from vivavoce.gateway.settings import GatewaySettings

JSON = {"Content-Type": "application/json"}
PAGE = "https://app.example.org"
RECORD = "/api/interview-record"


@pytest.mark.parametrize(
    ("body", "levels"),
    [
        (b"", 0),
        (b"1", 0),
        (b"[]", 1),
        (b'{"a": [{"b": 1}]}', 3),
        (b'["[[[[", "{{{{"]', 1),
        (rb'["\"[[[[", "\\", [1]]', 2),
        (rb'["\\\"[[", "\\\\", "[["]', 1),
        (b"[[[", 3),
        (b"[[]]" * 10, 2),
    ],
)
def test_depth_counts_what_is_open_outside_of_texts(body: bytes, levels: int) -> None:
    assert not is_deeper(body, levels)
    assert levels == 0 or is_deeper(body, levels - 1)


TREES = st.recursive(
    st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(TREES, st.booleans())
def test_depth_is_that_of_the_value(tree: Any, ascii_only: bool) -> None:
    body = json.dumps(tree, ensure_ascii=ascii_only).encode()
    assert not is_deeper(body, _depth(tree))
    assert _depth(tree) == 0 or is_deeper(body, _depth(tree) - 1)


def _depth(tree: Any) -> int:
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


async def test_json_that_is_nested_too_deeply_is_refused_by_name(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        refused = await client.post(RECORD, content=b'{"meta": ' + b"[" * 40 + b"]" * 40 + b"}", headers=JSON)
        v1 = await client.post("/api/v1/x", content=b"[" * 40, headers=JSON)
    assert refused.status_code == 400
    assert refused.json()["error"] == "The body's JSON is nested in more than 32 levels."
    assert refused.json()["fields"][0]["path"] == "body"
    assert v1.json()["status_code"] == 400


async def test_of_a_key_that_comes_twice_in_json_the_last_counts(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        body = b'{"name": "first", "name": "last"}'
        created = await client.post("/api/admin/api-keys", content=body, headers=JSON)
    assert created.json()["name"] == "last"


@pytest.mark.parametrize(("path", "status"), [(RECORD, 413), ("/api/resume/upload", 404)])
async def test_a_body_may_be_as_large_as_its_path_allows(tmp_path: Path, path: str, status: int) -> None:
    gateway = GatewayBench(tmp_path, max_body_bytes=1_000, max_upload_bytes=2_000)
    async with gateway.client() as client:
        assert (await client.post(path, content=b"x" * 1_500)).status_code == status
        assert (await client.post(path, content=b"x" * 2_500)).status_code == 413


async def test_packed_bodies_are_not_unpacked(gateway: GatewayBench) -> None:
    body = gzip.compress(json.dumps(submission()).encode())
    async with gateway.client() as client:
        refused = await client.post(RECORD, content=body, headers={**JSON, "Content-Encoding": "gzip"})
    assert refused.status_code == 400


async def test_a_url_and_a_head_may_be_so_large(gateway: GatewayBench) -> None:
    async with gateway.caller({"X-Correlation-ID": "mine"}) as client:
        url = await client.get("/api/v1/" + "x" * 9_000)
        query = await client.get("/health?" + "x" * 9_000)
        large = await client.get("/health", headers={"X-Large": "x" * 40_000})
        many = await client.get("/health", headers={f"X-{number}": "1" for number in range(200)})
    assert [each.status_code for each in (url, query, large, many)] == [414, 414, 431, 431]
    assert url.json()["status_code"] == 414
    assert many.json()["correlationId"] == many.headers["x-correlation-id"] == "mine"


async def test_work_that_takes_too_long_is_cancelled_and_says_so(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, request_seconds=0.05, idempotency_lease_seconds=1)
    ended: list[str] = []

    @gateway.app.get("/api/v1/slow")
    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async with gateway.caller() as client:
        answer = await client.get("/api/v1/slow")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["status_code"] == 503
    assert ended == ["cancelled"]


async def test_a_stream_of_events_may_go_on_and_takes_no_room(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, request_seconds=0.05, idempotency_lease_seconds=1, max_requests=1)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def events() -> Any:
        yield {"data": "first"}
        begun.set()
        await go_on.wait()
        yield {"data": "last"}

    @gateway.app.get("/stream")
    async def stream() -> EventSourceResponse:
        return EventSourceResponse(events())

    async with gateway.caller() as client:
        following = asyncio.create_task(client.get("/stream"))
        await begun.wait()
        assert (await client.get("/docs")).status_code == 200
        await asyncio.sleep(0.1)
        go_on.set()
        assert (await following).text.count("data:") == 2


async def test_when_there_is_no_room_callers_are_told_to_come_back(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, max_requests=1)
    begun, go_on = asyncio.Event(), asyncio.Event()

    @gateway.app.get("/work")
    async def work() -> None:
        begun.set()
        await go_on.wait()

    async with gateway.caller() as client:
        first = asyncio.create_task(client.get("/work"))
        await begun.wait()
        refused = await client.get("/api/v2/x")
        health = await client.get("/ping")
        go_on.set()
        assert (await first).status_code == 200
        assert (await client.get("/api/v2/x")).status_code == 404
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json().keys() == {"error"}
    assert health.status_code == 200


async def test_every_answer_protects_its_reader(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, public_base_url="https://viva.example.org")

    @gateway.app.get("/crash")
    async def crash() -> StreamingResponse:
        raise RuntimeError("it breaks")

    async with gateway.client() as client:
        for path in ("/api/nowhere", "/crash", "/api/admin/api-keys", "/health", "/docs", "/portal"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["x-frame-options"] == "DENY", path
            assert headers["referrer-policy"] == "no-referrer", path
            assert "default-src 'none'" in headers["content-security-policy"], path
            assert headers["strict-transport-security"] == "max-age=31536000", path
            assert len(headers.get_list("cache-control")) == 1, path
        assert (await client.get("/api/admin/api-keys")).headers["cache-control"] == "no-store"
        assert "public" in (await client.get("/.well-known/jwks.json")).headers["cache-control"]


async def test_without_https_nobody_is_told_to_use_it(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        assert "strict-transport-security" not in (await client.get("/ping")).headers


async def test_pages_of_named_origins_may_call_and_read_refusals(tmp_path: Path) -> None:
    gateway = GatewayBench(
        tmp_path, cors_origins=(PAGE,), max_body_bytes=100, limit_scale=1, limit_address="3/minute"
    )
    asks = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    async with gateway.caller() as client:
        preflight = await client.options(RECORD, headers=asks)
        refused = [
            await client.get("/api/nowhere", headers={"Origin": PAGE}),
            await client.post(RECORD, content=b"x" * 200, headers={"Origin": PAGE}),
            await client.get("/api/admin/api-keys", headers={"Origin": PAGE}),
            await client.get("/api/nowhere", headers={"Origin": PAGE}),
        ]
    assert preflight.status_code == 200
    assert "idempotency-key" in preflight.headers["access-control-allow-headers"].lower()
    assert [each.status_code for each in refused] == [404, 413, 401, 429]
    for each in (preflight, *refused):
        assert each.headers["access-control-allow-origin"] == PAGE
        assert each.headers["access-control-allow-credentials"] == "true"
    for name in ("X-Correlation-ID", "RateLimit", "Retry-After", "Location", "ETag"):
        assert name in refused[0].headers["access-control-expose-headers"]


async def test_other_pages_get_no_leave(tmp_path: Path) -> None:
    for origins in ((), (PAGE,)):
        async with GatewayBench(tmp_path, cors_origins=origins).caller(
            {"Origin": "https://evil.example"}
        ) as page:
            answer = await page.get("/ping")
            asked = await page.options("/ping", headers={"Access-Control-Request-Method": "GET"})
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-origin" not in asked.headers


async def test_any_origin_may_call_without_cookies(tmp_path: Path) -> None:
    async with GatewayBench(tmp_path, cors_origins=("*",)).caller({"Origin": "https://any.example"}) as page:
        answer: httpx.Response = await page.get("/ping")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "origins", ["app.example.org", "https://a.example/", "*,https://a.example", "https://"]
)
def test_what_is_no_origin_is_refused_at_the_start(origins: str) -> None:
    with pytest.raises(ValidationError, match="cors_origins"):
        GatewaySettings.model_validate({"cors_origins": origins})


def test_a_lease_that_ends_before_its_request_is_refused_at_the_start() -> None:
    with pytest.raises(ValidationError, match="idempotency_lease_seconds"):
        GatewaySettings(request_seconds=60, idempotency_lease_seconds=60)
