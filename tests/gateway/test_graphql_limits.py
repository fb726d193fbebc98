"""Documents that are made to cost are refused before anything is run for them, and say by a code why."""

from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query

from tests.support.asking import answered, codes_of
from tests.support.gateway import GatewayBench

EXPONENTIAL = "{ ...F0 } " + " ".join(
    f"fragment F{number} on Query {{ ...F{number + 1} ...F{number + 1} }}" for number in range(30)
)
LONG_CHAIN = "{ ...F0 } " + " ".join(
    f"fragment F{number} on Query {{ ...F{number + 1} ...F{number + 1} }}" for number in range(150)
)
EVERYTHING = "score { criteria { evidence { quote start end } } competencies { evidence { quote } } }"
HOSTILE = {
    "a fragment that spreads itself": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "query_recursive",
    ),
    "a field that contains its own fragment": (
        '{ ...A } fragment A on Query { interview(id: "x") { ...A } }',
        "query_recursive",
    ),
    "fragments that double": (EXPONENTIAL + " fragment F30 on Query { __typename }", "query_too_complex"),
    "a long chain of them": (LONG_CHAIN + " fragment F150 on Query { __typename }", "query_too_deep"),
    "10,000 aliases": (
        "{ " + " ".join(f"a{number}:x" for number in range(10_000)) + " }",
        "graphql_parse_failed",
    ),
    "a few aliases too many": (
        "{ " + " ".join(f"a{number}: __typename" for number in range(21)) + " }",
        "query_too_large",
    ),
    "aliases in a fragment": (
        "{ ...A } fragment A on Query { " + " ".join(f"a{n}: __typename" for n in range(21)) + " }",
        "query_too_large",
    ),
    "one field again and again": ("{ " + "__typename " * 1_900 + "}", "query_too_large"),
    "a flood of directives": ("{ __typename " + "@skip(if: false) " * 60 + "}", "query_too_large"),
    "directives that don't exist": ("{ __typename " + "@no " * 900 + "}", "query_too_large"),
    "a huge document": ("{ __typename }" + " #" + "x" * 99_000, None),
    "braces a thousand deep": ("{a" * 900 + "}" * 900, "graphql_parse_failed"),
    "a list a thousand deep": (
        "query($a: [Int] = " + "[" * 900 + "]" * 900 + ") { __typename }",
        "graphql_parse_failed",
    ),
    "introspection of types of types": (
        "{ __schema { types " + "{ fields { type " * 7 + "{ name }" + " } }" * 7 + " } }",
        "query_too_complex",
    ),
    "everything of a hundred interviews": (
        f"{{ interviewConnection(first: 100) {{ nodes {{ answers {{ {EVERYTHING} }} }} }} }}",
        "query_too_complex",
    ),
    "a hundred findings of a hundred interviews": (
        """{ interviewConnection(first: 100) { nodes { integrityEventConnection(first: 100) { nodes {
          questionId event { kind start end severity } } } } } }""",
        "query_too_complex",
    ),
    "a page size beyond all numbers": (
        "{ interviewConnection(first: 2147483647) { nodes { id status } } }",
        "query_too_complex",
    ),
    "a field that doesn't exist": ("{ nothing }", "graphql_validation_failed"),
    "half a document": ("{ interview(id: ", "graphql_parse_failed"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_document_is_refused_with_a_code(gateway: GatewayBench, name: str) -> None:
    document, code = HOSTILE[name]
    assert await codes_of(gateway, "{ __typename }") == []  # who asks is known from here on
    gateway.database.away = True  # whatever is run, fails otherwise
    assert await codes_of(gateway, document) == ([] if code is None else [code])


async def test_an_ordinary_query_says_what_it_costs(gateway: GatewayBench) -> None:
    query = "query Page($n: Int) { interviewConnection(first: $n) { nodes { id answers { id } } } }"
    small = (await answered(gateway, query, n=1))["extensions"]["cost"]
    large = (await answered(gateway, query, n=50))["extensions"]["cost"]
    assert (small["points"], large["points"], large["limit"]) == (9, 401, 50_000)


async def test_a_document_takes_as_many_points_as_it_costs_until_there_are_none(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, limit_scale=1, limit_graphql="100/minute")
    page = "query Page($n: Int = 100) { interviewConnection(first: $n) { nodes { id answers { id } } } }"

    async with gateway.client() as client:

        async def left(document: str, variables: dict[str, Any] | None = None) -> int:
            answer = await client.post("/graphql", json={"query": document, "variables": variables})
            return int(answer.headers["ratelimit"].rpartition('"graphql";r=')[2].partition(";")[0])

        assert [await left("{ __typename }"), await left(page), await left(page, {"n": 10})] == [99, 90, 89]
        assert [await left("{ half"), await left("{ nothing }")] == [88, 87]
        for _ in range(9):
            await left(page)
        refused = await client.post("/graphql", json={"query": page})
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) == 60


async def test_what_draws_the_schema_in_tools_is_within_the_limits(gateway: GatewayBench) -> None:
    body = await answered(gateway, get_introspection_query(input_value_deprecation=True))
    assert "errors" not in body


async def test_in_production_the_schema_is_not_told(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, environment="production")
    assert set(await codes_of(gateway, "{ __schema { types { name } } }")) == {"graphql_validation_failed"}
    assert (await answered(gateway, '{ __type(name: "Query") { name } }')).get("data") is None
    assert (await answered(gateway, "{ __typename }"))["data"] == {"__typename": "Query"}


async def test_in_production_the_schema_can_be_told_on_purpose(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path, environment="production", graphql_introspection="always")
    assert "errors" not in await answered(gateway, "{ __schema { queryType { name } } }")


async def test_what_a_caller_wrote_is_not_logged(
    gateway: GatewayBench, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await answered(gateway, '{ interviews(userId: "ada@secret.example") { nothing } }')
    await answered(gateway, '{ interviews(userId: "ada@secret.example", x: 1) { id } }')
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "ada@secret.example" not in logged
