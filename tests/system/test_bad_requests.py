"""A request that can't be accepted is refused by name, at once, and leaves nothing behind."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.live import Asked, LiveStack, body_of

Body = dict[str, Any]
Change = Callable[[Body], object]
BIDI_TEXT = "\u202eأكبر\u202c Sorun neydi? 问题"
FINE = Asked("q1", "https://media.example.com/answer.mp4")


def question(body: Body) -> Body:
    first: Body = body["interview"]["questions"][0]
    return first


def video(url: str) -> Change:
    return lambda body: question(body)["video"].update(url=url)


def weights(**shares: object) -> Change:
    return lambda body: body["interview"]["position"].update(competencyWeights=shares)


def questions(count: int) -> Change:
    return lambda body: body["interview"].update(
        questions=[dict(question(body), id=f"q{n}") for n in range(count)]
    )


REFUSED: dict[str, tuple[Change, int, str]] = {
    "no meta": (lambda body: body.pop("meta"), 400, "meta"),
    "no question text": (lambda body: question(body).pop("questionText"), 400, "questionText"),
    "no questions": (questions(0), 400, "questions"),
    "201 questions": (questions(201), 400, "questions"),
    "duplicate question ids": (
        lambda body: body["interview"].update(questions=[question(body), question(body)]),
        400,
        "questions",
    ),
    "an id that is a number": (lambda body: question(body).update(id=7), 400, "id"),
    "an empty id": (lambda body: question(body).update(id=""), 400, "id"),
    "NUL in a text": (lambda body: question(body).update(questionText="a\x00b"), 400, "questionText"),
    "file address": (video("file:///etc/passwd"), 400, "url"),
    "ftp address": (video("ftp://media.example.com/a.mp4"), 400, "url"),
    "no address": (video("answer.mp4"), 400, "url"),
    "address without a host": (video("https://"), 400, "url"),
    "negative weight": (weights(teamwork=-1), 400, "competencyWeights"),
    "weights of nothing": (weights(teamwork=0), 400, "competencyWeights"),
    "weight that is a text": (weights(teamwork="much"), 400, "competencyWeights"),
    "10,000 questions": (questions(10_000), 413, ""),
    "1 MB in one field": (lambda body: question(body).update(questionText="x" * 1_100_000), 413, ""),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_wrong_body_is_refused_by_field(stack: LiveStack, name: str) -> None:
    change, status, field = REFUSED[name]
    body = body_of((FINE,))
    change(body)
    answered = await stack.client.post("/api/interview-record", json=body)
    refusal = answered.json()
    assert answered.status_code == status, refusal
    assert refusal["error"]
    assert refusal["correlationId"] == answered.headers["x-correlation-id"]
    assert field in str(refusal.get("fields", ""))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"meta": NaN}', '"text"', "\ufeff{}", "\xff"])
async def test_what_is_not_a_submission_is_refused(stack: LiveStack, text: str) -> None:
    headers = {"content-type": "application/json"}
    answered = await stack.client.post(
        "/api/interview-record", content=text.encode("latin-1", "replace"), headers=headers
    )
    assert answered.status_code == 400
    assert answered.json()["error"]


async def test_unknown_fields_are_ignored_and_any_language_is_kept(stack: LiveStack) -> None:
    body = body_of((Asked("q1", "http://127.0.0.1:9/a.mp4", BIDI_TEXT),))
    body["surprise"] = {"deep": [1, 2]}
    answered = await stack.client.post("/api/interview-record", json=body)
    assert answered.status_code == 202, answered.text
    query = "query($id: ID!) { interview(id: $id) { answers { questionText } } }"
    asked = {"query": query, "variables": {"id": answered.json()["interviewRecordId"]}}
    told = (await stack.client.post("/graphql", json=asked)).json()
    assert told["data"]["interview"]["answers"] == [{"questionText": BIDI_TEXT}]


async def test_odd_weights_are_normalized_and_said_so(stack: LiveStack) -> None:
    body = body_of((Asked("q1", "http://127.0.0.1:9/a.mp4"),))
    weights(teamwork=3, writing=1)(body)
    answered = await stack.client.post("/api/interview-record", json=body)
    assert answered.status_code == 202
    assert answered.json()["warnings"]


async def test_a_repeat_is_answered_alike_and_a_contradiction_refused(stack: LiveStack) -> None:
    body = body_of((Asked("q1", "http://127.0.0.1:9/a.mp4"),))
    first = await stack.client.post("/api/interview-record", json=body)
    again = await stack.client.post("/api/interview-record", json=body)
    question(body)["questionText"] = "Another question?"
    contradiction = await stack.client.post("/api/interview-record", json=body)
    assert (first.status_code, again.status_code, contradiction.status_code) == (202, 200, 409)
    assert again.json() == first.json()


async def test_an_unknown_result_is_the_documented_404(stack: LiveStack) -> None:
    answered = await stack.client.get("/api/job-result/never-seen")
    assert answered.status_code == 404
    assert answered.json() == {"status": "not_found", "message": "Sonuç bulunamadı."}
