"""What the gateway publishes about itself is valid, complete and true, as a whole and family by family."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.gateway import GatewayBench
from tests.support.walk import operations
from vivavoce.contracts import PUBLIC_FACTS
from vivavoce.gateway.description.by_family import families, family_document
from vivavoce.gateway.description.shared import resolved
from vivavoce.gateway.failure_documents import takes_key
from vivavoce.gateway.families import Family, family_of
from vivavoce.gateway.published import graphql_schema, openapi_document

DOCUMENT = openapi_document()
PATHS: dict[str, dict[str, dict[str, Any]]] = DOCUMENT["paths"]
WEBHOOKS: dict[str, dict[str, dict[str, Any]]] = DOCUMENT["webhooks"]
REGISTRY: Registry[Any] = Registry().with_resource("openapi", Resource.from_contents(DOCUMENT, DRAFT202012))
OPERATIONS = [(path, method, operation) for path, ways in PATHS.items() for method, operation in ways.items()]
SENT = [(name, method, operation) for name, ways in WEBHOOKS.items() for method, operation in ways.items()]
OPEN = {
    "/api/csrf",
    "/api/webhooks/{webhookId}/jwks.json",
    "/api/v1/auth/register",
    "/api/v1/auth/login",
    "/api/v1/auth/refresh",
}
ANY_CREDENTIALS = {"/api/v1/auth/me"}
READS = {path: told for path, told in PATHS.items() if "get" in told}
FAMILIES = families(DOCUMENT)
ABSENT = [family for family in Family if family not in FAMILIES]


def answers_of(operation: dict[str, Any]) -> dict[str, Any]:
    return {status: resolved(DOCUMENT, told) for status, told in operation["responses"].items()}


@pytest.mark.parametrize("family", [None, *FAMILIES])
def test_every_document_is_valid_openapi(family: Family | None) -> None:
    document = DOCUMENT if family is None else family_document(DOCUMENT, family)
    assert document["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_the_families_together_are_the_whole() -> None:
    documents = [family_document(DOCUMENT, family) for family in FAMILIES]
    assert {path: told for each in documents for path, told in each["paths"].items()} == PATHS
    for kind, named in DOCUMENT["components"].items():
        assert {name for each in documents for name in each["components"].get(kind, ())} == named.keys()
    assert {name for each in documents for name in each.get("webhooks", ())} == PUBLIC_FACTS.keys()


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_family_has_a_document_and_a_page_of_its_own(gateway: GatewayBench, family: Family) -> None:
    async with gateway.caller() as client:
        document = (await client.get(f"/openapi/{family}.json")).json()
        page = await client.get(f"/docs/{family}")
    assert {family_of(path) for path in document["paths"]} == {family}
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    for path in document["paths"]:
        assert path in page.text


@pytest.mark.parametrize("name", [*ABSENT, "nothing", "..%2fopenapi"])
async def test_what_has_no_operations_has_no_document(gateway: GatewayBench, name: str) -> None:
    async with gateway.caller() as client:
        statuses = [
            (await client.get(path)).status_code for path in (f"/openapi/{name}.json", f"/docs/{name}")
        ]
    assert statuses == [404, 404]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_operation_is_described(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = answers_of(operation)
    assert operation["summary"]
    assert operation["description"]
    assert ("422" in answers) is takes_key(operation)
    if path.startswith(("/api", "/graphql")):
        assert bool(operation["security"]) is (path not in OPEN)
        refusals = {"401"} if path in ANY_CREDENTIALS else {"401", "403"}
        assert refusals <= answers.keys() or path in OPEN
        assert "Retry-After" in answers["503"]["headers"]
    if path.startswith("/api/job-result"):
        assert all("ETag" in answers[status]["headers"] for status in ("200", "304"))


def test_every_name_is_told_once_and_every_tag_is_explained() -> None:
    names = [operation["operationId"] for _, _, operation in (*OPERATIONS, *SENT)]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)
    assert [tag["name"] for tag in DOCUMENT["tags"] if not tag.get("description")] == []


def test_every_operation_tells_the_permission_that_it_needs(gateway: GatewayBench) -> None:
    needed = {each.name: each.permissions for each in operations(gateway.app)}
    for path, method, operation in OPERATIONS:
        route = f"{method.upper()} {path}"
        found = needed.get(route) or needed.get(route.replace("}", ":path}"), frozenset())
        told = {operation["x-permission"]} if "x-permission" in operation else set()
        assert told == {each.value for each in found}, route


def test_an_operation_names_the_credentials_that_it_takes() -> None:
    named = {path: {name for one in told["get"]["security"] for name in one} for path, told in READS.items()}
    assert "candidateLink" in named["/api/interview-record/{interviewRecordId}"]
    assert "portal" in named["/api/webhooks/settings"]
    assert named["/api/admin/users"] == {"bearer", "apiKey", "xApiKey"}
    assert named["/health"] == set()
    assert PATHS["/api/v1/auth/logout"]["post"]["security"] == [{"session": []}]


@pytest.mark.parametrize(("path", "method", "operation"), [*OPERATIONS, *SENT])
def test_every_body_has_an_example_that_fits_its_schema(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    for part in (operation.get("requestBody"), *answers_of(operation).values()):
        for kind, content in (part or {}).get("content", {}).items():
            assert "examples" in content or "example" in content or kind == "text/plain"
            for example in content.get("examples", {}).values():
                schema = json.loads(json.dumps(content["schema"]).replace('"#/', '"openapi#/'))
                Draft202012Validator(schema, registry=REGISTRY).validate(example["value"])


def test_what_answers_carry_in_headers_is_described() -> None:
    result = answers_of(PATHS["/api/job-result/{videoResponseId}"]["get"])
    assert "ETag" in result["200"]["headers"]
    assert "Retry-After" in result["404"]["headers"]
    assert "Retry-After" in result["503"]["headers"]
    assert "Location" in PATHS["/api/interview-record"]["post"]["responses"]["202"]["headers"]


def test_every_public_fact_is_described_as_a_webhook() -> None:
    assert list(WEBHOOKS) == list(PUBLIC_FACTS)
    for name, _, operation in SENT:
        assert [each["name"] for each in operation["parameters"]] == [
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
        ]
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        assert body["properties"]["type"]["const"] == name
        assert {"2XX", "410", "429", "default"} <= operation["responses"].keys()
        assert operation["security"] == []


async def test_the_pages_show_bodies_answers_and_parameters(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        records = (await client.get("/docs/records")).text
        platform = (await client.get("/docs/platform")).text
    for told in ("competencyWeights", "Sonuç bulunamadı.", "eye_contact", "If-None-Match", "ETag"):
        assert told in records
    for told in ("whsec_", "webhooks:manage", "webhook-signature", "score.generated"):
        assert told in platform


async def test_the_index_leads_to_every_page_and_every_document(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        page = await client.get("/docs")
        links = [part.partition('"')[0] for part in page.text.split('href="/')[1:]]
        found = {link: (await client.get(f"/{link}")).status_code for link in links}
    assert set(found.values()) == {200}
    assert {f"docs/{family}" for family in FAMILIES} | {"openapi.json", "asyncapi", "graphql/schema"} <= set(
        found
    )


async def test_facts_come_as_a_page_to_browsers_and_as_json_to_others(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        page = await client.get("/asyncapi", headers={"Accept": "text/html,*/*;q=0.8"})
        answer = await client.get("/asyncapi")
        same = await client.get("/asyncapi.json")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["vary"] == answer.headers["vary"] == "Accept"
    assert answer.json() == same.json()
    for told in ("interview.submitted", "notifier.requests", "media.features.dlq", "evaluation.judging"):
        assert told in page.text


async def test_the_graphql_schema_is_served_in_its_definition_language(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        answer = await client.get("/graphql/schema")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == graphql_schema()


def test_the_event_stream_is_described_as_one() -> None:
    answers = PATHS["/api/interview-record/{interviewRecordId}/events"]["get"]
    assert list(answers["responses"]["200"]["content"]) == ["text/event-stream"]


def test_the_description_is_the_same_every_time() -> None:
    assert openapi_document() == DOCUMENT
    assert graphql_schema() == graphql_schema()
    assert "interviews(userId: String!" in graphql_schema()
