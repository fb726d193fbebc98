"""Job results: not found until they are ready, then everything that is known, with a reason per null."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.support.gateway import GatewayBench, question
from tests.support.interview_facts import SAID, AnswerFacts, put_transcript
from vivavoce.contracts import NullReason, RejectionReason, RiskBand
from vivavoce.gateway.records.reasons import EXPLANATIONS

ANSWER = AnswerFacts()
NOT_FOUND = {"status": "not_found", "message": "Sonuç bulunamadı."}


async def read(gateway: GatewayBench, name: str = "video-1", **headers: str) -> httpx.Response:
    async with gateway.client() as client:
        return await client.get(f"/api/job-result/{name}", headers=headers)


async def finished(gateway: GatewayBench, **submitted: Any) -> None:
    await gateway.submit(**submitted)
    claim = await put_transcript(gateway.store)
    await gateway.tell(ANSWER.features(claim), ANSWER.proctored(), ANSWER.scored())


async def test_an_unknown_answer_is_not_found(gateway: GatewayBench) -> None:
    response = await read(gateway, "never-heard-of")
    assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert "retry-after" not in response.headers


async def test_an_answer_that_is_worked_on_is_to_be_asked_for_again(gateway: GatewayBench) -> None:
    await gateway.submit()
    response = await read(gateway)
    assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert response.headers["retry-after"] == "30"


async def test_a_finished_answer_has_the_references_fields(gateway: GatewayBench) -> None:
    await finished(gateway)
    response = await read(gateway)
    body = response.json()
    assert (response.status_code, body["status"]) == (200, "success")
    result = body["result"]
    assert result["transcription"]["text"] == SAID
    assert result["transcription"]["duration"] == 60.0
    assert result["faceScores"] == {"confidence": None, "engagement": None, "eye_contact": 72.0}
    assert result["voiceScores"] == {"clarity": None, "confidence": None, "speech_rate": 142.0}
    assert result["evaluationResult"]["overallScore"] == 78.5
    assert result["evaluationResult"]["feedback"] == "Clear and concrete."


async def test_a_finished_answer_shows_what_its_score_stands_on(gateway: GatewayBench) -> None:
    await finished(gateway)
    result = (await read(gateway)).json()["result"]
    assert result["observables"][0]["unit"] == "words per minute"
    assert result["evaluationResult"]["criteria"][0]["evidence"][0]["quote"].startswith("we cut the queue")
    assert result["integrityBand"] == "elevated"
    assert result["integrityEvents"][0]["values"] == {"away_share": 0.97, "seconds": 12.8}
    assert result["versions"]["judge"] == "local/1"


async def test_every_null_has_its_reason(gateway: GatewayBench) -> None:
    await finished(gateway)
    reasons = (await read(gateway)).json()["result"]["reasons"]
    assert set(reasons) == {
        "faceScores.confidence",
        "faceScores.engagement",
        "voiceScores.clarity",
        "voiceScores.confidence",
    }


async def test_every_reason_code_of_a_result_has_its_meaning_beside_it(gateway: GatewayBench) -> None:
    await finished(gateway)
    result = (await read(gateway)).json()["result"]
    competencies = [one["reason"] for one in result["evaluationResult"]["competencies"]]
    assert competencies == [None, "not_touched"]
    assert result["messages"] == {
        code: EXPLANATIONS[NullReason(code)].message for code in {*result["reasons"].values(), "not_touched"}
    }


@pytest.mark.parametrize("missing", ["features", "proctored", "scored"])
async def test_a_result_waits_for_each_of_its_parts(gateway: GatewayBench, missing: str) -> None:
    await gateway.submit()
    parts = {"features": ANSWER.features(), "proctored": ANSWER.proctored(), "scored": ANSWER.scored()}
    await gateway.tell(*(fact for name, fact in parts.items() if name != missing))
    assert (await read(gateway)).status_code == 404
    await gateway.tell(parts[missing])
    assert (await read(gateway)).status_code == 200


async def test_an_unscorable_answer_succeeds_with_null_and_a_reason(gateway: GatewayBench) -> None:
    await gateway.submit()
    features = ANSWER.features(transcript_reason=NullReason.INSUFFICIENT_SPEECH)
    score = ANSWER.unscored(NullReason.INSUFFICIENT_SPEECH)
    await gateway.tell(features, ANSWER.proctored(), score)
    body = (await read(gateway)).json()
    assert body["status"] == "success"
    assert body["result"]["evaluationResult"]["overallScore"] is None
    assert body["result"]["reasons"]["evaluationResult.overallScore"] == "insufficient_speech"
    assert body["result"]["reasons"]["transcription.text"] == "insufficient_speech"
    assert body["result"]["observables"]


@pytest.mark.parametrize("reason", [NullReason.LOW_ASR_CONFIDENCE, NullReason.UNSUPPORTED_LANGUAGE])
async def test_text_that_was_not_heard_with_confidence_is_never_shown(
    gateway: GatewayBench, reason: NullReason
) -> None:
    await gateway.submit()
    claim = await put_transcript(gateway.store, "fluent but invented")
    features = ANSWER.features(claim, transcript_reason=reason)
    await gateway.tell(features, ANSWER.proctored(), ANSWER.unscored(reason))
    response = await read(gateway)
    assert "invented" not in response.text
    assert response.json()["result"]["reasons"]["transcription.text"] == reason


async def test_a_rejected_recording_is_a_failed_answer_with_advice(gateway: GatewayBench) -> None:
    await gateway.submit()
    integrity = ANSWER.proctored(band=RiskBand.UNAVAILABLE, events=(), reason=RejectionReason.NOT_FOUND)
    await gateway.tell(ANSWER.rejected(), integrity, ANSWER.unscored(RejectionReason.NOT_FOUND))
    response = await read(gateway)
    body = response.json()
    assert (response.status_code, body["status"], body["reason"]) == (200, "failed", "not_found")
    assert "no such recording" in body["message"]
    assert "HTTP GET" in body["advice"]
    assert body["detail"] == "The server answered 404; check the address."
    assert body["pipelineId"] == ANSWER.answer_id


async def test_the_end_of_the_interview_lets_late_facts_settle_first(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed())
    assert (await read(gateway)).status_code == 404
    await gateway.tell(ANSWER.features(), ANSWER.scored(), ANSWER.proctored())
    assert (await read(gateway)).json()["result"]["evaluationResult"]["overallScore"] == 78.5


async def test_a_result_waits_for_what_must_still_come_and_not_for_ever(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed())
    await gateway.clock.advance(timedelta(minutes=29))
    assert (await read(gateway)).status_code == 404
    await gateway.clock.advance(timedelta(minutes=1))
    body = (await read(gateway)).json()
    assert (body["status"], body["result"]["evaluationResult"]["overallScore"]) == ("success", 78.5)


async def test_a_result_does_not_wait_for_an_integrity_report_that_the_end_says_is_missing(
    gateway: GatewayBench,
) -> None:
    await gateway.submit()
    end = ANSWER.completed().model_copy(update={"integrity_band": RiskBand.UNAVAILABLE})
    await gateway.tell(ANSWER.features(), ANSWER.scored(), end)
    await gateway.clock.advance(timedelta(seconds=5))
    assert (await read(gateway)).json()["status"] == "success"


async def test_nobody_keeps_a_result_that_is_not_ready(gateway: GatewayBench) -> None:
    await gateway.submit()
    assert (await read(gateway)).headers["cache-control"] == "no-store"


async def test_an_interview_that_ended_without_an_answer_fails_that_answer(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.completed(overall=None, reason=NullReason.DEADLINE_PASSED))
    await gateway.clock.advance(timedelta(seconds=5))
    body = (await read(gateway)).json()
    assert (body["status"], body["reason"]) == ("failed", "deadline_passed")


async def test_the_latest_submission_wins_by_video_response_id(gateway: GatewayBench) -> None:
    await finished(gateway)
    await gateway.clock.advance(timedelta(minutes=1))
    await gateway.submit(request_id="req-2")
    assert (await read(gateway)).status_code == 404
    by_job = await read(gateway, f"by-job/{ANSWER.answer_id}")
    assert by_job.json()["status"] == "success"


async def test_the_last_answer_wins_where_one_submission_uses_an_id_twice(gateway: GatewayBench) -> None:
    await gateway.submit(questions=[question(1), question(2, videoResponseId="video-1")])
    last = AnswerFacts(question_id="q2")
    await gateway.tell(last.features(), last.proctored(), last.scored())
    assert (await read(gateway)).json()["questionId"] == "q2"


@pytest.mark.parametrize("name", ["folder/clip 1.mp4", "ünïcode-ı", "a?b#c", "..x"])
async def test_any_accepted_id_can_be_read_by(gateway: GatewayBench, name: str) -> None:
    await finished(gateway, questions=[question(1, videoResponseId=name)])
    assert (await read(gateway, quote(name))).json()["videoResponseId"] == name


async def test_an_unchanged_result_is_not_sent_again(gateway: GatewayBench) -> None:
    await finished(gateway)
    etag = (await read(gateway)).headers["etag"]
    again = await read(gateway, **{"If-None-Match": f'"other", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag


async def test_a_changed_result_is_sent_again(gateway: GatewayBench) -> None:
    await gateway.submit()
    unavailable = ANSWER.proctored(band=RiskBand.UNAVAILABLE, events=(), reason=NullReason.UNAVAILABLE)
    await gateway.tell(ANSWER.features(), unavailable, ANSWER.scored())
    etag = (await read(gateway)).headers["etag"]
    await gateway.tell(ANSWER.proctored())
    assert (await read(gateway, **{"If-None-Match": etag})).status_code == 200


@pytest.mark.parametrize("reason", [*NullReason, *RejectionReason])
def test_every_reason_is_explained(reason: NullReason | RejectionReason) -> None:
    message, advice = EXPLANATIONS[reason]
    assert message.endswith(".")
    assert advice.endswith(".")
