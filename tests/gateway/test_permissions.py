"""No operation without a permission: a walk over all routes and all root fields of GraphQL."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from fastapi import FastAPI, params
from fastapi.dependencies.utils import get_dependant

from tests.support.gateway import ACME, GLOBEX, GatewayBench
from tests.support.interview_facts import AnswerFacts
from tests.support.isolation import ANYONE, FIELDS, ROWS, Row, shows_acmes, with_acmes_things
from tests.support.walk import Operation, calls_of, operations, root_fields, undeclared
from vivavoce.gateway.accounts.permissions import session_holder
from vivavoce.gateway.auth.permissions import Anyone, Having, Reader, anyone, identified
from vivavoce.gateway.auth.principals import IMPLIED, Permission
from vivavoce.gateway.graphql_schema import Query
from vivavoce.gateway.parts import context_of

SECRETS: dict[str, Any] = {
    "notifier_public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "signing_secret": "p" * 32,
}

MARKERS = (anyone, identified, session_holder)


@pytest.fixture
def gateway(tmp_path: Path) -> GatewayBench:
    return GatewayBench(tmp_path, **SECRETS)


def test_every_route_needs_a_permission_or_is_declared_open(gateway: GatewayBench) -> None:
    assert undeclared(operations(gateway.app)) == []


def test_every_root_field_of_graphql_needs_a_permission(gateway: GatewayBench) -> None:
    found = list(root_fields(gateway.parts.schema))
    assert undeclared(iter(found)) == []
    assert len(found) == len(FIELDS)


def bare(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """An endpoint of the same parameters but those that say who may call it."""

    async def stripped(**_: Any) -> None:
        """The same without its marker."""

    signature = inspect.signature(endpoint)
    kept = [each for each in signature.parameters.values() if not _marks(each.annotation)]
    vars(stripped)["__signature__"] = signature.replace(
        parameters=[each.replace(kind=each.KEYWORD_ONLY) for each in kept], return_annotation=None
    )
    return stripped


def _marks(annotation: Any) -> bool:
    """Whether a parameter's type says who may call."""
    found = [each for each in getattr(annotation, "__metadata__", ()) if isinstance(each, params.Depends)]
    calls = [call for each in found if each.dependency is not None for call in _with_its_own(each.dependency)]
    return any(isinstance(call, Having) or call in MARKERS for call in calls)


def _with_its_own(dependency: Callable[..., Any]) -> Iterator[object]:
    yield dependency
    yield from calls_of(get_dependant(path="/", call=dependency))


def test_a_route_that_loses_its_marker_is_found() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/open")
    async def read_open(_: Anyone) -> None:
        """Open on purpose."""

    @app.get("/guarded")
    async def read_guarded(_: Reader) -> None:
        """For readers."""

    @app.get("/both")
    async def read_both(_: Reader, __: Anyone) -> None:
        """Can't decide."""

    @app.get("/forgotten")
    async def read_forgotten() -> None:
        """Says nothing."""

    assert undeclared(operations(app)) == ["GET /both", "GET /forgotten"]


def test_each_route_of_the_gateway_would_be_found_without_its_marker(gateway: GatewayBench) -> None:
    for operation in operations(gateway.app):
        method, path = operation.name.split(" ", 1)
        app = FastAPI(openapi_url=None)
        assert operation.endpoint is not None
        app.add_api_route(path, bare(operation.endpoint), methods=[method], response_model=None)
        assert undeclared(operations(app)) == [operation.name]


def test_a_field_of_graphql_that_loses_its_permission_is_found() -> None:
    @strawberry.type
    class Careless(Query):
        forgotten: str = strawberry.field(resolver=lambda: "told to everybody")

    assert undeclared(root_fields(strawberry.Schema(Careless))) == ["query forgotten"]


async def key_with(gateway: GatewayBench, *scopes: Permission) -> dict[str, str]:
    admin = await gateway.parts.api_keys.recognize(await _admin_key(gateway))
    issued = await gateway.parts.api_keys.issue(admin, context_of(admin), name="some", scopes=scopes)
    return {"apiKey": issued.key}


