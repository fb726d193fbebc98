"""The same recording gives the same result to the last bit, however often it is submitted."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.live import LiveStack
from tests.support.twins import MISSING, TALK, Twin, Twins

pytestmark = pytest.mark.timeout(900)
OWN = ("interviewRecordId", "pipelineId", "videoResponseId")
ANSWERS = """
query($id: ID!) { interview(id: $id) { status overallScore integrityBand
  competencies { name weight score }
  answers { questionId status stage reason
    transcript { text duration language reason }
    observables { name value unit start end reason }
    score { overall reason detail confidence feedback
      criteria { name score weight contribution explanation evidence { quote start end } }
      competencies { name weight score evidence { quote start end } }
      voice { name value unit formula inputs reason }
      face { name value unit formula inputs reason }
      versions { judge rubric formulas models { name version } } }
    integrity { band reason events { kind start end severity values { name value } } } } } }
"""


def without_ids(result: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in result.items() if name not in OWN}, sort_keys=True)


def documents_of(home: Path, twin: Twin) -> dict[str, str]:
    """The stored documents of the film's analysis by name, and the digests of their contents."""
    folder = home / "store" / "analyses" / twin.pipelines[TALK]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


async def told_by_graphql(stack: LiveStack, twin: Twin) -> dict[str, Any]:
    asked = {"query": ANSWERS, "variables": {"id": twin.interview_id}}
    told = (await stack.client.post("/graphql", json=asked)).json()
    assert "errors" not in told, told
    return dict(told["data"]["interview"])


@pytest.mark.parametrize("question", [TALK, MISSING])
async def test_a_job_result_is_the_same(twins: Twins, question: str) -> None:
    first, second = twins.first.results[question], twins.second.results[question]
    assert without_ids(first) == without_ids(second)


async def test_what_is_the_same_is_not_nothing(twins: Twins) -> None:
    result = twins.first.results[TALK]["result"]
    assert len(result["transcription"]["text"].split()) > 20
    assert result["evaluationResult"]["overallScore"] is not None
    assert any(criterion["evidence"] for criterion in result["evaluationResult"]["criteria"])
    assert [event["kind"] for event in result["integrityEvents"]] == ["looking_away"]
    measured = [each for each in result["observables"] if each["value"] is not None]
    assert len(measured) > 10


async def test_a_transcript_and_a_face_track_are_the_same_bytes(stack: LiveStack, twins: Twins) -> None:
    first, second = documents_of(stack.home, twins.first), documents_of(stack.home, twins.second)
    assert len(first) == 2
    assert first == second
    assert all(name.endswith(f"-{digest}.json") for name, digest in first.items())


async def test_graphql_tells_the_same_of_both(stack: LiveStack, twins: Twins) -> None:
    first, second = [await told_by_graphql(stack, twin) for twin in (twins.first, twins.second)]
    assert first == second
