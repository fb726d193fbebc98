"""A running stack shows one trace from a request to a webhook, through all processes and their workers."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from tests.support.live import Asked, LiveStack, body_of
from tests.support.recordings_site import RecordingsSite
from tests.support.subscriber import subscribed

pytestmark = pytest.mark.timeout(600)
CORRELATION = "one-trace-through-everything"
SPANS_LATE_SECONDS = 4.0


@pytest.fixture(scope="module")
async def spans(stack: LiveStack, recordings: RecordingsSite) -> list[dict[str, Any]]:
    """The spans of an interview with one recording that is only heard, and of all that it led to."""
    async with subscribed(stack) as subscriber:
        body = body_of((Asked("q1", recordings.file("sound-only.m4a")),))
        answered = await stack.client.post(
            "/api/interview-record", json=body, headers={"X-Correlation-ID": CORRELATION}
        )
        interview_id = answered.json()["interviewRecordId"]
        await stack.ended(interview_id, within=240)
        await subscriber.told_of(interview_id, facts=2, within=90)
    await asyncio.sleep(SPANS_LATE_SECONDS)
    traces = json.loads(await asyncio.to_thread(stack.viva, "trace", CORRELATION, "--json"))
    (found,) = [each for each in traces.values() if SUBMISSION in names(each)]
    return list(found)


SUBMISSION = "POST /api/interview-record"


def names(spans: Iterable[dict[str, Any]]) -> set[str]:
    return {span["name"] for span in spans}


def way_to(span: dict[str, Any], spans: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """Service and name of a span and of all above it."""
    by_id = {each["id"]: each for each in spans}
    way, at = [(span["service"], span["name"])], by_id.get(span["parent"])
    while at is not None:
        way.append((at["service"], at["name"]))
        at = by_id.get(at["parent"])
    return way


async def test_one_tree_holds_everything(spans: list[dict[str, Any]]) -> None:
    known = {span["id"] for span in spans}
    assert [span["name"] for span in spans if span["parent"] not in known] == [SUBMISSION]
    assert {span["service"] for span in spans} == {
        *("gateway", "media", "proctoring", "evaluation", "notifier")
    }
    assert not [span["name"] for span in spans if span["failed"]]


async def test_it_ends_at_the_subscriber(spans: list[dict[str, Any]]) -> None:
    sent = [span for span in spans if span["name"] == "POST webhook"]
    assert len(sent) == 2
    for span in sent:
        way = way_to(span, spans)
        assert ("notifier", "deliver webhook") in way
        assert ("media", "fetch recording") in way
        assert way[-1] == ("gateway", SUBMISSION)


async def test_what_models_did_in_other_processes_is_among_it(spans: list[dict[str, Any]]) -> None:
    by_id = {span["id"]: span for span in spans}
    heard = [span for span in spans if span["name"].startswith("transcribe ")]
    assert [by_id[span["parent"]]["name"] for span in heard] == ["analyse"]
    assert [span["service"] for span in heard] == ["media"]
    judged = [span for span in spans if span["name"].startswith("judge ")]
    assert [span["service"] for span in judged] == ["evaluation"]


async def test_what_was_measured_leads_to_traces(stack: LiveStack, spans: list[dict[str, Any]]) -> None:
    accept = {"accept": "application/openmetrics-text; version=1.0.0"}
    response = await stack.client.get("/metrics", headers=accept)
    assert response.status_code == httpx.codes.OK
    assert 'route="/api/interview-record"' in response.text
    assert '# {trace_id="' in response.text
    assert "viva_consumer_lag{" in response.text
