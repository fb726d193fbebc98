"""Every failure has the platform's shape, an id to ask about, and no inside."""

from pathlib import Path

import pytest
from starlette.requests import Request

from tests.support.gateway import GatewayBench, submission
from vivavoce.chassis.errors import FieldProblem
from vivavoce.gateway.failures import invalid_input


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/interview-record/unknown", 404),
        ("PUT", "/api/interview-record", 405),
        ("POST", "/health", 405),
    ],
)
async def test_unknown_places_and_methods_have_the_platforms_shape(
    gateway: GatewayBench, method: str, path: str, status: int
) -> None:
    async with gateway.client() as client:
        response = await client.request(method, path)
    body = response.json()
    assert response.status_code == status
    assert body["error"]
    assert body["correlationId"] == response.headers["x-correlation-id"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"meta": NaN}', b"1" * 5000],
)
async def test_bodies_that_are_no_submission_are_refused(gateway: GatewayBench, content: bytes) -> None:
    async with gateway.client() as client:
        response = await client.post(
            "/api/interview-record", content=content, headers={"Content-Type": "application/json"}
        )
    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_body_that_does_not_say_it_is_json_is_refused(
    gateway: GatewayBench, content_type: str
) -> None:
    """A web page may send such bodies anywhere without asking first."""
    async with gateway.client() as client:
        response = await client.post(
            "/api/interview-record", content=b"{}", headers={"Content-Type": content_type}
        )
    assert response.status_code == 400
    assert "Content-Type: application/json" in response.json()["fields"][0]["message"]


async def test_the_callers_correlation_id_comes_back(gateway: GatewayBench) -> None:
    async with gateway.caller({"X-Correlation-ID": "mine-1"}) as client:
        response = await client.post("/api/interview-record", json=submission())
    assert response.headers["x-correlation-id"] == "mine-1"
    assert response.json()["correlationId"] == "mine-1"


async def test_a_crash_tells_its_id_and_nothing_else(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, environment="production")

    @gateway.app.get("/crash")
    async def crash(_: Request) -> None:
        raise RuntimeError("the inside")

    async with gateway.caller({"X-Correlation-ID": "crash-1"}) as client:
        response = await client.get("/crash")
    assert response.status_code == 500
    assert response.json().keys() == {"error", "correlationId"}
    assert response.json()["correlationId"] == response.headers["x-correlation-id"] == "crash-1"
    assert "the inside" not in response.text


@pytest.mark.parametrize(("environment", "shown"), [("development", True), ("production", False)])
async def test_details_are_for_development(tmp_path: Path, environment: str, shown: bool) -> None:
    gateway = GatewayBench(tmp_path, environment=environment)
    async with gateway.caller() as client:
        body = (await client.get("/api/webhooks")).json()
    assert ("details" in body) is shown


def test_a_flood_of_problems_is_cut_and_said_so() -> None:
    error = invalid_input([FieldProblem(f"field.{number}", "is wrong") for number in range(60)])
    assert len(error.problems) == 50
    assert "60 problems; the first 50" in error.message
