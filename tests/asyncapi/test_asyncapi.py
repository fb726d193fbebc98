"""The description of the topics is valid to the published parser, and says what really runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import NodeAbsent, installed, running
from tests.support.shared import ROOT
from vivavoce.contracts import FACTS, all_topics
from vivavoce.contracts.registry import REQUESTS

HERE = Path(__file__).parent
DOCUMENT = ROOT / "docs/api/asyncapi.json"
WARNING = 1
"""Severities are those of Spectral: 0 is an error, 1 a warning; what is above is advice."""


@pytest.fixture(scope="session")
def modules() -> Path:
    try:
        return installed(HERE)
    except NodeAbsent as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(json.loads(DOCUMENT.read_text(encoding="utf-8")))


async def parsed(modules: Path, folder: Path, path: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    async with running(HERE / "validate.mjs", modules, folder, [str(path)]) as program:
        *found, read = await program.rest()
    return found, read


async def test_the_published_parser_finds_nothing_wrong(
    modules: Path, tmp_path: Path, document: dict[str, Any]
) -> None:
    found, read = await parsed(modules, tmp_path, DOCUMENT)
    assert [each for each in found if each["severity"] <= WARNING] == []
    assert set(read["channels"]) == document["channels"].keys()
    assert {name for name, _ in read["operations"]} == document["operations"].keys()


async def test_the_published_parser_would_find_something_wrong(
    modules: Path, tmp_path: Path, document: dict[str, Any]
) -> None:
    broken = tmp_path / "broken.json"
    operation = document["operations"]["gateway.gateway.receive.score.generated"]
    broken.write_text(
        json.dumps({**document, "operations": {"wrong": {**operation, "action": "listen"}}}), encoding="utf-8"
    )
    found, _ = await parsed(modules, tmp_path, broken)
    assert [each for each in found if each["severity"] < WARNING]


def test_every_topic_that_is_created_is_described_as_it_is_created(document: dict[str, Any]) -> None:
    described = {
        channel["address"]: (
            channel["bindings"]["kafka"]["partitions"],
            channel["bindings"]["kafka"]["topicConfiguration"]["retention.ms"],
        )
        for channel in document["channels"].values()
    }
    created = {
        topic.name: (topic.partitions, topic.retention.total_seconds() * 1000) for topic in all_topics()
    }
    assert described == created


def test_every_fact_has_an_example_and_its_key(document: dict[str, Any]) -> None:
    for name, fact in FACTS.items():
        message = document["components"]["messages"][name]
        (example,) = message["examples"]
        assert fact.model_validate(example["payload"])
        assert message["bindings"]["kafka"]["key"]["description"] == f"`{fact.key_field}`"


def test_every_question_is_asked_and_answered_with_a_reply(document: dict[str, Any]) -> None:
    for name, question in REQUESTS.items():
        asked = document["operations"][f"gateway.ask.{name}"]
        answered = document["operations"][f"notifier.answers.{name}"]
        assert (asked["action"], answered["action"]) == ("send", "receive")
        assert asked["channel"] == answered["channel"] == {"$ref": f"#/channels/{question.topic}"}
        assert asked["reply"]["channel"] == {"$ref": "#/channels/gateway.replies"}
        assert answered["bindings"]["kafka"]["groupId"]["const"] == "notifier.answers"
        reply = document["components"]["messages"][f"{name}.reply"]
        assert reply["payload"] == {"$ref": f"#/components/schemas/{question.reply.__name__}"}


def test_whoever_reads_a_fact_may_set_it_aside(document: dict[str, Any]) -> None:
    for name in ("evaluation.send.media.features.dlq", "operators.receive.media.features.dlq"):
        assert document["operations"][name]["channel"] == {"$ref": "#/channels/media.features.dlq"}
    assert "pipeline.progress.dlq" not in document["channels"]
