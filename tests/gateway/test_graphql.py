"""GraphQL over the same read model, typed and limited."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.asking import answered
from tests.support.gateway import GatewayBench, question, submission
from tests.support.interview_facts import SAID, AnswerFacts, put_transcript
from vivavoce.gateway.interviews import repository

ANSWER = AnswerFacts()
JSON = {"Content-Type": "application/json"}
WHOLE = """
query Whole($id: ID!) {
  interview(id: $id) {
    status overallScore integrityBand position { title } competencies { name weight score reason }
    answers {
      id questionText status stage reason
      transcript { text duration language reason }
      score { overall criteria { name evidence { quote start end } }
        competencies { name reason } versions { judge models { name } } }
      observables { name value unit }
      integrity { band events { kind severity values { name value } } }
    }
  }
}
"""


async def ask(gateway: GatewayBench, query: str, role: str = "admin", **body: Any) -> dict[str, Any]:
    async with gateway.client(role=role) as client:
        response = await client.post("/graphql", json={"query": query, **body})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_an_interview_is_read_with_its_answers_scores_and_transcript(gateway: GatewayBench) -> None:
    await gateway.submit()
    features = ANSWER.features(await put_transcript(gateway.store))
    await gateway.tell(features, ANSWER.proctored(), ANSWER.scored(), ANSWER.completed())
    body = await ask(gateway, WHOLE, variables={"id": ANSWER.interview_id}, operationName="Whole")
    interview = body["data"]["interview"]
    answer = interview["answers"][0]
    assert (interview["status"], interview["overallScore"]) == ("completed", 78.5)
    assert interview["competencies"][1] == {
        "name": "teamwork",
        "weight": 0.4,
        "score": None,
        "reason": "not_touched",
    }
    assert answer["score"]["competencies"][1] == {"name": "teamwork", "reason": "not_touched"}
    assert answer["transcript"]["text"] == SAID
    assert answer["score"]["criteria"][0]["evidence"][0]["start"] == 12.4
    assert answer["integrity"]["events"][0]["kind"] == "LOOKING_AWAY"


async def test_an_interview_that_is_worked_on_has_nulls(gateway: GatewayBench) -> None:
    await gateway.submit()
    body = await ask(gateway, WHOLE, variables={"id": ANSWER.interview_id})
    answer = body["data"]["interview"]["answers"][0]
    assert (answer["status"], answer["stage"], answer["score"]) == ("PROCESSING", "ACCEPTED", None)


async def test_an_unknown_interview_is_null(gateway: GatewayBench) -> None:
    assert (await ask(gateway, '{ interview(id: "x") { id } }'))["data"] == {"interview": None}


async def test_interviews_are_found_by_submitter_latest_first(gateway: GatewayBench) -> None:
    await gateway.submit()
    await gateway.clock.advance(timedelta(minutes=1))
    await gateway.submit(request_id="req-2", questions=[question(1), question(2)])
    body = await ask(gateway, '{ interviews(userId: "user-1") { id answers { questionId } } }')
    found = body["data"]["interviews"]
    assert [len(interview["answers"]) for interview in found] == [2, 1]
    assert found[1]["id"] == ANSWER.interview_id


async def test_staff_finds_interviews_by_the_candidates_address(gateway: GatewayBench) -> None:
    await gateway.submit()
    query = '{ interviews(userId: "ADA.Y@example.org") { id } }'
    assert len((await ask(gateway, query, role="interviewer"))["data"]["interviews"]) == 1
    assert (await ask(gateway, query, role="candidate"))["data"]["interviews"] == []


async def test_no_answer_is_cut_off_however_many_a_query_reads(
    gateway: GatewayBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MOST_ANSWERS", 3)
    for number in range(5):
        await gateway.submit(request_id=f"req-{number}", questions=[question(1), question(2)])
    body = await ask(gateway, '{ interviews(userId: "user-1") { answers { questionId } } }')
    read = [[one["questionId"] for one in each["answers"]] for each in body["data"]["interviews"]]
    assert read == [["q1", "q2"]] * 5


async def test_staff_whose_own_id_is_an_address_finds_their_interviews_by_it(gateway: GatewayBench) -> None:
    async with gateway.client(subject="rec@acme.example") as client:
        await client.post("/api/interview-record", json=submission())
    query = '{ interviews(userId: "rec@acme.example") { id } }'
    assert len((await ask(gateway, query))["data"]["interviews"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        "{ interviews(userId: 1) { id } }",
        "{ nothing }",
        "{ interview(id: ",
        "{ interviewConnection(first: 0) { nodes { id } } }",
        "{ interviewConnection(first: 101) { nodes { id } } }",
        "{ " + " ".join(f'a{n}: interview(id: "x") {{ id }}' for n in range(21)) + " }",
        '{ interview(id: "x") { ' + "id " * 2100 + "} }",
        "mutation { drop }",
        "",
    ],
)
async def test_a_query_beyond_the_schema_or_its_limits_is_told_so(gateway: GatewayBench, query: str) -> None:
    async with gateway.client() as client:
        response = await client.post("/graphql", json={"query": query})
    body = response.json()
    assert response.status_code == (400 if not query else 200)
    assert body["errors"]


@pytest.mark.parametrize(
    "body",
    [
        {"query": "query A { __typename }", "operationName": "B"},
        {"query": "fragment Lonely on Interview { id }"},
    ],
)
async def test_a_document_without_the_operation_is_refused(
    gateway: GatewayBench, body: dict[str, str]
) -> None:
    async with gateway.client() as client:
        response = await client.post("/graphql", json=body)
    assert response.status_code == 400
    assert "operation" in response.json()["errors"][0]["message"]


async def test_depth_is_limited(tmp_path: Path) -> None:
    body = await answered(
        GatewayBench(tmp_path, graphql_max_depth=2),
        '{ interview(id: "x") { answers { score { overall } } } }',
    )
    assert "depth" in body["errors"][0]["message"]


async def test_variables_that_utf8_cannot_carry_are_refused(gateway: GatewayBench) -> None:
    content = '{"query": "query($i: ID!) { interview(id: $i) { id } }", "variables": {"i": "\\ud800"}}'
    async with gateway.client() as client:
        response = await client.post(
            "/graphql", content=content, headers={"Content-Type": "application/json"}
        )
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["fields"][0]["path"] == "body"


async def test_a_fault_of_ours_is_told_without_its_inside(gateway: GatewayBench) -> None:
    await ask(gateway, "{ __typename }")
    gateway.database.away = True
    body = await ask(gateway, '{ interview(id: "x") { id } }')
    gateway.database.away = False
    assert body["data"] == {"interview": None}
    assert body["errors"][0]["extensions"]["code"] == "infrastructure_away"
    assert "Traceback" not in str(body)


async def test_nobody_asks_without_credentials(gateway: GatewayBench) -> None:
    async with gateway.caller() as client:
        response = await client.post("/graphql", json={"query": "{ __typename }"})
    assert response.status_code == 401


async def test_the_schema_can_be_introspected(gateway: GatewayBench) -> None:
    body = await ask(gateway, "{ __schema { queryType { fields { name } } } }")
    names = [field["name"] for field in body["data"]["__schema"]["queryType"]["fields"]]
    assert names[:4] == ["interview", "interviews", "interviewConnection", "analytics"]
    assert names[4:8] == ["webhooks", "webhook", "webhookDeliveries", "webhookDelivery"]
    assert names[8:] == ["webhookConnection", "webhookDeliveryConnection"]
