"""Every error of every family has that family's shape, whatever raised it and wherever."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from tests.support.gateway import GatewayBench
from vivavoce.chassis import mongo_errors
from vivavoce.chassis.errors import FieldProblem, VivaError
from vivavoce.gateway.description.shared import resolved
from vivavoce.gateway.documentation import describe, failures
from vivavoce.gateway.failure_shapes import SHAPES, Failure, GraphqlFailure, V1Failure, V2Failure
from vivavoce.gateway.families import Family, family_of

INSIDE = "the inside"
PLACES: dict[Family, str] = {
    Family.RECORDS: "/api/interview-record/probe",
    Family.PLATFORM: "/api/probe",
    Family.V1: "/api/v1/probe",
    Family.V2: "/api/v2/probe",
    Family.TALENT: "/api/rooms/probe",
    Family.GRAPHQL: "/graphql/probe",
    Family.SYSTEM: "/probe",
}
SHAPE_OF: dict[Family, str] = {
    **dict.fromkeys(Family, "platform"),
    Family.V1: "v1",
    Family.V2: "v2",
    Family.GRAPHQL: "graphql",
}


def kinds(root: type[VivaError] = VivaError) -> Iterator[type[VivaError]]:
    """The whole error tree of the chassis."""
    if root.__module__ in {VivaError.__module__, mongo_errors.__name__}:
        yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


KINDS = {kind.__name__: kind for kind in kinds()}


class Body(BaseModel):
    """Something to be wrong about."""

    size: int


def add_probes(app: FastAPI) -> None:
    """In each family, a door that raises what it is told to, and one that wants a body."""
    for place in PLACES.values():

        async def fail(kind: str) -> None:
            if kind == "crash":
                raise RuntimeError(INSIDE)
            if kind.isdigit():
                raise HTTPException(int(kind), INSIDE)
            raise KINDS[kind]("It failed.", problems=(FieldProblem("a.b", "is wrong"),))

        async def take(_: Body) -> None:
            return

        app.add_api_route(f"{place}/fail/{{kind}}", fail, responses=failures(400))
        app.add_api_route(f"{place}/take", take, methods=["POST"])


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    bench = GatewayBench(tmp_path, environment="production", max_body_bytes=1000)
    add_probes(bench.app)
    return bench


def assert_shaped(response: httpx.Response, family: Family, *, fields: list[str]) -> None:
    body: dict[str, Any] = response.json()
    correlation_id = response.headers["x-correlation-id"]
    assert INSIDE not in response.text
    assert "Traceback" not in response.text
    match SHAPE_OF[family]:
        case "v1":
            assert isinstance(body.pop("detail"), str)
            assert body.pop("status_code") == response.status_code
            assert [each["field"] for each in body.pop("errors", ())] == fields
        case "v2":
            assert isinstance(body.pop("error"), str)
            assert [each["path"] for each in body.pop("fields", ())] == fields
        case "graphql":
            (error,) = body.pop("errors")
            assert isinstance(error.pop("message"), str)
            told = error.pop("extensions")
            assert isinstance(told.pop("code"), str)
            assert told.pop("correlationId") == correlation_id
            assert [each["path"] for each in told.pop("fields", ())] == fields
            assert (error, told) == ({}, {})
        case _:
            assert isinstance(body.pop("error"), str)
            assert body.pop("correlationId") == correlation_id
            assert [each["path"] for each in body.pop("fields", ())] == fields
    assert body == {}


@pytest.mark.parametrize("family", Family)
async def test_every_error_of_the_tree_has_the_familys_shape(gateway: GatewayBench, family: Family) -> None:
    async with gateway.caller() as client:
        for name, kind in KINDS.items():
            response = await client.get(f"{PLACES[family]}/fail/{name}")
            assert response.status_code == kind.status, name
            assert_shaped(response, family, fields=["a.b"])
            assert (response.status_code == 503) <= ("retry-after" in response.headers)


@pytest.mark.parametrize("family", Family)
async def test_what_the_framework_answers_has_the_familys_shape(
    gateway: GatewayBench, family: Family
) -> None:
    place, json = PLACES[family], {"Content-Type": "application/json"}
    async with gateway.caller() as client:
        for status, answered in {
            400: client.post(f"{place}/take", content=b"\xff{", headers=json),
            404: client.get(f"{place}/nothing/here"),
            405: client.delete(f"{place}/take"),
            413: client.post(f"{place}/take", content=b"1" * 2000, headers=json),
            415: client.get(f"{place}/fail/415"),
            418: client.get(f"{place}/fail/418"),
            500: client.get(f"{place}/fail/crash"),
        }.items():
            response = await answered
            assert response.status_code == status
            assert_shaped(response, family, fields=[])


@pytest.mark.parametrize("family", Family)
async def test_a_wrong_field_is_named(gateway: GatewayBench, family: Family) -> None:
    async with gateway.caller() as client:
        response = await client.post(f"{PLACES[family]}/take", json={"size": "large"})
    assert response.status_code == 400
    assert_shaped(response, family, fields=["size"])


@pytest.mark.parametrize("family", Family)
async def test_a_limit_that_is_used_up_has_the_familys_shape(tmp_path: Path, family: Family) -> None:
    bench = GatewayBench(tmp_path, environment="production", limit_address="1/minute", limit_scale=1)
    async with bench.caller() as client:
        await client.get(PLACES[family])
        response = await client.get(PLACES[family])
    assert response.status_code == 429
    assert response.headers["retry-after"] == "60"
    assert_shaped(response, family, fields=[])


@pytest.mark.parametrize(
    ("path", "family"),
    [
        ("/api/v1", Family.V1),
        ("/api/v1/", Family.V1),
        ("/api/v1/interviews/1", Family.V1),
        ("/api/v10/interviews", Family.PLATFORM),
        ("/api/v2/x", Family.V2),
        ("/api/job-result/by-job/1", Family.RECORDS),
        ("/api/interview-records", Family.PLATFORM),
        ("/api/interview/1", Family.PLATFORM),
        ("/api/livekit/token", Family.TALENT),
        ("/graphql", Family.GRAPHQL),
        ("/graphqlx", Family.SYSTEM),
        ("/health", Family.SYSTEM),
        ("/", Family.SYSTEM),
    ],
)
def test_a_path_belongs_to_one_family(path: str, family: Family) -> None:
    assert family_of(path) is family


async def test_a_result_that_is_not_there_keeps_the_references_shape(gateway: GatewayBench) -> None:
    async with gateway.caller({"X-API-Key": ""}, peer="127.0.0.1") as client:
        refused = await client.get("/api/job-result/none")
    async with gateway.client() as client:
        missing = await client.get("/api/job-result/none")
    assert_shaped(refused, Family.RECORDS, fields=[])
    assert missing.json() == {"status": "not_found", "message": "Sonuç bulunamadı."}


async def test_details_in_development_are_for_the_families_that_have_them(tmp_path: Path) -> None:
    bench = GatewayBench(tmp_path, environment="development")
    add_probes(bench.app)
    async with bench.caller() as client:
        shown = {
            family: "details" in (await client.get(f"{place}/fail/Conflict")).json()
            for family, place in PLACES.items()
        }
    assert shown == {family: SHAPE_OF[family] == "platform" for family in Family}


async def test_who_asks_what_is_possible_somewhere_is_told(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        asked = await client.request("OPTIONS", "/api/webhooks/abc")
        wrong = await client.put("/api/webhooks/abc", json={})
        nowhere = await client.request("OPTIONS", "/api/v1/nowhere")
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["allow"] == wrong.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    assert wrong.status_code == 405
    assert nowhere.status_code == 404
    assert_shaped(nowhere, Family.V1, fields=[])


async def test_head_is_get_without_its_body(gateway: GatewayBench) -> None:
    submitted = await gateway.submit()
    paths = ["/health", "/docs", f"/api/interview-record/{submitted['interviewRecordId']}", "/api/v2/nowhere"]
    stream = f"{paths[2]}/events"
    async with gateway.client() as client:
        for path in paths:
            got, head = await client.get(path), await client.head(path)
            assert head.content == b""
            assert head.status_code == got.status_code
            assert head.headers["content-length"] == got.headers["content-length"]
        streamed = await client.head(stream)
    assert streamed.headers["content-type"].startswith("text/event-stream")


def test_operations_name_their_familys_failure_model(gateway: GatewayBench) -> None:
    document = describe(gateway.app)
    models = {"platform": Failure, "v1": V1Failure, "v2": V2Failure, "graphql": GraphqlFailure}
    for path, operations in document["paths"].items():
        family = family_of(path)
        model = models[SHAPE_OF[family]]
        assert SHAPES[family].model is model
        for operation in operations.values():
            named = {
                content["schema"].get("$ref", "").rpartition("/")[2]
                for response in operation["responses"].values()
                for content in resolved(document, response).get("content", {}).values()
            }
            assert not named & ({each.__name__ for each in models.values()} - {model.__name__})
            limited = operation["responses"].get("429")
            if limited is not None:
                for content in resolved(document, limited)["content"].values():
                    assert content["schema"]["$ref"].endswith(f"/{model.__name__}")
    assert {"Failure", "V1Failure", "V1Problem", "V2Failure"} <= document["components"]["schemas"].keys()
