"""An interview is followed to its end over its event stream, and over breaks of the stream."""

import json
from collections.abc import Iterator, Mapping
from io import StringIO

import httpx
import pytest
from rich.console import Console

from vivavoce.cli import following
from vivavoce.cli.client import Gateway, parse_events
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.following import follow_interview, jobs_of, reach
from vivavoce.cli.progress import show_until_ended
from vivavoce.cli.views import AnswerState, InterviewState
from vivavoce.contracts import Stage


def state(status: str, stage: str, share: float = 0.0) -> dict[str, object]:
    answer = {"pipelineId": "p1", "questionId": "q1", "status": status, "stage": stage, "share": share}
    return {"interviewRecordId": "i1", "status": status, "share": share, "answers": [answer]}


def stream(*events: tuple[str, dict[str, object]]) -> httpx.Response:
    text = ": still here\n\n" + "".join(
        f"id: 1\nevent: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events
    )
    return httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})


def progress(stage: str, share: float) -> tuple[str, dict[str, object]]:
    return "pipeline.progress", {"pipelineId": "p1", "stage": stage, "share": share}


def gateway(states: Iterator[httpx.Response], streams: Iterator[httpx.Response]) -> Gateway:
    def answer(request: httpx.Request) -> httpx.Response:
        return next(streams if request.url.path.endswith("/events") else states)

    return Gateway("http://x", http=httpx.Client(base_url="http://x", transport=httpx.MockTransport(answer)))


def read(body: Mapping[str, object]) -> httpx.Response:
    return httpx.Response(200, json=body)


def test_progress_moves_an_answer_and_stored_facts_are_asked_for() -> None:
    states = iter([read(state("processing", "accepted")), read(state("completed", "ended", 1.0))])
    streams = iter(
        [
            stream(
                progress("fetching", 0.5), progress("analysing", 0.25), ("interview.completed", {"type": "x"})
            )
        ]
    )
    seen = list(follow_interview(gateway(states, streams), "i1", within=5))
    assert [(found.answers[0].stage, found.answers[0].share) for found in seen] == [
        ("accepted", 0.0),
        ("fetching", 0.5),
        ("analysing", 0.25),
        ("ended", 1.0),
    ]
    assert seen[-1].ended


def test_late_progress_never_moves_an_answer_back() -> None:
    states = iter([read(state("processing", "scoring", 0.5)), read(state("completed", "ended", 1.0))])
    streams = iter([stream(progress("fetching", 0.9))])
    seen = list(follow_interview(gateway(states, streams), "i1", within=5))
    assert [found.answers[0].stage for found in seen] == ["scoring", "scoring", "ended"]


def test_a_broken_stream_is_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AGAIN_SECONDS", 0.0)

    states = iter(
        [
            read(state("processing", "accepted")),
            read(state("processing", "scoring")),
            read(state("failed", "ended", 1.0)),
        ]
    )
    calls = iter([None, stream(("score.generated", {}))])

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/events"):
            return next(states)
        found = next(calls)
        if found is None:
            raise httpx.ReadError("reset")
        return found

    client = httpx.Client(base_url="http://x", transport=httpx.MockTransport(answer))
    seen = list(follow_interview(Gateway("http://x", http=client), "i1", within=5))
    assert seen[-1].status == "failed"


def test_an_unknown_interview_is_named() -> None:
    missing = iter([httpx.Response(404, json={"error": "There is no interview i1."})])
    with pytest.raises(CommandFailed, match="There is no interview i1"):
        list(follow_interview(gateway(missing, iter([])), "i1", within=5))


def test_results_that_are_still_on_their_way_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AGAIN_SECONDS", 0.0)
    failed = {"status": "failed", "pipelineId": "p1", "questionId": "q1", "reason": "not_found"}
    answers = iter([httpx.Response(404, json={"status": "not_found"}), read(failed)])
    ended = InterviewState.model_validate(state("partial", "ended", 1.0))
    (job,) = jobs_of(gateway(answers, iter([])), ended)
    assert job.reason == "not_found"


def test_a_refusal_is_told_in_the_gateways_words() -> None:
    refused = iter([httpx.Response(409, json={"error": "Another body.", "correlationId": "c"})])
    with pytest.raises(CommandFailed, match=r"refuses \(409\): Another body\."):
        gateway(refused, iter([])).submit({})


def test_comments_and_events_without_data_are_left_out() -> None:
    lines = iter(
        [": hello", "", "event: a", "data: {", 'data: "x": 1}', "", "event: empty", "", "data:{}", ""]
    )
    assert [(event.name, event.data) for event in parse_events(lines)] == [("a", {"x": 1}), ("message", {})]


@pytest.mark.parametrize(
    ("stage", "share", "expected"),
    [("accepted", 0.9, 0.0), ("fetching", 0.5, 1 / 6), ("scoring", 1.0, 1.0), ("ended", 0.0, 1.0)],
)
def test_stages_weigh_alike(stage: Stage, share: float, expected: float) -> None:
    answer = AnswerState(
        pipeline_id="p", question_id="q", status="processing", stage=Stage(stage), share=share
    )
    assert reach(answer) == pytest.approx(expected)


def test_without_a_terminal_each_stage_is_one_line() -> None:
    states = [
        InterviewState.model_validate(state("processing", stage, 0.5)) for stage in ("fetching", "fetching")
    ]
    states.append(InterviewState.model_validate(state("completed", "ended", 1.0)))
    out = StringIO()
    last = show_until_ended(states, {"q1": "Why [red]us[/]?"}, Console(file=out))
    assert out.getvalue().splitlines() == ["q1 Why [red]us[/]?: fetching", "q1 Why [red]us[/]?: ended"]
    assert last.ended


def test_in_a_terminal_each_answer_has_a_bar() -> None:
    states = [InterviewState.model_validate(state("completed", "ended", 1.0))]
    out = StringIO()
    show_until_ended(states, {"q1": "Why us?"}, Console(file=out, force_terminal=True, width=100))
    assert "q1 Why us?" in out.getvalue()
    assert "ended" in out.getvalue()
