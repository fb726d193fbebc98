"""GraphQL over HTTP: methods, media types, statuses, and what is refused."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.gateway import GatewayBench, token
from tests.support.interview_facts import AnswerFacts
from tests.support.sse import events_of
from tests.support.streams import a_stream
from vivavoce.chassis.errors import InfrastructureAway

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
ANSWERED = {"data": {"__typename": "Query"}, "extensions": {"cost": {"points": 1, "limit": 50_000}}}
QUERY = {"query": "{ __typename }"}
WATCH = {"query": "subscription { interviewCompleted { id } }"}


async def post(gateway: GatewayBench, content: Any, **headers: str) -> httpx.Response:
    body = content if isinstance(content, str | bytes) else json.dumps(content)
    async with gateway.client() as client:
        given = {"Content-Type": JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await client.post("/graphql", content=body, headers=given)


async def get(gateway: GatewayBench, *parameters: tuple[str, str], **headers: str) -> httpx.Response:
    async with gateway.client() as client:
        return await client.get("/graphql", params=list(parameters), headers=headers)


def code(response: httpx.Response) -> str:
    """The code of the one error that was answered."""
    (error,) = response.json()["errors"]
    assert error["extensions"]["correlationId"] == response.headers["x-correlation-id"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON};q=0.2, {GRAPHQL};q=0.8", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        ("text/html, */*;q=0.8", JSON),
        ("application/*", JSON),
        (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
        (f"{GRAPHQL}; charset=utf-16, {JSON}", JSON),
    ],
)
async def test_callers_get_the_media_type_that_they_take(
    gateway: GatewayBench, accept: str, answered: str
) -> None:
    response = await post(gateway, QUERY, Accept=accept)
    assert (response.status_code, response.json()) == (200, ANSWERED)
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/plain", "image/*", f"{JSON};q=0", f"{JSON}; charset=latin1"])
async def test_a_caller_that_takes_nothing_of_ours_is_told_what_there_is(
    gateway: GatewayBench, accept: str
) -> None:
    response = await post(gateway, QUERY, Accept=accept)
    assert (response.status_code, code(response)) == (406, "not_acceptable")


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/graphql", "multipart/form-data", f"{JSON}; charset=utf-16"],
)
async def test_a_body_of_another_type_is_not_read(gateway: GatewayBench, content_type: str) -> None:
    response = await post(gateway, QUERY, Content_Type=content_type)
    assert (response.status_code, code(response)) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("query", "failed"),
    [
        ("{ interview(", "graphql_parse_failed"),
        ("{ nothing }", "graphql_validation_failed"),
        ("query A { __typename } query B { __typename }", "graphql_validation_failed"),
    ],
)
async def test_a_document_that_cannot_be_run_is_told_in_either_media_type(
    gateway: GatewayBench, query: str, failed: str
) -> None:
    for media_type, status in ((JSON, 200), (GRAPHQL, 400)):
        response = await post(gateway, {"query": query}, Accept=media_type)
        assert (response.status_code, code(response)) == (status, failed)
        assert "data" not in response.json()


async def test_an_error_of_a_field_is_beside_its_data(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise InfrastructureAway("The database is away.")

    monkeypatch.setattr(type(gateway.parts.reader), "interview", away)
    response = await post(gateway, {"query": '{ interview(id: "x") { id } }'}, Accept=GRAPHQL)
    assert (response.status_code, response.json()["data"]) == (200, {"interview": None})
    assert code(response) == "infrastructure_away"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "1",
        "null",
        "{}",
        '{"query": 1}',
        '{"query": null}',
        '{"query": ["{ __typename }"]}',
        '{"query": "{ __typename }", "variables": "x"}',
        '{"query": "{ __typename }", "variables": {"x": NaN}}',
        '{"query": "{ __typename }", "operationName": 1}',
        '{"query": "{ __typename }", "extensions": []}',
        '{"query": "{ __typename }", "variables": ' + "[" * 100_000,
        b'{"query": "\xff"}',
    ],
)
async def test_a_request_that_is_not_well_formed_is_refused(
    gateway: GatewayBench, content: str | bytes
) -> None:
    response = await post(gateway, content, Accept=GRAPHQL)
    assert (response.status_code, code(response)) == (400, "invalid_input")


async def test_a_batch_is_refused(gateway: GatewayBench) -> None:
    response = await post(gateway, [QUERY] * 3)
    assert response.status_code == 400
    assert "Batches" in response.json()["errors"][0]["message"]


async def test_a_query_may_come_in_the_address(gateway: GatewayBench) -> None:
    await gateway.submit()
    query = "query One($id: ID!) { interview(id: $id) { status } } query Two { __typename }"
    given = (("query", query), ("operationName", "One"), ("extensions", "{}"))
    response = await get(gateway, *given, ("variables", json.dumps({"id": AnswerFacts().interview_id})))
    assert response.json()["data"] == {"interview": {"status": "processing"}}


@pytest.mark.parametrize(
    "parameters",
    [
        (),
        (("query", ""),),
        (("query", "{ __typename }"), ("query", "{ __typename }")),
        (("query", "{ __typename }"), ("variables", "{")),
        (("query", "{ __typename }"), ("variables", "[]")),
    ],
)
async def test_parameters_that_are_wrong_are_named(
    gateway: GatewayBench, parameters: tuple[tuple[str, str], ...]
) -> None:
    response = await get(gateway, *parameters)
    assert (response.status_code, code(response)) == (400, "invalid_input")
    (field,) = response.json()["errors"][0]["extensions"]["fields"]
    assert field["path"] == (parameters[-1][0] if parameters else "query")


async def test_a_mutation_by_get_is_refused(gateway: GatewayBench) -> None:
    response = await get(gateway, ("query", "mutation { drop }"))
    assert (response.status_code, response.headers["allow"], code(response)) == (405, "POST", "wrong_method")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
async def test_other_methods_are_told_which_there_are(gateway: GatewayBench, method: str) -> None:
    async with gateway.client() as client:
        response = await client.request(method, "/graphql")
    assert (response.status_code, code(response)) == (405, "wrong_method")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_a_body_that_is_too_large_is_told_in_graphqls_form(gateway: GatewayBench) -> None:
    response = await post(gateway, {"query": "#" * 1_000_000})
    assert (response.status_code, code(response)) == (413, "too_large")


async def test_a_subscription_needs_a_stream(gateway: GatewayBench) -> None:
    response = await post(gateway, WATCH)
    assert (response.status_code, code(response)) == (406, "not_acceptable")
    assert "text/event-stream" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("content", [QUERY, {"query": "{ nothing }"}])
async def test_any_operation_may_be_a_stream(gateway: GatewayBench, content: Any) -> None:
    response = await post(gateway, content, Accept="text/event-stream")
    assert response.headers["content-type"].startswith("text/event-stream")
    first, last = events_of(response.text.replace("data:\n", "data: \n"))
    assert (first["event"], last["event"]) == ("next", "complete")
    assert json.loads(first["data"]).keys() <= {"data", "errors", "extensions"}


async def test_a_mutation_by_get_is_refused_in_a_stream_too(gateway: GatewayBench) -> None:
    response = await get(gateway, ("query", "mutation { drop }"), Accept="text/event-stream")
    assert "mutations are not allowed" in response.text


async def test_credentials_are_asked_for_in_graphqls_form(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        response = await client.post("/graphql", json=QUERY, headers={"Accept": GRAPHQL})
    assert (response.status_code, code(response)) == (401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"].startswith(GRAPHQL)


async def test_a_fault_of_ours_is_told_by_its_id_only(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the inside of it")

    monkeypatch.setattr(type(gateway.parts.reader), "interview", broken)
    response = await post(gateway, {"query": '{ interview(id: "x") { id } }'})
    assert (response.json()["data"], code(response)) == ({"interview": None}, "internal_error")
    assert "inside" not in response.text


@pytest.mark.parametrize(("environment", "graphiql"), [("production", "auto"), ("development", "off")])
async def test_without_graphiql_browsers_are_answered_like_everyone(
    tmp_path: Path, environment: str, graphiql: str
) -> None:
    gateway = GatewayBench(tmp_path, environment=environment, graphiql=graphiql)
    async with gateway.caller() as client:
        response = await client.get("/graphql", headers={"Accept": "text/html, */*;q=0.8"})
        script = await client.get("/graphql/graphiql/start.js")
    assert (response.status_code, code(response)) == (401, "unauthenticated")
    assert script.status_code == 404


async def test_a_browser_is_told_how_to_get_graphiql(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        response = await client.get("/graphql", headers={"Accept": "text/html, */*;q=0.8"})
    assert (response.status_code, "make graphiql" in response.text) == (200, True)
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["yoga-graphiql.umd.js", "..%2Fjwks.json", "nothing.js"])
async def test_no_other_file_is_served(tmp_path: Path, name: str) -> None:
    (tmp_path / "graphiql").mkdir()
    gateway = GatewayBench(tmp_path, graphiql_folder=tmp_path / "graphiql")
    async with gateway.caller() as client:
        assert (await client.get(f"/graphql/graphiql/{name}")).status_code == 404


async def test_too_many_streams_are_refused(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, graphql_streams_per_principal=1)
    headers = {"Authorization": f"Bearer {token()}", "Accept": "text/event-stream"}
    with gateway.parts.streams.open(a_stream()):
        async with gateway.caller(headers) as client:
            response = await client.post("/graphql", json=WATCH)
    assert (response.status_code, code(response)) == (429, "too_many_streams")
    assert response.headers["retry-after"] == "30"
