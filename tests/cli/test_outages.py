"""A gateway that can't serve for a while is waited for; an interview goes on without its caller."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import StringIO
from typing import Any

import httpx
import pytest
from rich.console import Console

from vivavoce.cli import following, interviews
from vivavoce.cli.client import Gateway, GatewayAway
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.interviews import Finished, run_interview
from vivavoce.cli.submission import Candidate, Position
from vivavoce.cli.views import InterviewState, JobView

ADDRESS = "https://media.example/1.mp4"
REFUSED = httpx.Response(400, json={"error": "No."})
SUBMIT = "/api/interview-record"
STATE = f"{SUBMIT}/i1"
JOB = "/api/job-result/by-job/p1"


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made; none of them takes time."""
    pauses: list[float] = []
    monkeypatch.setattr("vivavoce.cli.following.time.sleep", pauses.append)
    return pauses


class Flaky:
    """A gateway that answers each path with the next of its outages, then well."""

    def __init__(self, outages: Mapping[str, Sequence[httpx.Response | httpx.HTTPError]]) -> None:
        self.outages = {path: list(given) for path, given in outages.items()}
        self.submitted: list[dict[str, Any]] = []
        transport = httpx.MockTransport(self.answer)
        self.gateway = Gateway("http://x", http=httpx.Client(base_url="http://x", transport=transport))

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The next outage of this path, or what a healthy gateway says."""
        if request.method == "POST":
            self.submitted.append(json.loads(request.content))
        outages = self.outages.get(request.url.path, [])
        if not outages:
            return httpx.Response(200, json=HEALTHY[request.url.path])
        outage = outages.pop(0)
        if isinstance(outage, httpx.HTTPError):
            raise outage
        return outage

    def run(self) -> Finished:
        """Submit one answer and follow it to its end."""
        answers = [(ADDRESS, "Why?")]
        self.out = StringIO()
        return run_interview(self.gateway, answers, Position(), Candidate(), Console(file=self.out), 60)


ENDED = {"pipelineId": "p1", "questionId": "q1", "status": "success", "stage": "ended", "share": 1.0}
HEALTHY: dict[str, dict[str, Any]] = {
    SUBMIT: {"interviewRecordId": "i1", "pipelines": [{"questionId": "q1", "pipelineId": "p1"}]},
    STATE: {"interviewRecordId": "i1", "status": "completed", "share": 1.0, "answers": [ENDED]},
    JOB: {"status": "success", "pipelineId": "p1", "questionId": "q1"},
}


def away(status: int, retry_after: str | None = None) -> httpx.Response:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return httpx.Response(status, json={"error": "Not now."}, headers=headers)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("path", [SUBMIT, STATE, JOB])
def test_an_outage_anywhere_on_the_way_is_waited_for(path: str, status: int, slept: list[float]) -> None:
    flaky = Flaky({path: [away(status), httpx.ConnectError("refused"), away(status)]})
    finished = flaky.run()
    assert finished.state.status == "completed"
    assert [job.status for job in finished.jobs] == ["success"]
    assert slept == [following.AGAIN_SECONDS] * 3


def test_a_submission_is_repeated_under_its_request_id_and_says_so(slept: list[float]) -> None:
    flaky = Flaky({SUBMIT: [httpx.ReadTimeout("late"), away(503)]})
    flaky.run()
    first, *repeats = flaky.submitted
    assert len(repeats) == 2
    assert all(repeat == first for repeat in repeats)
    assert flaky.out.getvalue().count("Trying again") == 2


def test_a_refused_submission_is_not_repeated(slept: list[float]) -> None:
    flaky = Flaky({SUBMIT: [REFUSED]})
    with pytest.raises(CommandFailed, match=r"refuses \(400\): No"):
        flaky.run()
    assert (len(flaky.submitted), slept) == (1, [])


def test_a_submission_is_given_up_in_the_end(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interviews, "SUBMIT_SECONDS", -1.0)
    with pytest.raises(GatewayAway, match="Not now"):
        Flaky({SUBMIT: [away(503)]}).run()


@pytest.mark.parametrize("path", [SUBMIT, STATE, JOB])
def test_the_gateways_wish_is_honoured(path: str, slept: list[float]) -> None:
    Flaky({path: [away(503, "7")]}).run()
    assert slept == [7.0]


def test_the_gateways_wish_may_be_a_date(slept: list[float]) -> None:
    Flaky({JOB: [away(503, format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))]}).run()
    assert 20 < slept[0] <= 30


def test_no_wish_is_waited_for_longer_than_the_caller_would(slept: list[float]) -> None:
    Flaky({STATE: [away(503, "86400")]}).run()
    assert slept[0] <= 60


def test_an_event_stream_that_is_refused_for_now_is_taken_up_again(slept: list[float]) -> None:
    processing = {**HEALTHY[STATE], "status": "processing"}
    flaky = Flaky({STATE: [httpx.Response(200, json=processing)], f"{STATE}/events": [away(503)]})
    assert flaky.run().state.status == "completed"


def states(status: str, *jobs: str) -> Finished:
    state = InterviewState.model_validate({**HEALTHY[STATE], "status": status})
    told = [{**HEALTHY[JOB], "status": job, "questionId": f"q{number}"} for number, job in enumerate(jobs, 1)]
    return Finished(state, tuple(JobView.model_validate(one) for one in told), {})


@pytest.mark.parametrize(
    ("finished", "said"),
    [
        (states("completed", "success"), None),
        (states("partial", "success", "failed"), "The interview ended as partial; without a result: q2."),
        (states("failed", "failed", "failed"), "The interview ended as failed; without a result: q1, q2."),
        (states("failed", "success"), "The interview ended as failed: none of its answers has a score."),
    ],
)
def test_a_disappointing_end_is_told_in_a_sentence(finished: Finished, said: str | None) -> None:
    assert finished.disappointment == said
