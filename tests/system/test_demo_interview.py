"""The demo's promise: its good answer is clearly better than its rambling one, and what was made is found."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.support.live import LiveStack, pipelines_of
from tests.support.recordings_site import RecordingsSite
from tests.support.twins import ready_result
from vivavoce.cli.demo import Sample, read_manifest
from vivavoce.cli.submission import Candidate, Question, submission_body
from vivavoce.samples.interview import make_interview

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PATIENCE = 600
CLEARLY = 15.0
EXACT = 0.5
GOOD, RAMBLING = "good", "rambling"


@dataclass(frozen=True)
class Demo:
    """The demo's interview after its end: what was made, by name, what was found, and its report."""

    made: dict[str, dict[str, Any]]
    found: dict[str, dict[str, Any]]
    report: str

    def score(self, name: str) -> float:
        return float(self.found[name]["evaluationResult"]["overallScore"])

    def away(self, name: str) -> list[tuple[float, float]]:
        events = self.found[name]["integrityEvents"]
        return [(one["start"], one["end"]) for one in events if one["kind"] == "looking_away"]


@pytest.fixture(scope="module")
async def demo(stack: LiveStack, recordings: RecordingsSite) -> Demo:
    """Submitted as `viva demo` does it, with the films that it makes."""
    folder = recordings.folder / "demo"
    manifest = make_interview(folder)
    body = body_of(read_manifest(manifest, folder), recordings)
    answered = (await stack.client.post("/api/interview-record", json=body)).json()
    await stack.ended(answered["interviewRecordId"], within=PATIENCE)
    pipelines = pipelines_of(answered)
    made = {answer["name"]: answer for answer in manifest["answers"]}
    jobs = {name: await ready_result(stack, pipelines[made[name]["questionId"]]) for name in made}
    report = stack.viva("report", answered["interviewRecordId"])
    return Demo(made, {name: job["result"] for name, job in jobs.items()}, report)


def body_of(sample: Sample, site: RecordingsSite) -> dict[str, Any]:
    questions = [
        Question(one.question, site.file(f"{one.file.parent.name}/{one.file.name}"))
        for one in sample.recordings
    ]
    return submission_body(str(uuid4()), questions, sample.position, Candidate(), datetime.now(UTC))


async def test_the_good_answer_is_clearly_better_than_the_rambling_one(demo: Demo) -> None:
    assert demo.score(GOOD) >= demo.score(RAMBLING) + CLEARLY


async def test_looking_away_is_found_when_it_was_made_and_only_then(demo: Demo) -> None:
    assert demo.away(GOOD) == []
    made = [tuple(span) for span in demo.made[RAMBLING]["away"]]
    assert len(made) == 2
    assert demo.away(RAMBLING) == [pytest.approx(span, abs=EXACT) for span in made]


async def test_the_report_names_what_was_found_and_that_it_changes_no_score(demo: Demo) -> None:
    assert "over 2 of 2 answers, integrity elevated" in demo.report
    assert "Integrity: elevated. A finding for a person to look at; it changes no score." in demo.report
    assert demo.report.count("(looking_away)") == len(demo.made[RAMBLING]["away"])
    for start, end in demo.away(RAMBLING):
        assert f"{start:.1f}–{end:.1f} s" in demo.report


async def test_each_answer_is_told_how_it_went_and_what_would_help(demo: Demo) -> None:
    good, rambling = [demo.found[name]["evaluationResult"]["feedback"] for name in (GOOD, RAMBLING)]
    assert good.startswith(f"The answer scores {demo.score(GOOD):.1f} of 100. What stands out:")
    assert rambling.startswith("What would help next time: Stay closer to the question")
    assert rambling.endswith(f"The answer scores {demo.score(RAMBLING):.1f} of 100.")
