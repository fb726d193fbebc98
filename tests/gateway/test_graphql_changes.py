"""Changes in GraphQL: a recorded interview is handed in, and a human has a word on its score."""

import copy
from typing import Any

import pytest

from tests.support.asking import answered, codes_of, data_of
from tests.support.gateway import GatewayBench, question, submission, token
from tests.support.interview_facts import AnswerFacts
from tests.support.sse import open_stream
from vivavoce.gateway.interviews import overriding

ANSWER = AnswerFacts()
CREATE = """mutation Create($input: CreateInterviewInput!) {
  createInterview(input: $input) { id status externalId warnings competencies { name weight }
  answers { id } } }"""
UPDATE = """mutation Update($id: ID!, $score: ScoreInput!) { updateScore(interviewId: $id, score: $score) {
  overallScore machineScore overrides { overall reason by at pipelineId }
  answers { overallScore overrides { overall } score { overall } } } }"""


def input_of(body: dict[str, Any]) -> dict[str, Any]:
    """The input that says the same as a body of REST."""
    given: dict[str, Any] = copy.deepcopy({name: body[name] for name in ("application", "interview")})
    position = given["interview"]["position"]
    weights = position["competencyWeights"]
    position["competencyWeights"] = [{"name": name, "weight": weight} for name, weight in weights.items()]
    return {"requestId": body["meta"]["requestId"], **given}


async def update(gateway: GatewayBench, overall: float, reason: str, **options: Any) -> dict[str, Any]:
    """What an override answers."""
    score = {"overall": overall, "reason": reason, **options}
    found: dict[str, Any] = (await data_of(gateway, UPDATE, id=ANSWER.interview_id, score=score))[
        "updateScore"
    ]
    return found


async def test_an_interview_is_handed_in_once_over_either_door(gateway: GatewayBench) -> None:
    body = submission(questions=[question(1), question(2)])
    created = (await data_of(gateway, CREATE, input=input_of(body)))["createInterview"]
    again = (await data_of(gateway, CREATE, input=input_of(body)))["createInterview"]
    assert created == again
    assert (created["id"], created["status"], len(created["answers"])) == (
        ANSWER.interview_id,
        "processing",
        2,
    )
    async with gateway.client() as client:
        repeat = await client.post("/api/interview-record", json=body)
    assert (repeat.status_code, repeat.json()["interviewRecordId"]) == (200, created["id"])
    types = [fact.type for _, fact in await gateway.emitted()]
    assert (types.count("interview.submitted"), types.count("recording.requested")) == (1, 2)


async def test_another_content_under_the_same_request_id_is_a_conflict(gateway: GatewayBench) -> None:
    await gateway.submit()
    other = input_of(submission(questions=[question(1), question(2)]))
    assert await codes_of(gateway, CREATE, input=other) == ["conflict"]


async def test_without_consent_nothing_is_taken(gateway: GatewayBench) -> None:
    given = input_of(submission())
    assert await codes_of(gateway, CREATE, organization="org_new", input=given) == ["consent_required"]
    given["consent"] = "CONSENT"
    assert await codes_of(gateway, CREATE, organization="org_new", input=given) == []


async def test_what_is_wrong_is_named_by_its_field(gateway: GatewayBench) -> None:
    given = input_of(submission(questions=[question(1), question(1)]))
    given["requestId"] = " "
    given["interview"]["questions"][0]["video"]["url"] = "ftp://x"
    (error,) = (await answered(gateway, CREATE, input=given))["errors"]
    assert error["extensions"]["code"] == "invalid_input"
    places = {each["path"] for each in error["extensions"]["fields"]}
    assert places == {"input.requestId", "input.interview.questions.0.video.url"}
    del given["interview"]["questions"][0]["video"]["url"]
    assert set(await codes_of(gateway, CREATE, input=given)) == {"graphql_validation_failed"}


async def test_rules_beyond_the_shape_hold_too(gateway: GatewayBench) -> None:
    given = input_of(submission(questions=[question(1), question(1)], weights={"a": 0}))
    (error,) = (await answered(gateway, CREATE, input=given))["errors"]
    places = [each["path"] for each in error["extensions"]["fields"]]
    assert places == ["input.interview.questions.1.id", "input.interview.position.competencyWeights"]
    given["interview"]["position"]["competencyWeights"] = [{"name": "a", "weight": 1}] * 2
    (error,) = (await answered(gateway, CREATE, input=given))["errors"]
    assert error["extensions"]["fields"][0]["message"] == "must name each competency once"


