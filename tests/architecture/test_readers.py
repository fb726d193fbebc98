"""The published description says who sends each fact, who reads it, and in which consumer group."""

import json
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema

from tests.support.shared import ROOT
from tools.readers import TABLES, readers
from tools.writers import writers
from vivavoce.contracts import FACTS, PUBLIC_FACTS

NOT_SENT_YET = {"job.followed", "job.progressed"}
"""Facts that have a reader before their writers are there."""


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
    """It asks every server for a path, which brokers don't have."""
    read = ApplicationSchema.model_validate({**document, "servers": None})
    assert read.operations.keys() == document["operations"].keys()


def test_every_operation_leads_to_a_channel_and_to_its_messages(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        topic = operation["channel"]["$ref"].removeprefix("#/channels/")
        for message in operation["messages"]:
            place, _, name = message["$ref"].rpartition("/")
            assert place == f"#/channels/{topic}/messages"
            assert name in document["channels"][topic]["messages"]


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


def test_no_reading_and_no_writing_hides_another(document: dict[str, Any]) -> None:
    named = [each.operation for each in readers()] + [each.operation for each in writers()]
    assert len(named) == len(set(named))
    assert set(named) <= document["operations"].keys()


def test_whoever_makes_a_fact_is_told_as_its_writer() -> None:
    found = {(writer.topic, writer.service) for writer in writers()}
    assert {service for topic, service in found if topic == "interview.completed"} == {
        "evaluation",
        "gateway",
    }
    assert ("media.features", "media") in found
    assert ("webhook.failing", "notifier") in found
    assert {topic for topic, _ in found} | NOT_SENT_YET == set(FACTS)
