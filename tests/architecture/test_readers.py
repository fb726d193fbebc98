"""The published description says who reads each fact, and in which consumer group."""

import json
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from tests.support.shared import ROOT
from tools.readers import TABLES, readers
from vivavoce.contracts import FACTS, PUBLIC_FACTS


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The description as it is published."""
    return dict(json.loads((ROOT / "docs/api/asyncapi.json").read_text(encoding="utf-8")))


def groups(document: dict[str, Any], topic: str) -> set[str]:
    """The consumer groups that read a topic."""
    return {
        operation["bindings"]["kafka"]["groupId"]["const"]
        for operation in document["operations"].values()
        if operation["channel"]["$ref"] == f"#/channels/{topic}" and "bindings" in operation
    }


def test_another_reader_of_such_descriptions_understands_it(document: dict[str, Any]) -> None:
    read = ApplicationSchema.model_validate(document)
    assert read.operations.keys() == document["operations"].keys()


def test_every_operation_leads_to_a_channel_and_to_its_message(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        topic = operation["channel"]["$ref"].removeprefix("#/channels/")
        assert topic in document["channels"]
        assert operation["messages"] == [{"$ref": f"#/channels/{topic}/messages/fact"}]


def test_whoever_reads_a_fact_is_told_with_its_group(document: dict[str, Any]) -> None:
    assert groups(document, "media.features") == {
        "evaluation.judging",
        "gateway.gateway",
        "proctoring.watching",
    }
    for public in PUBLIC_FACTS:
        assert "notifier.deliveries" in groups(document, public)


def test_what_every_process_hears_has_no_group(document: dict[str, Any]) -> None:
    assert groups(document, "pipeline.progress") == set()
    assert "gateway.receive.pipeline.progress" in document["operations"]


def test_no_fact_is_without_a_reader_and_no_service_without_a_fact() -> None:
    assert {reader.topic for reader in readers()} == set(FACTS)
    assert {reader.service for reader in readers()} == set(TABLES)


def test_no_reading_hides_another(document: dict[str, Any]) -> None:
    assert len(document["operations"]) == len(readers())
