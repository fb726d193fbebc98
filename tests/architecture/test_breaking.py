"""What would break a caller of what is published is found, and what only adds to it is let pass."""

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.shared import ROOT
from tools import snapshots
from tools.breaking import gate
from tools.breaking.asyncapi import asyncapi_breaks
from tools.breaking.openapi import openapi_breaks
from tools.breaking.schemas import Comparison, Direction

Change = Callable[[dict[str, Any]], object]
SUBMIT = "/api/interview-record"
KEYS = "/api/admin/api-keys"


@cache
def published(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def changed(name: str, change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
    """A published document, and a copy with a change."""
    old = json.loads(published(name))
    new = copy.deepcopy(old)
    change(new)
    return old, new


def operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def field(document: dict[str, Any], name: str, of: str) -> dict[str, Any]:
    found: dict[str, Any] = schema(document, name)["properties"][of]
    return found


def parameters(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = operation(document, KEYS, "get")["parameters"]
    return found


NEW_PARAMETER = {"name": "newly", "in": "query", "schema": {"type": "string"}}

BREAKING: dict[str, tuple[Change, str]] = {
    "a removed path": (lambda d: d["paths"].pop(SUBMIT), f"POST {SUBMIT}: was removed"),
    "a removed method": (lambda d: d["paths"][KEYS].pop("post"), f"POST {KEYS}: was removed"),
    "another name": (lambda d: operation(d, KEYS, "get").update(operationId="x"), "operationId"),
    "a removed parameter": (lambda d: parameters(d).clear(), "query parameter limit was removed"),
    "a new required parameter": (
        lambda d: parameters(d).append({**NEW_PARAMETER, "required": True}),
        "newly is new and required",
    ),
    "a parameter that became required": (
        lambda d: parameters(d)[0].update(required=True),
        "became required",
    ),
    "a narrowed parameter": (
        lambda d: parameters(d)[1]["schema"].update(maximum=1),
        "limit `maximum` became narrower",
    ),
    "a removed field of a body": (
        lambda d: schema(d, "NewKeyBody")["properties"].pop("scopes"),
        "body: `scopes` was removed",
    ),
    "a new required field of a body": (
        lambda d: schema(d, "NewKeyBody")["required"].append("expiresAt"),
        "body: `expiresAt` became required",
    ),
    "a field of a body with another type": (
        lambda d: field(d, "NewKeyBody", "name").update(type="integer"),
        "body: name: no longer takes string",
    ),
    "a shorter limit of a body": (
        lambda d: field(d, "NewKeyBody", "name").update(maxLength=3),
        "body: name: `maxLength` became narrower",
    ),
    "a removed value of a body": (
        lambda d: schema(d, "Role")["enum"].remove("admin"),
        "body: role: no longer takes 'admin'",
    ),
    "a body that isn't taken any more": (
        lambda d: operation(d, SUBMIT, "post").pop("requestBody"),
        "the body was removed",
    ),
    "a removed media type": (
        lambda d: operation(d, "/graphql", "post")["responses"]["200"]["content"].pop("text/event-stream"),
        "text/event-stream was removed",
    ),
    "a removed answer": (
        lambda d: operation(d, SUBMIT, "post")["responses"].pop("200"),
        "answer 200 was removed",
    ),
    "a removed header of an answer": (
        lambda d: operation(d, SUBMIT, "post")["responses"]["202"]["headers"].pop("Location"),
        "header Location was removed",
    ),
    "a removed field of an answer": (
        lambda d: schema(d, "KeyBody")["properties"].pop("prefix"),
        "`prefix` was removed",
    ),
    "a field of an answer that may be absent": (
        lambda d: schema(d, "KeyBody")["required"].remove("prefix"),
        "`prefix` is no longer always there",
    ),
    "a field of an answer that may be null": (
        lambda d: schema(d, "KeyBody")["properties"].update(
            prefix={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        "prefix: may now be null",
    ),
    "a field of an answer that may be anything": (
        lambda d: field(d, "KeyBody", "prefix").pop("type"),
        "prefix: may now be anything",
    ),
    "an added value of an answer": (
        lambda d: schema(d, "Role")["enum"].append("owner"),
        "role: may now be 'owner'",
    ),
    "a failure with another shape": (
        lambda d: schema(d, "Failure")["properties"].pop("correlationId"),
        "answer 400: `correlationId` was removed",
    ),
    "another permission": (
        lambda d: operation(d, KEYS, "get").update({"x-permission": "users:manage"}),
        "now needs the permission users:manage",
    ),
    "a kind of credentials less": (
        lambda d: operation(d, KEYS, "get")["security"].remove({"apiKey": []}),
        "no longer takes apiKey",
    ),
    "an open operation that is closed": (
        lambda d: operation(d, "/ping", "get").update(security=[{"bearer": []}]),
        "no longer takes callers without credentials",
    ),
    "a removed webhook": (
        lambda d: d["webhooks"].pop("score.generated"),
        "webhook score.generated: was removed",
    ),
    "a removed field of a webhook": (
        lambda d: schema(d, "events.ScoreGenerated")["properties"].pop("overall"),
        "webhook score.generated: body: data: `overall` was removed",
    ),
}
ADDING: dict[str, Change] = {
    "nothing": lambda d: None,
    "a new path": lambda d: d["paths"].update({"/api/new": d["paths"][KEYS]}),
    "a new optional parameter": lambda d: parameters(d).append(NEW_PARAMETER),
    "a wider parameter": lambda d: parameters(d)[1]["schema"].update(maximum=10_000),
    "a new optional field of a body": lambda d: schema(d, "NewKeyBody")["properties"].update(
        note={"type": "string"}
    ),
    "a new field of an answer": lambda d: schema(d, "KeyBody")["properties"].update(note={"type": "string"}),
    "an answer that is surer": lambda d: schema(d, "KeyBody")["properties"].update(
        expiresAt={"type": "null"}
    ),
    "a new failure": lambda d: operation(d, KEYS, "get")["responses"].update(
        {"410": {"description": "Gone."}}
    ),
    "a new credential": lambda d: operation(d, KEYS, "get")["security"].append({"portal": []}),
    "another word": lambda d: operation(d, KEYS, "get").update(summary="x", description="y"),
    "a value where more were expected": lambda d: schema(d, "AuditAction")["enum"].append("tea.made"),
    "a new webhook": lambda d: d["webhooks"].update({"new": d["webhooks"]["score.generated"]}),
}


@pytest.mark.parametrize("kind", BREAKING)
def test_what_breaks_callers_is_named_with_its_place(kind: str) -> None:
    change, told = BREAKING[kind]
    found = openapi_breaks(*changed(gate.OPENAPI, change))
    assert [each for each in found if told in each], found


@pytest.mark.parametrize("kind", ADDING)
def test_what_only_adds_passes(kind: str) -> None:
    assert openapi_breaks(*changed(gate.OPENAPI, ADDING[kind])) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d["channels"].pop("score.generated"), "topic score.generated: was removed"),
        (
            lambda d: d["channels"]["score.generated"].update(address="x"),
            "its address score.generated became x",
        ),
        (
            lambda d: d["channels"]["score.generated"]["bindings"]["kafka"].update(partitions=9),
            "6 partitions became 9",
        ),
        (
            lambda d: d["channels"]["notifier.requests"]["messages"].pop("webhook.get"),
            "webhook.get was removed",
        ),
        (lambda d: schema(d, "ScoreGenerated")["properties"].pop("overall"), "payload `overall` was removed"),
        (
            lambda d: field(d, "ScoreGenerated", "answer_id").update(type="integer"),
            "answer_id: may now be integer",
        ),
        (
            lambda d: schema(d, "cloudEventHeaders")["required"].remove("ce_id"),
            "headers `ce_id` is no longer",
        ),
        (
            lambda d: d["components"]["messages"]["score.generated"]["bindings"]["kafka"]["key"].update(
                description="`answer_id`"
            ),
            "its key changed",
        ),
    ],
)
def test_what_breaks_readers_of_topics_is_named(change: Change, told: str) -> None:
    found = asyncapi_breaks(*changed(gate.ASYNCAPI, change))
    assert [each for each in found if told in each], found


def test_a_topic_may_come_and_a_fact_may_grow() -> None:
    def grow(document: dict[str, Any]) -> None:
        document["channels"]["new"] = document["channels"]["score.generated"]
        schema(document, "ScoreGenerated")["properties"]["newly"] = {"type": "string"}
        schema(document, "ScoreGenerated")["required"].append("newly")

    assert asyncapi_breaks(*changed(gate.ASYNCAPI, grow)) == []


def test_graphql_is_compared_by_its_own_library() -> None:
    old = published(gate.GRAPHQL)
    assert gate.graphql_breaks(old, old + "\ntype Newcomer { id: ID! }\n") == []
    found = gate.graphql_breaks(old, old.replace("  overallScore: Float\n", "  points: Float\n", 1))
    assert [each for each in found if "overallScore was removed" in each]


def test_a_schema_that_contains_itself_is_compared() -> None:
    tree: dict[str, Any] = {
        "type": "object",
        "properties": {"inner": {"$ref": "#/tree"}, "name": {"type": "string"}},
    }
    narrower = {**tree, "properties": {**tree["properties"], "name": {"type": "string", "maxLength": 3}}}
    reference = {"$ref": "#/tree"}
    for direction, old, new in ((Direction.TAKEN, tree, narrower), (Direction.GIVEN, narrower, tree)):
        assert len(Comparison({"tree": old}, {"tree": new}, direction).breaks(reference, reference)) == 1
        assert Comparison({"tree": new}, {"tree": old}, direction).breaks(reference, reference) == []


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, change: Change) -> Path:
    """Have the published document differ from the code's by a change, made to the code's."""
    document = json.loads(published(gate.OPENAPI))
    (folder / "docs/api").mkdir(parents=True)
    (folder / gate.OPENAPI).write_text(json.dumps(document), encoding="utf-8")
    change(document)
    monkeypatch.setattr(snapshots, "SNAPSHOTS", {gate.OPENAPI: lambda: json.dumps(document)})
    return folder / gate.OPENAPI


def test_nothing_is_written_that_breaks_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stand_in(monkeypatch, tmp_path, lambda d: d["paths"].pop(SUBMIT))
    before = path.read_text(encoding="utf-8")
    assert (snapshots.main(check=False, root=tmp_path), snapshots.main(check=True, root=tmp_path)) == (1, 1)
    assert path.read_text(encoding="utf-8") == before
    told = capsys.readouterr().out
    assert f"POST {SUBMIT}: was removed" in told
    assert "raise the major version" in told


def test_a_higher_major_version_may_break_callers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(document: dict[str, Any]) -> None:
        del document["paths"][SUBMIT]
        document["info"]["version"] = "2.0.0"

    path = stand_in(monkeypatch, tmp_path, change)
    assert snapshots.main(check=False, root=tmp_path) == 0
    assert SUBMIT not in json.loads(path.read_text(encoding="utf-8"))["paths"]


def test_a_higher_minor_version_may_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(document: dict[str, Any]) -> None:
        del document["paths"][SUBMIT]
        document["info"]["version"] = "1.9.0"

    stand_in(monkeypatch, tmp_path, change)
    assert snapshots.main(check=False, root=tmp_path) == 1