async def _admin_key(gateway: GatewayBench) -> str:
    async with gateway.client() as client:
        body = {"name": "all", "scopes": list(Permission)}
        key: str = (await client.post("/api/admin/api-keys", json=body)).json()["key"]
    return key


def guarded(gateway: GatewayBench) -> list[Operation]:
    return [operation for operation in operations(gateway.app) if operation.permissions]


async def ask(client: httpx.AsyncClient, operation: Operation) -> httpx.Response:
    method, path = operation.name.split(" ", 1)
    return await client.request(method, path, json={})


async def test_nobody_gets_in_without_credentials_or_with_every_permission_but_the_needed_one(
    gateway: GatewayBench,
) -> None:
    others = {
        each: await key_with(gateway, *(set(Permission) - {each, IMPLIED.get(each)})) for each in Permission
    }
    async with gateway.caller() as nobody:
        for operation in guarded(gateway):
            assert (await ask(nobody, operation)).status_code == 401, operation.name
            for permission in operation.permissions:
                response = await ask_as(gateway, others[permission], operation)
                assert response.status_code == 403, operation.name
                assert permission in response.text


async def ask_as(gateway: GatewayBench, headers: dict[str, str], operation: Operation) -> httpx.Response:
    async with gateway.caller(headers) as caller:
        return await ask(caller, operation)


def test_every_operation_has_a_row_that_says_what_another_organization_gets(gateway: GatewayBench) -> None:
    assert {operation.name for operation in operations(gateway.app)} == ROWS.keys()
    assert {operation.name for operation in root_fields(gateway.parts.schema)} == FIELDS.keys()


ISOLATED = [name for name, row in ROWS.items() if row.status != ANYONE]


@pytest.mark.parametrize("name", ISOLATED)
async def test_another_organization_gets_nothing_of_it(gateway: GatewayBench, name: str) -> None:
    row, unknown = ROWS[name], await with_acmes_things(gateway)
    async with gateway.client(GLOBEX, subject="stranger") as other, gateway.client(ACME) as owner:
        response = await send(other, name, row, unknown)
        assert response.status_code == row.status, response.text
        assert shows_acmes(response.text, asked=f"{row.path} {row.sent}") == []
        if row.body is not None:
            assert response.json() == row.body
        if row.owner is not None:
            response = await send(owner, name, row, unknown)
            assert response.status_code == row.owner, response.text
            assert row.body is None or response.json() != row.body


async def send(client: httpx.AsyncClient, name: str, row: Row, unknown: dict[str, str]) -> httpx.Response:
    method = name.split(" ", 1)[0]
    return await client.request(method, row.path.format(**unknown), json=row.sent)


@pytest.mark.parametrize("name", [each for each in FIELDS if each.startswith("subscription")])
async def test_another_organization_follows_nothing_of_it(gateway: GatewayBench, name: str) -> None:
    await with_acmes_things(gateway)
    await gateway.tell(AnswerFacts().completed())
    told = []
    for organization in (GLOBEX, ACME):
        async with gateway.client(organization) as client:
            asked = {"query": f"subscription {{ {FIELDS[name][0]} }}"}
            response = await client.post("/graphql", json=asked, headers={"Accept": "text/event-stream"})
        told.append(response.text)
    assert ["not_found" in each for each in told] == [True, False]


@pytest.mark.parametrize("name", [each for each in FIELDS if each.startswith("query")])
async def test_another_organization_gets_nothing_of_it_by_graphql(gateway: GatewayBench, name: str) -> None:
    await with_acmes_things(gateway)
    selection, expected = FIELDS[name]
    found = []
    for organization in (GLOBEX, ACME):
        async with gateway.client(organization) as client:
            document = f"{name.split(' ', maxsplit=1)[0]} {{ found: {selection} }}"
            response = await client.post("/graphql", json={"query": document})
        found.append((response.json()["data"] or {}).get("found"))
    assert found[0] == expected
    assert found[1] not in (None, expected)
