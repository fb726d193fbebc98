"""An interview ends at its deadline with what is there, and that end stands."""

import json

from tests.support.house import Handed, House
from vivavoce.contracts import InterviewCompleted, RecordingRequested


async def past_the_deadline(house: House) -> Handed:
    """An interview of three answers, the second of which media never hears of until its deadline."""
    await house.hook("https://hooks.example/")
    interview = await house.submit("one", "two", "three")
    with house.losing("media", RecordingRequested, about=interview.pipelines[1]):
        await house.settle()
        await house.wait(hours=2, minutes=1)
    return interview


async def test_an_answer_that_is_missing_at_the_deadline_makes_it_partial(house: House) -> None:
    interview = await past_the_deadline(house)
    state = await house.state(interview)
    assert state["status"] == "partial"
    assert state["completedAt"] == "2026-03-02T14:00:00Z"
    assert [answer["reason"] for answer in state["answers"]] == [None, "deadline_passed", None]
    one, missing, three = await house.results(interview)
    assert (missing["status"], missing["reason"]) == ("failed", "deadline_passed")
    assert (one["status"], three["status"]) == ("success", "success")


async def test_it_stays_open_until_then(house: House) -> None:
    interview = await house.submit("one", "two")
    with house.losing("media", RecordingRequested, about=interview.pipelines[1]):
        await house.settle()
        await house.wait(hours=1, minutes=59)
    state = await house.state(interview)
    assert state["status"] == "processing"
    assert [answer["status"] for answer in state["answers"]] == ["success", "processing"]


async def test_subscribers_are_told_of_the_missing_answer_and_the_end_once(house: House) -> None:
    interview = await past_the_deadline(house)
    bodies = [json.loads(sent.body) for sent in house.sender.sent]
    scores = {body["data"]["answer_id"]: body["data"]["reason"] for body in bodies if "score" in body["type"]}
    assert scores[interview.pipelines[1]] == "deadline_passed"
    assert [body["type"] for body in bodies].count("interview.completed") == 1


async def test_what_comes_after_the_end_changes_the_end_no_more(house: House) -> None:
    interview = await past_the_deadline(house)
    before = await house.state(interview)
    late = house.bus.records("recording.requested")
    reader = next(reader for reader in house.bus.readers if reader.name == "media.ingest")
    for record in late:
        await reader.take([record])
    await house.settle()
    after = await house.state(interview)
    assert (after["status"], after["overallScore"]) == (before["status"], before["overallScore"])
    assert len({envelope.id for envelope in house.published(InterviewCompleted)}) == 1
    assert len(house.sender.sent) == 4
