"""The table of every operation in docs/operations.md, from what a gateway really answers.

`python -m tests.support.operations_table` writes it anew.
"""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.gateway import GLOBEX, GatewayBench
from tests.support.isolation import ANYONE, FIELDS, ROWS, Row, with_acmes_things
from tests.support.walk import WEBSOCKET, Operation, operations, root_fields
from vivavoce.gateway.families import Family, family_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
SECRETS: dict[str, Any] = {
    "notifier_public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "signing_secret": "p" * 32,
}
HEAD = "| operation | family | needs | without it | another organization gets | limits | errors |"
SHAPES = {
    frozenset({"error", "correlationId"}): "`error`, `correlationId`",
    frozenset({"detail", "status_code"}): "`detail`, `status_code`",
    frozenset({"errors"}): "GraphQL's `errors`",
}
NO_SUCH_METHOD = "PURGE"
PLACEHOLDER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Observed:
    """One operation as a caller meets it."""

    name: str
    family: Family
    needs: str
    without: str
    other: str
    limits: tuple[str, ...]
    errors: str

    def row(self) -> str:
        """The row of the table."""
        limits = ", ".join(f"`{each}`" for each in self.limits) or "none"
        cells = (f"`{self.name}`", self.family, self.needs, self.without, self.other, limits, self.errors)
        return f"| {' | '.join(cells)} |"


async def observed_routes(gateway: GatewayBench) -> AsyncIterator[Observed]:
    """Every route by its methods; web sockets speak GraphQL alone."""
    ids = await with_acmes_things(gateway)
    async with gateway.caller() as nobody, gateway.client(GLOBEX, subject="stranger") as other:
        for operation in operations(gateway.app):
            if not operation.name.startswith(WEBSOCKET):
                yield await _route(operation, nobody, other, ids)


async def observed_fields(gateway: GatewayBench) -> AsyncIterator[Observed]:
    """Every root field of GraphQL."""
    await with_acmes_things(gateway)
    for operation in root_fields(gateway.parts.schema):
        yield await _field(operation, gateway)


async def _route(
    operation: Operation, nobody: httpx.AsyncClient, other: httpx.AsyncClient, ids: dict[str, str]
) -> Observed:
    method, template = operation.name.split(" ", 1)
    row, open_path = ROWS[operation.name], PLACEHOLDER.sub("unknown", template)
    path = row.path.format(**ids) if row.status != ANYONE else open_path
    unknown = await nobody.request(NO_SUCH_METHOD, path)
    assert unknown.status_code == httpx.codes.METHOD_NOT_ALLOWED, (operation.name, unknown.text[:300])
    if operation.open:
        answered = await nobody.request(method, path)
        return _seen(operation, template, answered, "open", "holds nothing of anybody's", unknown)
    refused = await nobody.request(method, path, json=row.sent)
    assert refused.status_code == httpx.codes.UNAUTHORIZED, operation.name
    assert shape_of(refused) == shape_of(unknown), operation.name
    answered = await other.request(method, path, json=row.sent)
    assert answered.status_code == (row.status or httpx.codes.OK), (operation.name, answered.text[:300])
    return _seen(operation, template, answered, "401", what_another_gets(row), unknown)


def _seen(
    operation: Operation,
    template: str,
    answered: httpx.Response,
    without: str,
    other: str,
    failed: httpx.Response,
) -> Observed:
    limits = tuple(re.findall(r'"(\w+)";q', answered.headers.get("ratelimit-policy", "")))
    return Observed(
        operation.name, family_of(template), needed(operation), without, other, limits, shape_of(failed)
    )


async def _field(operation: Operation, gateway: GatewayBench) -> Observed:
    kind = operation.name.split(" ", 1)[0]
    selection, expected = FIELDS[operation.name]
    if kind != "subscription":
        document = f"{'mutation ' if kind == 'mutation' else ''}{{ found: {selection} }}"
        async with gateway.client(GLOBEX, subject="stranger") as other:
            answer = (await other.post("/graphql", json={"query": document})).json()
        assert (answer.get("data") or {}).get("found") == expected, (operation.name, answer)
    limits = ("address", "graphql")
    got = "its own only" if expected else "nothing"
    return Observed(
        operation.name, Family.GRAPHQL, needed(operation), "401", got, limits, "GraphQL's `errors`"
    )


def needed(operation: Operation) -> str:
    """What a caller must have."""
    if operation.open:
        return "nothing"
    if operation.identified:
        return "credentials"
    return ", ".join(f"`{each}`" for each in sorted(operation.permissions))


def what_another_gets(row: Row) -> str:
    """What another organization gets, in words."""
    if row.status == ANYONE:
        return "the same as everybody"
    if row.status >= httpx.codes.BAD_REQUEST:
        return str(row.status)
    return "its own only" if row.status == httpx.codes.OK else f"{row.status}, for itself"


def shape_of(answer: httpx.Response) -> str:
    """The shape of an error, by its fields; raises KeyError for one that no family has."""
    return SHAPES[frozenset(answer.json()) - {"details", "fields"}]


async def page() -> str:
    """The page with its table as it has to be."""
    rows = []
    for observe in (observed_routes, observed_fields):
        with tempfile.TemporaryDirectory() as folder:
            gateway = GatewayBench(Path(folder), **SECRETS)
            rows += [each.row() async for each in observe(gateway)]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(HEAD)
    _, _, after = rest.partition("\n\n")
    return f"{before}{HEAD}\n|---|---|---|---|---|---|---|\n" + "\n".join(rows) + f"\n\n{after}"


if __name__ == "__main__":
    PAGE.write_text(asyncio.run(page()), encoding="utf-8")
