"""An interview from its submission to the webhook that tells of its end."""

import json

from tests.support.house import CORRELATION, House
from tools.writers import writers
from vivavoce.contracts import (
    FACTS,
    AccessChanged,
    AuditRecorded,
    Fact,
    InterviewCompleted,
    JobFollowed,
    JobProgressed,
    PipelineProgress,
    RecordingRejected,
    ScoreGenerated,
    ServiceReported,
    WebhookDisabled,
    WebhookExhausted,
    WebhookFailing,
    WebhookRecovered,
)

HOOK = "https://hooks.example/vivavoce"
NOT_HERE: set[type[Fact]] = {
    *(RecordingRejected, JobFollowed, JobProgressed, AccessChanged, AuditRecorded, ServiceReported),
    *(WebhookDisabled, WebhookExhausted, WebhookFailing, WebhookRecovered),
}


async def test_three_recordings_become_three_scores_and_one_end(house: House) -> None:
    interview = await house.submit("one", "two", "three")
    assert interview.response.status_code == 202
    assert (await house.state(interview))["status"] == "processing"

    await house.settle()

    state = await house.state(interview)
    assert (state["status"], state["integrityBand"], state["share"]) == ("completed", "low", 1.0)
    scores = [answer["overallScore"] for answer in state["answers"]]
    assert state["overallScore"] == round(sum(scores) / 3, 2)


async def test_every_answer_has_its_transcript_measures_and_judgement(house: House) -> None:
    interview = await house.submit("one", "two", "three")
    await house.settle()
    results = await house.results(interview)
    assert [result["status"] for result in results] == ["success"] * 3
    for found in (result["result"] for result in results):
        assert found["transcription"]["text"]
        assert found["observables"]
        assert found["evaluationResult"]["criteria"][0]["evidence"]
        assert found["integrityBand"] == "low"
    assert len({result["result"]["transcription"]["text"] for result in results}) == 3


async def test_nothing_is_ready_before_it_is(house: House) -> None:
    interview = await house.submit("one")
    await house.bus.settle()
    assert [result["status"] for result in await house.results(interview)] == ["not_found"]


async def test_the_webhook_tells_each_score_and_the_end_as_they_are_shown(house: House) -> None:
    await house.hook(HOOK)
    interview = await house.submit("one", "two", "three")
    await house.settle()
    bodies = [json.loads(sent.body) for sent in house.sender.sent]
    assert sorted(body["type"] for body in bodies) == ["interview.completed", *["score.generated"] * 3]
    state = await house.state(interview)
    told = {body["data"]["answer_id"]: body["data"]["overall"] for body in bodies if "score" in body["type"]}
    assert told == {answer["pipelineId"]: answer["overallScore"] for answer in state["answers"]}
    (end,) = [body["data"] for body in bodies if body["type"] == "interview.completed"]
    assert (end["interview_id"], end["overall"]) == (interview.id, state["overallScore"])
    assert {sent.url for sent in house.sender.sent} == {HOOK}


async def test_one_correlation_id_runs_from_the_response_to_the_last_fact(house: House) -> None:
    interview = await house.submit("one", "two", correlation="hiring-2026")
    await house.settle()
    assert interview.response.headers[CORRELATION] == "hiring-2026"
    envelopes = house.published()
    assert {envelope.type for envelope in envelopes} == {kind.type for kind in FACTS.values()} - {
        kind.type for kind in NOT_HERE
    }
    assert {envelope.correlation_id for envelope in envelopes} == {"hiring-2026"}


async def test_every_fact_but_the_first_names_a_fact_that_led_to_it(house: House) -> None:
    await house.submit("one", "two")
    await house.settle()
    durable = [kind for kind in FACTS.values() if kind is not PipelineProgress]
    envelopes = house.published(*durable)
    known = {envelope.id for envelope in envelopes}
    origins = {envelope.type for envelope in envelopes if envelope.causation_id is None}
    assert origins == {"interview.submitted", "recording.requested"}
    assert {envelope.causation_id for envelope in envelopes} - {None} <= known


async def test_what_happened_once_was_said_once(house: House) -> None:
    await house.submit("one", "two", "three")
    await house.settle()
    assert len(house.published(ScoreGenerated)) == 3
    assert len(house.published(InterviewCompleted)) == 1


async def test_an_address_of_a_recording_reaches_media_only(house: House) -> None:
    await house.submit("one", "two")
    await house.settle()
    records = [record for topic in FACTS for record in house.bus.records(topic)]
    assert {record.topic for record in records if b"secret" in (record.value or b"")} == {
        "recording.requested"
    }


async def test_every_fact_comes_from_a_service_that_is_known_to_send_it(house: House) -> None:
    await house.submit("one", "two")
    await house.settle()
    known = {(f"/vivavoce/{writer.service}", writer.topic) for writer in writers()}
    seen = {(envelope.source, envelope.type) for envelope in house.published()}
    assert len(seen) >= len(FACTS) - len(NOT_HERE)
    assert seen <= known
