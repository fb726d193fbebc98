"""What got lost between two services is asked for again, and every interview ends."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.house import Handed, House
from vivavoce.contracts import (
    Fact,
    IntegrityReported,
    InterviewCompleted,
    InterviewSubmitted,
    MediaFeatures,
    ProctoringFeatures,
    RecordingIngested,
    RecordingRejected,
    RecordingRequested,
    ScoreGenerated,
)

RECORDINGS = ("one", "not_found", "three")
LOSSES: tuple[tuple[str, type[Fact]], ...] = (
    ("media", RecordingRequested),
    ("media", RecordingIngested),
    ("proctoring", InterviewSubmitted),
    ("proctoring", MediaFeatures),
    ("proctoring", RecordingRejected),
    ("evaluation", InterviewSubmitted),
    ("evaluation", MediaFeatures),
    ("evaluation", RecordingRejected),
    ("evaluation", IntegrityReported),
    ("gateway", InterviewCompleted),
)


def without_times(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "completedAt"}


async def undisturbed(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    house = House(folder)
    interview = await house.submit(*RECORDINGS)
    await house.settle()
    return without_times(await house.state(interview)), await house.results(interview)


async def shown(house: House, interview: Handed) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return without_times(await house.state(interview)), await house.results(interview)


@pytest.mark.parametrize(("service", "kind"), LOSSES, ids=lambda part: getattr(part, "type", part))
async def test_a_lost_fact_is_asked_for_again(
    house: House, tmp_path: Path, service: str, kind: type[Fact]
) -> None:
    with house.losing(service, kind):
        interview = await house.submit(*RECORDINGS)
        await house.settle()
    assert (await house.state(interview))["status"] == "processing"

    await house.wait(minutes=5)

    assert await shown(house, interview) == await undisturbed(tmp_path)


@pytest.mark.parametrize(
    "kind", [MediaFeatures, ScoreGenerated, ProctoringFeatures], ids=lambda kind: kind.type
)
async def test_a_fact_that_only_the_gateway_lost_is_waited_for_and_asked_for_again(
    house: House, tmp_path: Path, kind: type[Fact]
) -> None:
    with house.losing("gateway", kind):
        interview = await house.submit(*RECORDINGS)
        await house.settle()
    assert (await house.state(interview))["status"] == "partial"
    await house.wait(minutes=1)
    assert "not_found" in [result["status"] for result in await house.results(interview)]

    await house.wait(minutes=5)

    assert await shown(house, interview) == await undisturbed(tmp_path)


async def test_a_service_that_heard_of_nothing_catches_up(house: House, tmp_path: Path) -> None:
    with house.losing("gateway"):
        interview = await house.submit(*RECORDINGS)
        await house.settle()
    await house.wait(minutes=5)
    assert await shown(house, interview) == await undisturbed(tmp_path)


async def test_asking_again_measures_and_scores_nothing_twice(house: House) -> None:
    with house.losing("gateway"):
        await house.submit(*RECORDINGS)
        await house.settle()
    await house.wait(minutes=5)
    for kind in (MediaFeatures, ProctoringFeatures, ScoreGenerated, InterviewCompleted):
        told = house.published(kind)
        assert len(told) == 2 * len({envelope.id for envelope in told})


async def test_a_broker_that_forgot_while_all_went_on_is_told_again(house: House) -> None:
    interview = await house.submit("one", "two")
    await house.bus.publish()
    house.bus.wire.forget()
    await house.settle()
    assert (await house.state(interview))["status"] == "processing"
    await house.wait(minutes=1)
    assert (await house.state(interview))["status"] == "completed"


async def test_a_broker_that_is_away_for_an_hour_keeps_nobody_from_submitting(house: House) -> None:
    house.bus.wire.away = True
    interview = await house.submit("one", "two")
    await house.wait(minutes=60)
    assert interview.response.status_code == 202
    house.bus.wire.away = False
    await house.settle()
    assert (await house.state(interview))["status"] == "completed"


async def test_an_interview_that_nobody_ever_acknowledges_ends_as_failed(tmp_path: Path) -> None:
    house = House(tmp_path, sweep_limit=1, sweep_growth=1)
    await house.hook("https://hooks.example/")
    with house.losing("evaluation"):
        interview = await house.submit("one", "two")
        await house.wait(minutes=11)
    state = await house.state(interview)
    assert (state["status"], state["overallScore"]) == ("failed", None)
    assert [answer["reason"] for answer in state["answers"]] == ["never_acknowledged"] * 2
    (end,) = house.published(InterviewCompleted)
    (sent,) = house.sender.sent
    assert sent.headers["webhook-id"] == end.id


async def test_what_was_measured_is_shown_although_nobody_judged_it(tmp_path: Path) -> None:
    house = House(tmp_path, sweep_limit=0)
    with house.losing("evaluation"):
        interview = await house.submit("one")
        await house.wait(minutes=6)
    (result,) = await house.results(interview)
    assert result["result"]["transcription"]["text"]
    assert result["result"]["evaluationResult"]["overallScore"] is None
    assert result["result"]["reasons"]["evaluationResult.overallScore"] == "never_acknowledged"
