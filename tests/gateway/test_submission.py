"""Handing in a recorded interview: stored and announced once, or refused with every reason."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.gateway import ACME, GatewayBench, question, submission
from vivavoce.contracts import InterviewSubmitted, RecordingRequested, ids

PATH = "/api/interview-record"


async def post(gateway: GatewayBench, body: dict[str, Any], organization: str = ACME) -> httpx.Response:
    async with gateway.client(organization) as client:
        return await client.post(PATH, json=body)


def paths(response: httpx.Response) -> list[str]:
    return [problem["path"] for problem in response.json()["fields"]]


async def test_a_submission_is_answered_in_the_references_shape(gateway: GatewayBench) -> None:
    response = await post(gateway, submission())
    interview, answer = ids.interview_id(ACME, "req-1"), ids.answer_id(ACME, "req-1", "q1")
    assert response.status_code == 202
    assert response.json() == {
        "ok": True,
        "interviewRecordId": interview,
        "pipelines": [{"questionId": "q1", "pipelineId": answer}],
    }
    assert response.headers["location"] == f"/api/interview-record/{interview}"


async def test_a_submission_announces_the_interview_and_each_recording(gateway: GatewayBench) -> None:
    await post(gateway, submission(questions=[question(1), question(2)]))
    emitted = await gateway.emitted()
    assert [fact.type for _, fact in emitted].count("interview.submitted") == 1
    submitted = next(fact for _, fact in emitted if isinstance(fact, InterviewSubmitted))
    assert [answer.question_id for answer in submitted.answers] == ["q1", "q2"]
    requests = [fact for _, fact in emitted if isinstance(fact, RecordingRequested)]
    assert {request.url for request in requests} == {question(n)["video"]["url"] for n in (1, 2)}
    assert {request.answer_id for request in requests} == {answer.answer_id for answer in submitted.answers}


async def test_media_addresses_go_to_media_only(gateway: GatewayBench) -> None:
    await post(gateway, submission())
    submitted = next(fact for _, fact in await gateway.emitted() if isinstance(fact, InterviewSubmitted))
    assert "media.example" not in submitted.model_dump_json()


async def test_the_correlation_id_travels_with_every_announcement(gateway: GatewayBench) -> None:
    async with gateway.client() as client:
        await client.post(PATH, json=submission(), headers={"X-Correlation-ID": "trace-me"})
    assert {envelope.correlation_id for envelope, _ in await gateway.emitted()} == {"trace-me"}


async def test_the_candidate_is_masked_by_name_and_address(gateway: GatewayBench) -> None:
    await post(gateway, submission())
    submitted = next(fact for _, fact in await gateway.emitted() if isinstance(fact, InterviewSubmitted))
    assert set(submitted.masked_terms) == {"Ada Yılmaz", "Ada", "Yılmaz", "Ada.Y@example.org", "Ada.Y"}


async def test_a_repeat_is_answered_alike_and_announces_nothing(gateway: GatewayBench) -> None:
    first = await post(gateway, submission(weights={"a": 3}))
    announced = len(await gateway.emitted())
    again = await post(gateway, submission(weights={"a": 3}, timestamp="2026-03-02T12:00:09Z", note="retry"))
    assert again.status_code == 200
    assert again.json() == first.json()
    assert len(await gateway.emitted()) == announced


async def test_another_body_under_the_same_request_id_is_a_conflict(gateway: GatewayBench) -> None:
    await post(gateway, submission())
    response = await post(gateway, submission(questions=[question(1, questionText="Another?")]))
    assert response.status_code == 409
    assert "req-1" in response.json()["error"]


async def test_organizations_may_use_the_same_request_id(gateway: GatewayBench) -> None:
    first = await post(gateway, submission())
    second = await post(gateway, submission(), organization="org_globex")
    assert second.status_code == 202
    assert second.json()["interviewRecordId"] != first.json()["interviewRecordId"]


async def test_weights_of_another_sum_are_normalized_and_said_so(gateway: GatewayBench) -> None:
    response = await post(gateway, submission(weights={"a": 3, "b": 1}))
    submitted = next(fact for _, fact in await gateway.emitted() if isinstance(fact, InterviewSubmitted))
    assert [competency.weight for competency in submitted.position.competencies] == [0.75, 0.25]
    assert "sum to 4" in response.json()["warnings"][0]


async def test_a_competency_may_be_called_like_a_part_of_the_request(gateway: GatewayBench) -> None:
    response = await post(gateway, submission(weights={"body": -1}))
    assert paths(response) == ["interview.position.competencyWeights.body"]


@pytest.mark.parametrize("weights", [{"a": 0.6, "b": 0.4}, {"a": 60, "b": 40}])
async def test_shares_and_percents_need_no_warning(gateway: GatewayBench, weights: dict[str, float]) -> None:
    assert "warnings" not in (await post(gateway, submission(weights=weights))).json()


@pytest.mark.parametrize(
    "weights", [{}, {"a": 0}, {"a": -1, "b": 2}, {"a": True}, {"a": "1"}, {"a": None}, {" ": 1}]
)
async def test_weights_that_weigh_nothing_are_refused(
    gateway: GatewayBench, weights: dict[str, object]
) -> None:
    response = await post(gateway, submission(weights=weights))
    assert response.status_code == 400
    assert all(path.startswith("interview.position.competencyWeights") for path in paths(response))


async def test_every_problem_is_named_by_its_path(gateway: GatewayBench) -> None:
    body = submission(questions=[question(1, url="ftp://media.example/1"), question(2, questionText=" ")])
    del body["application"]["candidate"]["email"]
    body["meta"]["timestamp"] = "yesterday"
    response = await post(gateway, body)
    assert response.status_code == 400
    assert set(paths(response)) == {
        "application.candidate.email",
        "interview.questions.0.video.url",
        "interview.questions.1.questionText",
        "meta.timestamp",
    }


@pytest.mark.parametrize(
    "url",
    [
        "",
        "media.mp4",
        "http://",
        "http:///x.mp4",
        "file:///etc/passwd",
        "data:video/mp4;base64,AAAA",
        "https://media.example:99999/a",
        "https://media example/a",
        "http://a\n.example/",
        "javascript:alert(1)",
    ],
)
async def test_addresses_that_nobody_could_fetch_are_refused(gateway: GatewayBench, url: str) -> None:
    response = await post(gateway, submission(questions=[question(1, url=url)]))
    assert response.status_code == 400
    assert paths(response) == ["interview.questions.0.video.url"]


async def test_private_addresses_are_left_to_media(gateway: GatewayBench) -> None:
    response = await post(gateway, submission(questions=[question(1, url="http://127.0.0.1:8080/a.mp4")]))
    assert response.status_code == 202


async def test_repeated_question_ids_are_refused(gateway: GatewayBench) -> None:
    response = await post(gateway, submission(questions=[question(1), question(2, id="q1")]))
    assert response.status_code == 400
    assert paths(response) == ["interview.questions.1.id"]


async def test_a_repeated_video_response_id_is_accepted_with_a_warning(gateway: GatewayBench) -> None:
    body = submission(questions=[question(1), question(2, videoResponseId="video-1")])
    response = await post(gateway, body)
    assert response.status_code == 202
    assert "video-1" in response.json()["warnings"][0]


async def test_two_hundred_questions_are_accepted_and_one_more_is_not(gateway: GatewayBench) -> None:
    many = [question(number) for number in range(201)]
    assert (await post(gateway, submission("full", many[:200]))).status_code == 202
    response = await post(gateway, submission("over", many))
    assert response.status_code == 400
    assert "200" in response.json()["fields"][0]["message"]


async def test_no_question_at_all_is_refused(gateway: GatewayBench) -> None:
    response = await post(gateway, submission(questions=[]))
    assert paths(response) == ["interview.questions"]


async def test_a_body_over_a_megabyte_is_refused_with_413(gateway: GatewayBench) -> None:
    response = await post(gateway, submission(padding="x" * 1_000_001))
    assert response.status_code == 413
    assert response.json()["correlationId"] == response.headers["x-correlation-id"]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
async def test_texts_that_cannot_be_stored_are_refused_by_name(gateway: GatewayBench, text: str) -> None:
    raw = str(submission(questions=[question(1, questionText="MARK")])).replace("'", '"')
    content = raw.replace("MARK", "a\\u0000b" if "\x00" in text else "\\ud800")
    async with gateway.client() as client:
        response = await client.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert paths(response) == ["interview.questions.0.questionText"]


async def test_field_names_that_utf8_cannot_carry_are_refused_readably(gateway: GatewayBench) -> None:
    raw = str(submission(weights={"MARK": 1})).replace("'", '"').replace("MARK", "\\ud800")
    async with gateway.client() as client:
        response = await client.post(PATH, content=raw, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["fields"]


@pytest.mark.parametrize(
    "text", ["Hangi sorunu çözdün?", "何を学びましたか", "ماذا تعلمت؟", "\u202bאיך\u202c?", "👩‍🚀 why?"]
)
async def test_any_language_is_kept_to_the_letter(gateway: GatewayBench, text: str) -> None:
    await post(gateway, submission(questions=[question(1, questionText=text)]))
    submitted = next(fact for _, fact in await gateway.emitted() if isinstance(fact, InterviewSubmitted))
    assert submitted.answers[0].question_text == text


async def test_without_consent_nothing_is_processed(gateway: GatewayBench) -> None:
    response = await post(gateway, submission(), organization="org_careful")
    assert response.status_code == 403
    assert "consent" in response.json()["error"]
    assert await gateway.emitted() == []


async def test_a_repeat_is_answered_although_the_attestation_was_withdrawn(tmp_path: Path) -> None:
    gateway = GatewayBench(tmp_path)
    first = await gateway.submit()
    without = gateway.settings.model_copy(update={"attested_consent_organizations": ()})
    gateway.app.state.parts = replace(gateway.parts, settings=without)
    response = await post(gateway, submission())
    assert (response.status_code, response.json()) == (200, first)


async def test_consent_can_be_attested_for_one_interview(gateway: GatewayBench) -> None:
    body = submission(consent={"basis": "consent"})
    assert (await post(gateway, body, organization="org_careful")).status_code == 202


async def test_an_unknown_basis_of_consent_is_refused(gateway: GatewayBench) -> None:
    response = await post(gateway, submission(consent={"basis": "because"}))
    assert paths(response) == ["consent.basis"]


async def test_an_unsupported_api_version_is_refused(gateway: GatewayBench) -> None:
    body = submission()
    body["meta"]["apiVersion"] = "2.0.0"
    assert paths(await post(gateway, body)) == ["meta.apiVersion"]


async def test_nothing_is_accepted_that_could_not_be_stored(gateway: GatewayBench) -> None:
    gateway.database.away = True
    response = await post(gateway, submission())
    gateway.database.away = False
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    assert await gateway.emitted() == []
