"""What operators and newcomers see: health, liveness, metrics, and the API's own description."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.gateway import GatewayBench
from vivavoce.gateway.failure_documents import takes_key
from vivavoce.gateway.published import graphql_schema, openapi_document

DOCUMENT = openapi_document()
PATHS: dict[str, dict[str, dict[str, Any]]] = DOCUMENT["paths"]
REGISTRY: Registry[Any] = Registry().with_resource("openapi", Resource.from_contents(DOCUMENT, DRAFT202012))
OPERATIONS = [(path, method, operation) for path, ways in PATHS.items() for method, operation in ways.items()]


@pytest.mark.parametrize("path", ["/ping", "/metrics", "/docs", "/openapi.json", "/health", "/ready"])
async def test_operators_need_no_credentials(gateway: GatewayBench, path: str) -> None:
    async with gateway.caller() as client:
        assert (await client.get(path)).status_code == 200


async def test_the_page_loads_nothing_from_elsewhere(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        response = await client.get("/docs")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert not re.search(r"<script|<link|<img|src=|@import", response.text)
    for path in PATHS:
        assert path in response.text


OPEN_TO_ANYONE = (
    "/api/csrf",
    "/api/webhooks/{webhookId}/jwks.json",
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
)
OPEN_TO_ANY_CREDENTIALS = ("/api/v1/auth/me",)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_operation_is_described(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert ("422" in operation["responses"]) is takes_key(operation)
    if path.startswith(("/api", "/graphql")):
        assert "security" in operation or path in OPEN_TO_ANYONE
        refusals = {"401"} if path in OPEN_TO_ANY_CREDENTIALS else {"401", "403"}
        assert refusals <= operation["responses"].keys() or path in OPEN_TO_ANYONE
        assert "Retry-After" in operation["responses"]["503"]["headers"]
    if path.startswith("/api/job-result"):
        assert all("ETag" in operation["responses"][status]["headers"] for status in ("200", "304"))


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_body_has_an_example_that_fits_its_schema(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    for part in (operation.get("requestBody"), *operation["responses"].values()):
        for kind, content in (part or {}).get("content", {}).items():
            assert "examples" in content or "example" in content or kind == "text/plain" or path == "/graphql"
            for example in content.get("examples", {}).values():
                schema = json.loads(json.dumps(content["schema"]).replace('"#/', '"openapi#/'))
                Draft202012Validator(schema, registry=REGISTRY).validate(example["value"])


def test_what_answers_carry_in_headers_is_described() -> None:
    result = PATHS["/api/job-result/{videoResponseId}"]["get"]["responses"]
    assert "ETag" in result["200"]["headers"]
    assert "Retry-After" in result["404"]["headers"]
    assert "Retry-After" in result["503"]["headers"]
    assert "Location" in PATHS["/api/interview-record"]["post"]["responses"]["202"]["headers"]


async def test_the_page_shows_bodies_answers_and_parameters(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        page = (await client.get("/docs")).text
    for told in ("competencyWeights", "Sonuç bulunamadı.", "eye_contact", "whsec_", "If-None-Match", "ETag"):
        assert told in page


def test_the_event_stream_is_described_as_one() -> None:
    answers = PATHS["/api/interview-record/{interviewRecordId}/events"]["get"]
    assert list(answers["responses"]["200"]["content"]) == ["text/event-stream"]


def test_the_description_is_the_same_every_time() -> None:
    assert openapi_document() == DOCUMENT
    assert graphql_schema() == graphql_schema()
    assert "interviews(userId: String!" in graphql_schema()
