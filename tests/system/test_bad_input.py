"""Whatever is handed in, the caller is told at once, or the answer ends with a result or a reason.

A request that can't be accepted is refused by name and leaves nothing behind. All recordings are
answers of one interview of the running stack.
"""

from typing import Any

import pytest

from tests.support.bad_input import (
    NOWHERE,
    Recording,
    Request,
    Row,
    address,
    asking,
    changed,
    content,
    file,
    page,
    question,
    questions,
    twice_the_same_question,
    video,
    weights,
)
from tests.support.live import ENDED, Asked, LiveStack, body_of, eventually, pipelines_of
from tests.support.recordings_site import RecordingsSite

SUBMISSIONS = "/api/interview-record"
JSON = {"content-type": "application/json"}
CANDIDATE = body_of(())["application"]["candidate"]["email"]
BIDI_TEXT = "\u202eأكبر\u202c Sorun neydi? 问题"
INVALID, FORBIDDEN, TIMEOUT = "invalid_input", "forbidden_address", "download_timeout"
TOO_LARGE, TOO_LITTLE, FOREIGN = "download_too_large", "insufficient_speech", "low_asr_confidence"

REQUESTS: tuple[Row[Request], ...] = (
    Row("nothing", content(""), 400, INVALID),
    Row("half of JSON", content("{"), 400, INVALID, "body"),
    Row("a list", content("[]"), 400, INVALID, "body"),
    Row("null", content("null"), 400, INVALID, "body"),
    Row("a text", content('"text"'), 400, INVALID, "body"),
    Row("not a number", content('{"meta": NaN}'), 400, INVALID, "meta"),
    Row("a byte order mark", content("\ufeff{}"), 400, INVALID, "meta"),
    Row("not UTF-8", content("\xff", "latin-1"), 400),
    Row("no meta", changed(lambda body: body.pop("meta")), 400, INVALID, "meta"),
    Row("no text", changed(lambda body: question(body).pop("questionText")), 400, INVALID, "questionText"),
    Row("extra fields", changed(lambda body: body.update(surprise={"deep": [1, 2]})), 202),
    Row("no questions", changed(questions(0)), 400, INVALID, "questions"),
    Row("201 questions", changed(questions(201)), 400, INVALID, "questions"),
    Row("10,000 questions", changed(questions(10_000)), 413, "too_large"),
    Row("duplicate question ids", changed(twice_the_same_question), 400, INVALID, "questions"),
    Row("an id that is a number", changed(lambda body: question(body).update(id=7)), 400, INVALID, "id"),
    Row("an empty id", changed(lambda body: question(body).update(id="")), 400, INVALID, "id"),
    Row("990 kB in a field", changed(asking("x" * 990_000)), 400, INVALID, "questionText"),
    Row("1.1 MB in a field", changed(asking("x" * 1_100_000)), 413, "too_large"),
    Row("NUL in a text", changed(asking("a\x00b")), 400, INVALID, "questionText"),
    Row("bidi characters", changed(asking(BIDI_TEXT)), 202),
    Row("file address", changed(video("file:///etc/passwd")), 400, INVALID, "url"),
    Row("ftp address", changed(video("ftp://media.example.com/a.mp4")), 400, INVALID, "url"),
    Row("no address", changed(video("answer.mp4")), 400, INVALID, "url"),
    Row("address without a host", changed(video("https://")), 400, INVALID, "url"),
    Row("negative weight", changed(weights(teamwork=-1)), 400, INVALID, "competencyWeights"),
    Row("weights of nothing", changed(weights(teamwork=0)), 400, INVALID, "competencyWeights"),
    Row("weight that is a text", changed(weights(teamwork="much")), 400, INVALID, "competencyWeights"),
)
RECORDINGS: tuple[Row[Recording], ...] = (
    Row("fine", file("fine.mp4"), "success"),
    Row("404", page("status-to-404"), "failed", "not_found"),
    Row("403", page("status-to-403"), "failed", "access_denied"),
    Row("always 500", page("status-to-500"), "failed", "server_error"),
    Row("500 then fine", page("fails-once"), "success"),
    Row("broken transfer", page("breaks-once"), "success"),
    Row("never answers", page("never-sends"), "failed", TIMEOUT),
    Row("drips one byte a second", page("drips-by-the-second"), "failed", TIMEOUT),
    Row("drips its header", page("drips-its-header"), "failed", TIMEOUT),
    Row("redirect loop", page("loops"), "failed", "too_many_redirects"),
    Row("redirect to a private address", page("redirect?to=http://10.0.0.1/a"), "failed", FORBIDDEN),
    Row("redirect to a private name", page("redirect?to=http://intranet.example/a"), "failed", FORBIDDEN),
    Row("private address", address("http://192.168.7.7/answer.mp4"), "failed", FORBIDDEN),
    Row("private address, spelled oddly", address("http://0x0a000001/answer.mp4"), "failed", FORBIDDEN),
    Row("name of a private address", address("http://intranet.example/answer.mp4"), "failed", FORBIDDEN),
    Row("metadata address", address("http://169.254.169.254/latest"), "failed", FORBIDDEN),
    Row("unknown host", address("http://nowhere.invalid/answer.mp4"), "failed", "unresolvable_host"),
    Row("nobody listens", address(NOWHERE), "failed", "unreachable"),
    Row("too large, as announced", page("announces-much"), "failed", TOO_LARGE),
    Row("too large, unannounced", page("endless"), "failed", TOO_LARGE),
    Row("too large, announced as little", page("swells"), "failed", TOO_LARGE),
    Row("too large, under two lengths", page("contradicts-itself"), "failed", "server_error"),
    Row("more than announced", page("overflows"), "success"),
    Row("less than announced", page("always-breaks"), "failed", "truncated"),
    Row("HTML", file("page.mp4"), "failed", "not_media"),
    Row("empty", file("empty.mp4"), "failed", "empty_file"),
    Row("truncated", file("truncated.mp4"), "failed", "truncated"),
    Row("a picture", file("picture.mp4"), "failed", "still_picture"),
    Row("too long", file("too-long.m4a"), "failed", "too_long"),
    Row("8K", file("eight-k.mp4"), "failed", "resolution_too_high"),
    Row("wrong extension", file("wrong-extension.txt"), "success"),
    Row("rotated", file("rotated.mp4"), "success"),
    Row("variable frame rate", file("variable.mp4"), "success"),
    Row("sound only", file("sound-only.m4a"), "success", face="no_video"),
    Row("black picture", file("black.mp4"), "success", face="no_visible_face"),
    Row("video without sound", file("no-sound.mp4"), "success", "no_audio", voice="no_audio"),
    Row("silence", file("silence.mp4"), "success", "silent_audio", voice="silent_audio"),
    Row("noise without speech", file("noise.mp4"), "success", TOO_LITTLE, voice=TOO_LITTLE),
    Row("music only", file("music.mp4"), "success", TOO_LITTLE, voice=TOO_LITTLE),
    Row("another language", file("turkish.mp4"), "success", FOREIGN, voice=FOREIGN),
)


