"""Whatever is behind an answer's address, the answer ends with a result or a reason, and nothing is lost.

All rows are one interview of the running stack: a row is an address, how its answer ends, and why.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.live import Asked, LiveStack, pipelines_of
from tests.support.recordings_site import RecordingsSite


@dataclass(frozen=True)
class Row:
    """One address; `file` and `page` are served by the site, `url` is taken as it is."""

    name: str
    status: str
    reason: str | None = None
    file: str | None = None
    page: str | None = None
    url: str | None = None
    voice: bool = True
    face: bool = True

    def address(self, site: RecordingsSite) -> str:
        if self.file is not None:
            return site.file(self.file)
        return self.url if self.url is not None else site.page(self.page or "")


ROWS = (
    Row("fine", "success", file="fine.mp4"),
    Row("404", "failed", "not_found", page="status-to-404"),
    Row("403", "failed", "access_denied", page="status-to-403"),
    Row("always 500", "failed", "server_error", page="status-to-500"),
    Row("500 then fine", "success", page="fails-once"),
    Row("broken transfer", "success", page="breaks-once"),
    Row("never answers", "failed", "download_timeout", page="never-sends"),
    Row("drips", "failed", "download_timeout", page="drips"),
    Row("redirect loop", "failed", "too_many_redirects", page="loops"),
    Row("redirect to a private address", "failed", "forbidden_address", page="redirect?to=http://10.0.0.1/a"),
    Row("private address", "failed", "forbidden_address", url="http://192.168.7.7/answer.mp4"),
    Row("metadata address", "failed", "forbidden_address", url="http://169.254.169.254/latest"),
    Row("unknown host", "failed", "unresolvable_host", url="http://nowhere.invalid/answer.mp4"),
    Row("nobody listens", "failed", "unreachable", url="http://127.0.0.1:9/answer.mp4"),
    Row("larger than announced", "failed", "download_too_large", page="endless"),
    Row("less than announced", "failed", "truncated", page="always-breaks"),
    Row("HTML", "failed", "not_media", file="page.mp4"),
    Row("empty", "failed", "empty_file", file="empty.mp4"),
    Row("truncated", "failed", "truncated", file="truncated.mp4"),
    Row("a picture", "failed", "still_picture", file="picture.mp4"),
    Row("too long", "failed", "too_long", file="too-long.m4a"),
    Row("8K", "failed", "resolution_too_high", file="eight-k.mp4"),
    Row("wrong extension", "success", file="wrong-extension.txt"),
    Row("rotated", "success", file="rotated.mp4"),
    Row("variable frame rate", "success", file="variable.mp4"),
    Row("sound only", "success", file="sound-only.m4a", face=False),
    Row("video without sound", "success", "no_audio", file="no-sound.mp4", voice=False),
    Row("silence", "success", "silent_audio", file="silence.mp4", voice=False),
    Row("black picture", "success", "silent_audio", file="black.mp4", voice=False, face=False),
    Row("music only", "success", "insufficient_speech", file="music.mp4", voice=False),
    Row("another language", "success", "low_asr_confidence", file="turkish.mp4", voice=False),
)


@pytest.fixture(scope="session")
async def results(stack: LiveStack, recordings: RecordingsSite) -> dict[str, dict[str, Any]]:
    """Every row's job result, once the interview of all rows has ended."""
    asked = [Asked(row.name, row.address(recordings)) for row in ROWS]
    answered = await stack.submit(*asked)
    await stack.ended(answered["interviewRecordId"], within=400)
    pipelines = pipelines_of(answered)
    responses = {row.name: await stack.result(pipelines[row.name]) for row in ROWS}
    assert {response.status_code for response in responses.values()} == {200}
    return {name: response.json() for name, response in responses.items()}


@pytest.mark.timeout(500)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_an_answer_ends_as_its_recording_deserves(row: Row, results: dict[str, dict[str, Any]]) -> None:
    result = results[row.name]
    assert result["status"] == row.status, result
    if row.status == "failed":
        assert (result["reason"], bool(result["message"]), bool(result["advice"])) == (row.reason, True, True)
        return
    scores = result["result"]
    assert row.reason in (None, scores["reasons"].get("evaluationResult.overallScore")), scores["reasons"]
    assert (scores["voiceScores"]["clarity"] is not None) == row.voice, scores["voiceScores"]
    assert (scores["faceScores"]["engagement"] is not None) == row.face, scores["faceScores"]
    assert bool(scores["transcription"]["text"]) == row.voice, scores["transcription"]


async def test_bad_recordings_leave_no_dead_letters(stack: LiveStack, results: dict[str, Any]) -> None:
    assert results
    assert stack.dead_letters() == []
