"""Follows an interview to its end: by its event stream, and by asking when the stream breaks."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from vivavoce.cli.client import Gateway, GatewayAway
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.views import AnswerState, InterviewState, JobView

AGAIN_SECONDS = 1.0
SETTLE_SECONDS = 60.0
PROGRESS = frozenset({"stage", "share", "pipelineId"})


def follow_interview(gateway: Gateway, interview_id: str, within: float) -> Iterator[InterviewState]:
    """The interview's state at each change, the last one ended.

    Raises CommandFailed when there is no such interview or it hasn't ended after `within` seconds.
    """
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            for state in _one_stream(gateway, interview_id):
                yield state
                if state.ended:
                    return
                if time.monotonic() > until:
                    break
        except GatewayAway as away:
            pause(until, away)
    raise CommandFailed(f"The interview {interview_id} hasn't ended after {within:.0f} s; it still will.")


def _one_stream(gateway: Gateway, interview_id: str) -> Iterator[InterviewState]:
    state = _state(gateway, interview_id)
    yield state
    if state.ended:
        return
    for event in gateway.events(interview_id):
        state = _moved(state, event.data) if event.data.keys() >= PROGRESS else _state(gateway, interview_id)
        yield state
    yield _state(gateway, interview_id)


def _state(gateway: Gateway, interview_id: str) -> InterviewState:
    state = gateway.interview(interview_id)
    if state is None:
        raise CommandFailed(f"There is no interview {interview_id}.")
    return state


def _moved(state: InterviewState, progress: Mapping[str, Any]) -> InterviewState:
    """The state after one answer's progress, which alone doesn't end anything."""
    answers = tuple(_answer_moved(answer, progress) for answer in state.answers)
    return state.model_copy(update={"answers": answers})


def _answer_moved(answer: AnswerState, progress: Mapping[str, Any]) -> AnswerState:
    if answer.pipeline_id != progress["pipelineId"]:
        return answer
    moved = AnswerState.model_validate(
        {**answer.model_dump(), "stage": progress["stage"], "share": progress["share"]}
    )
    return moved if reach(moved) > reach(answer) else answer


def reach(answer: AnswerState) -> float:
    """How far an answer has come through all stages, 0 to 1."""
    stages = list(type(answer.stage))
    position, last = stages.index(answer.stage), len(stages) - 1
    if position in {0, last}:
        return position / last
    return (position - 1 + answer.share) / (last - 1)


def pause(until: float, away: GatewayAway | None = None) -> None:
    """Wait before asking again: as long as the gateway wishes, but not past `until`."""
    wish = away.retry_after if away is not None and away.retry_after is not None else 0.0
    time.sleep(max(0.0, min(max(AGAIN_SECONDS, wish), until - time.monotonic())))


def jobs_of(gateway: Gateway, state: InterviewState) -> list[JobView]:
    """How each answer of an ended interview ended; waits for facts that are still on their way."""
    until = time.monotonic() + SETTLE_SECONDS
    return [_job_of(gateway, answer, until) for answer in state.answers]


def _job_of(gateway: Gateway, answer: AnswerState, until: float) -> JobView:
    while True:
        away: GatewayAway | None = None
        try:
            job = gateway.job(answer.pipeline_id)
        except GatewayAway as error:
            job, away = None, error
        if job is not None:
            return job
        if time.monotonic() > until:
            missing = f"The result of {answer.question_id} hasn't come after the interview's end."
            raise away or CommandFailed(missing)
        pause(until, away)
