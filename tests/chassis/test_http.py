"""The HTTP shell: operations routes, correlation ids, and the limit on bodies."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from vivavoce.chassis import http
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.http import (
    BodyLimitMiddleware,
    BodyRules,
    CorrelationMiddleware,
    operations_router,
    request_ids,
)

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
LIMIT = 1000


async def fine() -> None:
    return


async def away() -> None:
    raise InfrastructureAway("no answer from mongodb://user:password@db")


def make_app(**checks: http.Check) -> FastAPI:
    app = FastAPI()
    app.include_router(operations_router(checks))

    @app.get("/ids")
    async def ids() -> dict[str, str | None]:
        found = request_ids()
        return {"correlation_id": found.correlation_id, "traceparent": found.traceparent}

    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(BodyLimitMiddleware, rules=BodyRules(LIMIT))
    app.add_middleware(CorrelationMiddleware)
    return app


def client(app: FastAPI | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app or make_app(), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_a_process_with_all_checks_passing_is_healthy_and_ready() -> None:
    async with client(make_app(database=fine)) as http_client:
        health, ready = await http_client.get("/health"), await http_client.get("/ready")

    assert (health.status_code, ready.status_code) == (200, 200)
    assert health.json() == ready.json() == {"status": "ok", "checks": {"database": "ok"}}


async def test_a_process_with_a_failing_check_lives_but_is_not_ready() -> None:
    async with client(make_app(database=away, store=fine)) as http_client:
        health, ready = await http_client.get("/health"), await http_client.get("/ready")

    assert (health.status_code, ready.status_code) == (200, 503)
    assert health.json()["checks"] == {"database": "infrastructure_away", "store": "ok"}


async def test_a_check_that_hangs_is_a_failing_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CHECK_SECONDS", 0.01)

    async def hang() -> None:
        await asyncio.Event().wait()

    async with client(make_app(database=hang)) as http_client:
        ready = await http_client.get("/ready")

    assert (ready.status_code, ready.json()["checks"]) == (503, {"database": "deadline_exceeded"})


async def test_metrics_are_shown_in_the_format_of_prometheus() -> None:
    async with client() as http_client:
        metrics = await http_client.get("/metrics")

    assert metrics.headers["content-type"].startswith("text/plain")
    assert "# TYPE viva_consumed_total counter" in metrics.text


async def test_a_correlation_id_is_taken_bound_and_returned() -> None:
    async with client() as http_client:
        response = await http_client.get(
            "/ids", headers={"X-Correlation-ID": "abc 1/2", "traceparent": TRACEPARENT}
        )

    assert response.headers["x-correlation-id"] == "abc 1/2"
    assert response.json() == {"correlation_id": "abc 1/2", "traceparent": TRACEPARENT}


@pytest.mark.parametrize("unfit", ["", "x" * 129, "tab\there", "ümlaut"])
async def test_an_unfit_correlation_id_is_replaced(unfit: str) -> None:
    async with client() as http_client:
        response = await http_client.get("/ids", headers={b"X-Correlation-ID": unfit.encode("latin-1")})

    given = response.headers["x-correlation-id"]
    assert given == response.json()["correlation_id"]
    assert given not in {unfit, ""}
    assert len(given) == 36


async def test_a_traceparent_that_is_none_is_left_out() -> None:
    async with client() as http_client:
        response = await http_client.get("/ids", headers={"traceparent": "01-zz"})

    assert response.json()["traceparent"] is None


async def test_requests_that_run_together_keep_their_own_ids() -> None:
    async with client() as http_client:
        names = [f"request-{number}" for number in range(20)]
        responses = await asyncio.gather(
            *(http_client.get("/ids", headers={"X-Correlation-ID": name}) for name in names)
        )

    assert [response.json()["correlation_id"] for response in responses] == names


async def test_a_refused_body_has_its_correlation_id_too() -> None:
    async with client() as http_client:
        response = await http_client.post(
            "/size", content=b"x" * (LIMIT + 1), headers={"X-Correlation-ID": "c1"}
        )

    assert (response.status_code, response.headers["x-correlation-id"]) == (413, "c1")


async def in_chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 100):
        yield b"x" * 100


async def test_a_body_up_to_the_limit_arrives_whole_announced_or_not() -> None:
    async with client() as http_client:
        announced = await http_client.post("/size", content=b"x" * LIMIT)
        streamed = await http_client.post("/size", content=in_chunks(LIMIT))

    assert (announced.json(), streamed.json()) == (LIMIT, LIMIT)


async def test_a_body_past_the_limit_is_refused_announced_or_not() -> None:
    async with client() as http_client:
        announced = await http_client.post("/size", content=b"x" * (LIMIT + 1))
        streamed = await http_client.post("/size", content=in_chunks(LIMIT + 100))

    assert (announced.status_code, streamed.status_code) == (413, 413)


async def test_a_length_that_says_less_than_is_sent_does_not_let_more_in() -> None:
    async with client() as http_client:
        lying = await http_client.post(
            "/size", content=in_chunks(LIMIT + 100), headers={"content-length": "5"}
        )

    assert lying.status_code == 413


async def over_a_socket(app: FastAPI, request: bytes) -> bytes:
    """The first line that a real server answers to these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(request)
        async with asyncio.timeout(10):
            line = await reader.readline()
        writer.close()
        server.should_exit = True
        await serving
    return line


@pytest.mark.parametrize(("size", "status"), [(100, b"200"), (LIMIT + 1, b"413")])
async def test_a_chunked_body_is_counted_whatever_length_is_announced(size: int, status: bytes) -> None:
    head = b"POST /size HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size)

    assert (await over_a_socket(make_app(), head + body)).split()[1] == status


async def test_outside_a_request_the_ids_are_new() -> None:
    assert request_ids() != request_ids()
