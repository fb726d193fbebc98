"""Recordings that can't be used, and models that keep failing, end answers and not interviews."""

import json

from tests.support.house import House
from vivavoce.contracts import RecordingRejected


async def test_one_rejected_recording_makes_the_interview_partial(house: House) -> None:
    interview = await house.submit("one", "not_found", "three")
    await house.settle()
    state = await house.state(interview)
    assert state["status"] == "partial"
    assert [answer["status"] for answer in state["answers"]] == ["success", "failed", "success"]
    _, failed, _ = await house.results(interview)
    assert (failed["status"], failed["reason"]) == ("failed", "not_found")
    scores = [answer["overallScore"] for answer in state["answers"]]
    assert scores[1] is None
    assert state["overallScore"] == round((scores[0] + scores[2]) / 2, 2)


async def test_nothing_but_rejected_recordings_make_it_failed(house: House) -> None:
    await house.hook("https://hooks.example/")
    interview = await house.submit("not_found", "not_media", "empty_file")
    await house.settle()
    state = await house.state(interview)
    assert (state["status"], state["overallScore"]) == ("failed", None)
    assert (state["integrityBand"], state["share"]) == ("unavailable", 1.0)
    reasons = [result["reason"] for result in await house.results(interview)]
    assert reasons == ["not_found", "not_media", "empty_file"]
    end = next(json.loads(sent.body) for sent in house.sender.sent if "interview.completed" in sent.body)
    assert end["data"]["status"] == "failed"


async def test_an_analysis_that_keeps_failing_rejects_its_recording(house: House) -> None:
    interview = await house.submit("one", "breaks")
    await house.settle()
    assert house.analyzer.broke == 2
    (rejection,) = house.bus.records("recording.rejected")
    fact = RecordingRejected.model_validate_json(rejection.value or b"")
    assert (fact.answer_id, fact.reason) == (interview.pipelines[1], "analysis_failed")
    assert (await house.state(interview))["status"] == "partial"
    _, failed = await house.results(interview)
    assert (failed["status"], failed["reason"]) == ("failed", "analysis_failed")


async def test_what_could_not_be_analysed_is_kept_as_a_dead_letter(house: House) -> None:
    interview = await house.submit("one", "breaks")
    await house.settle()
    (dead,) = house.bus.records("recording.ingested.dlq")
    assert dead.key == interview.pipelines[1].encode()
    headers = dict(dead.headers)
    assert headers["dlq_group"] == b"media.analysis"
    assert headers["dlq_error"].startswith(b"analysis_broke")


async def test_a_broken_analysis_is_not_tried_anew_by_asking_again(house: House) -> None:
    interview = await house.submit("breaks")
    with house.losing("evaluation", RecordingRejected):
        await house.settle()
    await house.wait(minutes=5)
    assert house.analyzer.broke == 2
    assert (await house.state(interview))["status"] == "failed"
