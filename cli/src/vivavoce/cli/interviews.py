"""From recordings to a report: submit, follow, collect."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from vivavoce.cli.client import Gateway, GatewayAway
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.following import follow_interview, jobs_of, pause
from vivavoce.cli.progress import show_until_ended
from vivavoce.cli.serving import served
from vivavoce.cli.submission import Candidate, Position, Question, submission_body
from vivavoce.cli.views import AcceptedView, InterviewState, JobView
from vivavoce.contracts.ids import new_id

SCHEMES = ("http://", "https://")
SUBMIT_SECONDS = 60.0
NO_SCORE = "The interview ended as failed: none of its answers has a score."


@dataclass(frozen=True)
class Finished:
    """An interview that has ended; `titles` gives each question id its text."""

    state: InterviewState
    jobs: tuple[JobView, ...]
    titles: dict[str, str]

    @property
    def disappointment(self) -> str | None:
        """Why nobody would call this a success, in one sentence, or None."""
        without = [job.question_id for job in self.jobs if job.status == "failed"]
        if without:
            return f"The interview ended as {self.state.status}; without a result: {', '.join(without)}."
        return NO_SCORE if self.state.status == "failed" else None


def pair(sources: Sequence[str], questions: Sequence[str]) -> list[tuple[str, str]]:
    """Each recording with its question; one question may serve for all."""
    if len(questions) == 1:
        return [(source, questions[0]) for source in sources]
    if len(questions) != len(sources):
        raise CommandFailed(
            f"There are {len(sources)} recordings and {len(questions)} questions: "
            "give one --question for each recording, in order, or one for all."
        )
    return list(zip(sources, questions, strict=True))


@contextmanager
def addresses(sources: Sequence[str]) -> Iterator[list[str]]:
    """An address for each source; local files are served for the length of the block."""
    local = [Path(source) for source in sources if not source.startswith(SCHEMES)]
    for path in local:
        if not path.is_file():
            raise CommandFailed(f"There is no file {path}.")
    with served(local) as urls:
        remaining = iter(urls)
        yield [source if source.startswith(SCHEMES) else next(remaining) for source in sources]


def _accepted(gateway: Gateway, body: Mapping[str, Any], console: Console) -> AcceptedView:
    """The same body until it is taken: its request id makes sure that a repeat is no second interview."""
    until = time.monotonic() + SUBMIT_SECONDS
    while True:
        try:
            return gateway.submit(body)
        except GatewayAway as away:
            if time.monotonic() > until:
                raise
            console.print(f"{away.message} Trying again …", markup=False)
            pause(until, away)


def run_interview(
    gateway: Gateway,
    answers: Sequence[tuple[str, str]],
    position: Position,
    candidate: Candidate,
    console: Console,
    within: float,
) -> Finished:
    """Submit (source, question) pairs, show the progress, and return how everything ended."""
    with addresses([source for source, _ in answers]) as urls:
        questions = [Question(text, url) for (_, text), url in zip(answers, urls, strict=True)]
        body = submission_body(new_id(), questions, position, candidate, datetime.now(UTC))
        accepted = _accepted(gateway, body, console)
        for warning in accepted.warnings:
            console.print(f"Warning: {warning}", markup=False)
        console.print(f"Accepted as interview {accepted.interview_record_id}.")
        titles = {
            pipeline.question_id: text
            for pipeline, (_, text) in zip(accepted.pipelines, answers, strict=True)
        }
        states = follow_interview(gateway, accepted.interview_record_id, within)
        state = show_until_ended(states, titles, console)
        return Finished(state, tuple(jobs_of(gateway, state)), titles)