async def test_a_humans_score_stands_beside_the_machines(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.scored(), ANSWER.completed())
    first = await update(gateway, 40, "The answer misses the point.")
    assert (first["overallScore"], first["machineScore"]) == (40.0, 78.5)
    assert first["answers"][0]["score"]["overall"] == first["answers"][0]["overallScore"] != 40.0
    second = await update(gateway, 55.5, "On second thoughts.")
    assert second["overallScore"] == 55.5
    told = [(each["overall"], each["reason"], each["by"], each["pipelineId"]) for each in second["overrides"]]
    assert told == [
        (40.0, "The answer misses the point.", "user-1", None),
        (55.5, "On second thoughts.", "user-1", None),
    ]
    assert second["overrides"][0]["at"] == "2026-03-02T12:00:00+00:00"


async def test_a_humans_score_of_an_answer_leaves_the_interviews(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.tell(ANSWER.scored(overall=70.0), ANSWER.completed())
    shown = await update(gateway, 0, "Read from a sheet.", pipelineId=ANSWER.answer_id)
    assert shown["overallScore"] == 78.5
    assert shown["answers"] == [
        {"overallScore": 0.0, "overrides": [{"overall": 0.0}], "score": {"overall": 70.0}}
    ]


async def test_a_later_fact_takes_no_override_away(gateway: GatewayBench) -> None:
    await gateway.submit()
    await update(gateway, 40, "I was there.")
    await gateway.tell(ANSWER.scored(), ANSWER.completed(), ANSWER.reported())
    shown = await data_of(gateway, '{ interviews(userId: "user-1") { overallScore machineScore } }')
    assert shown["interviews"] == [{"overallScore": 40.0, "machineScore": 78.5}]


async def test_an_override_is_told_in_the_event_stream(gateway: GatewayBench) -> None:
    await gateway.submit()
    await update(gateway, 40, "I was there.", pipelineId=ANSWER.answer_id)
    stored = await gateway.parts.interviews.happenings_after(ANSWER.organization, ANSWER.interview_id, 1)
    assert [(each.sequence, each.type, each.data["overallScore"]) for each in stored] == [
        (2, "score.overridden", 40.0)
    ]
    assert stored[0].data["pipelineId"] == ANSWER.answer_id
    headers = {"Authorization": f"Bearer {token()}"}
    path = f"/api/interview-record/{ANSWER.interview_id}/events"
    async with open_stream(gateway.app, path, headers) as stream:
        await stream.until("score.overridden")


async def test_both_changes_are_audited(gateway: GatewayBench) -> None:
    await data_of(gateway, CREATE, input=input_of(submission()))
    await update(gateway, 40, "I was there.")
    done = {(each.action, each.object_id) for each in await gateway.audited(ANSWER.organization)}
    assert done == {(each, ANSWER.interview_id) for each in ("interview.submit", "score.override")}


@pytest.mark.parametrize(
    ("score", "code"),
    [
        ({"overall": -0.5, "reason": "x"}, "invalid_input"),
        ({"overall": 100.5, "reason": "x"}, "invalid_input"),
        ({"overall": 1e308, "reason": "x"}, "invalid_input"),
        ({"overall": 50, "reason": "  "}, "invalid_input"),
        ({"overall": 50, "reason": "x" * 2_001}, "invalid_input"),
        ({"overall": 50, "reason": "a\x00b"}, "invalid_input"),
        ({"overall": 50, "reason": "x", "pipelineId": "elsewhere"}, "not_found"),
        ({"overall": "50", "reason": "x"}, "graphql_validation_failed"),
    ],
)
async def test_a_score_that_cannot_be_is_refused(
    gateway: GatewayBench, score: dict[str, Any], code: str
) -> None:
    await gateway.submit()
    assert await codes_of(gateway, UPDATE, id=ANSWER.interview_id, score=score) == [code]


async def test_overrides_come_to_an_end(gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overriding, "MOST_OVERRIDES", 1)
    await gateway.submit()
    await update(gateway, 1, "x")
    score = {"overall": 2, "reason": "x"}
    assert await codes_of(gateway, UPDATE, id=ANSWER.interview_id, score=score) == ["conflict"]