@pytest.fixture(scope="module")
async def results(stack: LiveStack, recordings: RecordingsSite) -> dict[str, dict[str, Any]]:
    """Every recording's job result, once the interview of all of them has ended."""
    asked = [Asked(row.name, row.given(recordings)) for row in RECORDINGS]
    answered = await stack.submit(*asked)
    await stack.ended(answered["interviewRecordId"], within=400)
    pipelines = pipelines_of(answered)
    responses = {row.name: await stack.result(pipelines[row.name]) for row in RECORDINGS}
    assert {response.status_code for response in responses.values()} == {200}
    return {name: response.json() for name, response in responses.items()}


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row.name)
async def test_a_request_is_answered_as_it_deserves(stack: LiveStack, row: Row[Request]) -> None:
    answered = await stack.client.post(SUBMISSIONS, content=row.given(), headers=JSON)
    told = answered.json()
    assert answered.status_code == row.state, told
    assert (told.get("details") or {}).get("code") == row.reason, told
    fields = [problem["path"] for problem in told.get("fields") or []]
    assert row.field is None or any(row.field in path for path in fields), told
    if row.state != 202:
        assert told["error"]
        assert told["correlationId"] == answered.headers["x-correlation-id"]


@pytest.mark.timeout(500)
@pytest.mark.parametrize("row", RECORDINGS, ids=lambda row: row.name)
async def test_an_answer_ends_as_its_recording_deserves(
    row: Row[Recording], results: dict[str, dict[str, Any]]
) -> None:
    result = results[row.name]
    assert result["status"] == row.state, result
    if row.state == "failed":
        assert (result["reason"], bool(result["message"]), bool(result["advice"])) == (row.reason, True, True)
        return
    told = result["result"]
    assert why_null(told, "evaluationResult", "overallScore") == {row.reason}
    assert why_null(told, "voiceScores", "speech_rate", "clarity", "confidence") == {row.voice}
    assert why_null(told, "faceScores", "eye_contact", "engagement", "confidence") == {row.face}
    assert bool(told["transcription"]["text"]) == (row.voice is None), told["transcription"]


