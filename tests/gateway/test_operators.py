"""Database operators in place of texts: refused, or taken as the text that they are; never obeyed."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support.gateway import ACME, GatewayBench
from tests.support.isolation import shows_acmes, with_acmes_things
from tests.support.walk import root_fields
from vivavoce.gateway.published import openapi_document

SECRETS: dict[str, Any] = {
    "notifier_public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "signing_secret": "p" * 32,
}
OPERATORS: tuple[dict[str, Any], ...] = (
    {"$gt": ""},
    {"$ne": None},
    {"$regex": ".*"},
    {"$where": "true"},
    {"$in": ["user-1", "video-1"]},
)
TEXT = json.dumps(OPERATORS[0])
DOCUMENT = openapi_document()
OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
OPEN_ANSWER = {"/api/webhooks/{webhookId}/jwks.json"}
"""Public keys, which the stand-in for the notifier has for every id."""
FREE_FORM = {"filter", "variables"}
"""Fields that are objects by their meaning: a webhook's filter in its own words, GraphQL's variables."""


@pytest.fixture
async def gateway(tmp_path: Path) -> GatewayBench:
    bench = GatewayBench(tmp_path, **SECRETS)
    await with_acmes_things(bench)
    return bench


def parameters(place: str) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Every parameter that an operation takes in a place, with the operation."""
    for method, path, operation in OPERATIONS:
        for each in operation.get("parameters", ()):
            if each["in"] == place:
                yield method, path, operation, each["name"]


def example_of(operation: dict[str, Any]) -> Any:
    """A right body of an operation, and None where it takes none."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((copy.deepcopy(each["value"]) for each in content.get("examples", {}).values()), None)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every field of a body, and every item of its lists."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield (*place, name)
        yield from places(item, (*place, name))


def replaced(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The body with another value at a place."""
    changed = copy.deepcopy(body)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return changed


def path_of(path: str, name: str = "", value: str = "unknown") -> str:
    """The path with a value for one of its parameters, and others that nothing has."""
    for part in path.split("/"):
        if part.startswith("{"):
            path = path.replace(part, quote(value if part == f"{{{name}}}" else "unknown", safe=""))
    return path


@pytest.mark.parametrize(("method", "path", "operation", "name"), parameters("path"))
async def test_in_a_path_it_is_an_id_that_nothing_has(
    gateway: GatewayBench, method: str, path: str, operation: dict[str, Any], name: str
) -> None:
    async with gateway.client("org_stranger") as client:
        asked = path_of(path, name, TEXT)
        response = await client.request(method, asked, json=example_of(operation))
    if path not in OPEN_ANSWER:
        assert response.status_code in {400, 404}, response.text
    assert shows_acmes(response.text, asked="") == []


@pytest.mark.parametrize(("method", "path", "operation", "name"), parameters("query"))
async def test_in_a_query_it_finds_nothing(
    gateway: GatewayBench, method: str, path: str, operation: dict[str, Any], name: str
) -> None:
    if path == "/api/webhooks/stream":
        return
    async with gateway.client(ACME) as client:
        for query in ({name: TEXT}, {f"{name}[$gt]": ""}, {f"{name}[$ne]": "x"}, {name: ["a", TEXT]}):
            response = await client.request(method, path, params=query)
            assert response.status_code < 500, response.text
        refused = await client.request(method, path, params={name: TEXT})
    taken_as_text = any(TEXT in repr(question) for question, _ in gateway.asker.asked)
    assert refused.status_code == 400 or taken_as_text or is_empty(refused.json()), refused.text


def is_empty(page: dict[str, Any]) -> bool:
    """Whether an answer is a page with nothing on it, or GraphQL's word that there is none."""
    if page.keys() == {"errors"}:
        return True
    return [] in page.values() and not any(each for each in page.values() if isinstance(each, list))


@pytest.mark.parametrize(("method", "path", "operation", "name"), parameters("header"))
async def test_in_a_header_it_is_text(
    gateway: GatewayBench, method: str, path: str, operation: dict[str, Any], name: str
) -> None:
    async with gateway.client("org_stranger") as client:
        response = await client.request(method, path_of(path), headers={name: TEXT})
    expected = {201, 400, 404} if name == "Idempotency-Key" else {404}
    assert response.status_code in expected, response.text
    assert shows_acmes(response.text, asked="") == []


SESSIONS = "/api/v1/auth/password"
"""It asks for a session before it reads, and has tests of its own."""
BODIES = [each for each in OPERATIONS if example_of(each[2]) is not None and each[1] != SESSIONS]


@pytest.mark.parametrize(("method", "path", "operation"), BODIES)
async def test_in_a_body_it_is_refused_at_every_field(
    gateway: GatewayBench, method: str, path: str, operation: dict[str, Any]
) -> None:
    body = example_of(operation)
    async with gateway.client(ACME) as client:
        for place in places(body):
            if FREE_FORM & set(place):
                continue
            for operator in OPERATORS:
                response = await send(client, method, path, replaced(body, place, operator))
                assert response.status_code == 400, (place, operator, response.text)


async def send(client: httpx.AsyncClient, method: str, path: str, body: Any) -> httpx.Response:
    return await client.request(method, path_of(path), json=body)


@pytest.mark.parametrize("operator", OPERATORS, ids=json.dumps)
async def test_as_a_whole_body_it_is_refused(gateway: GatewayBench, operator: dict[str, Any]) -> None:
    required = [each for each in BODIES if each[2]["requestBody"].get("required")]
    async with gateway.client(ACME) as client:
        for method, path, operation in required:
            if _all_optional(operation):
                continue
            assert (await send(client, method, path, operator)).status_code == 400, path


def _all_optional(operation: dict[str, Any]) -> bool:
    """Whether an empty object would do as a body: what isn't known in it is passed over."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    named = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    return not named.get("required")


async def test_in_variables_of_graphql_it_is_refused(gateway: GatewayBench) -> None:
    fields = {each.name.split()[1] for each in root_fields(gateway.parts.schema)}
    query = gateway.parts.schema._schema.query_type
    assert query is not None
    assert fields
    async with gateway.client(ACME) as client:
        for name, field in query.fields.items():
            for argument, described in field.args.items():
                others = _needed(field.args, argument)
                selection = f"{name}({argument}: $a{others}) {{ __typename }}"
                for operator in OPERATORS:
                    body = {
                        "query": f"query Q($a: {described.type}) {{ {selection} }}",
                        "variables": {"a": operator},
                    }
                    answer = (await client.post("/graphql", json=body)).json()
                    assert answer["errors"], selection
                    assert answer.get("data") is None


def _needed(arguments: dict[str, Any], but: str) -> str:
    """The other arguments that can't be left out."""
    needed = [name for name, each in arguments.items() if name != but and str(each.type).endswith("!")]
    return "".join(f', {name}: "x"' for name in needed if arguments[name].default_value is None)