def why_null(told: dict[str, Any], family: str, *names: str) -> set[str | None]:
    """The reasons of a family's numbers; None stands for a number that is there and has no reason."""
    found = {name: told["reasons"].get(f"{family}.{name}") for name in names}
    assert {name for name in names if told[family][name] is None} == {name for name in found if found[name]}
    return set(found.values())


async def test_any_language_is_kept_as_it_came(stack: LiveStack) -> None:
    answered = await stack.submit(Asked("q1", NOWHERE, BIDI_TEXT))
    query = "query($id: ID!) { interview(id: $id) { answers { questionText } } }"
    asked = {"query": query, "variables": {"id": answered["interviewRecordId"]}}
    told = (await stack.client.post("/graphql", json=asked)).json()
    assert told["data"]["interview"]["answers"] == [{"questionText": BIDI_TEXT}]


async def test_odd_weights_are_normalized_and_said_so(stack: LiveStack) -> None:
    odd = changed(weights(teamwork=3, writing=1))
    answered = await stack.client.post(SUBMISSIONS, content=odd(), headers=JSON)
    assert answered.status_code == 202
    assert answered.json()["warnings"]


async def test_a_repeat_is_answered_alike_and_a_contradiction_refused(stack: LiveStack) -> None:
    body = body_of((Asked("q1", NOWHERE),))
    first = await stack.client.post(SUBMISSIONS, json=body)
    again = await stack.client.post(SUBMISSIONS, json=body)
    asking("Another question?")(body)
    contradiction = await stack.client.post(SUBMISSIONS, json=body)
    assert (first.status_code, again.status_code, contradiction.status_code) == (202, 200, 409)
    assert again.json() == first.json()


async def test_an_unknown_result_is_the_documented_404(stack: LiveStack) -> None:
    answered = await stack.client.get("/api/job-result/never-seen")
    assert answered.status_code == 404
    assert answered.json() == {"status": "not_found", "message": "Sonuç bulunamadı."}


async def test_no_bad_input_leaves_a_dead_letter(stack: LiveStack, results: dict[str, Any]) -> None:
    query = "query($who: String!) { interviews(userId: $who) { status } }"

    async def all_ended() -> bool:
        asked = {"query": query, "variables": {"who": CANDIDATE}}
        told = (await stack.client.post("/graphql", json=asked)).json()
        return all(interview["status"] in ENDED for interview in told["data"]["interviews"])

    assert len(results) == len(RECORDINGS)
    await eventually(all_ended, within=60)
    assert stack.dead_letters() == []
