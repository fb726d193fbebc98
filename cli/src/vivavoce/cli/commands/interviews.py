"""`viva submit`, `report` and `demo`: interviews in, reports out."""

import os
from pathlib import Path
from typing import Annotated

import typer

from vivavoce.cli.client import Gateway
from vivavoce.cli.console import print_json, results, talk
from vivavoce.cli.demo import samples, stack
from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.following import jobs_of
from vivavoce.cli.home import home_from
from vivavoce.cli.interviews import NO_SCORE, Finished, pair, run_interview
from vivavoce.cli.report import answer_report, interview_report
from vivavoce.cli.stack.status import running_plan
from vivavoce.cli.submission import DEFAULT_COMPETENCIES, Candidate, Position

WITHIN_SECONDS = 1800.0
BaseUrl = Annotated[
    str | None, typer.Option("--base-url", envvar="VIVA_BASE_URL", help="Another gateway than the stack's.")
]
Credential = Annotated[
    str | None, typer.Option("--api-key", envvar="VIVA_API_KEY", help="A bearer token or an API key.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _gateway(base_url: str | None, credential: str | None) -> Gateway:
    return Gateway(base_url or running_plan(home_from(os.environ)).base_url, credential)


def _competencies(given: list[str]) -> dict[str, float]:
    try:
        pairs = [text.rsplit("=", 1) for text in given]
        return {name.strip(): float(weight) for name, weight in pairs} or dict(DEFAULT_COMPETENCIES)
    except ValueError:
        raise CommandFailed("Give competencies as NAME=WEIGHT, such as communication=0.4.") from None


def submit(
    recordings: Annotated[list[str], typer.Argument(help="Files or http(s) addresses, one per answer.")],
    question: Annotated[list[str], typer.Option("--question", "-q", help="In the order of the recordings.")],
    position: Annotated[str, typer.Option(help="The job's title.")] = "Unnamed position",
    competency: Annotated[
        list[str] | None, typer.Option("--competency", "-c", help="NAME=WEIGHT; may be repeated.")
    ] = None,
    name: Annotated[str, typer.Option(help="The candidate's name.")] = "Demo",
    surname: Annotated[str, typer.Option(help="The candidate's surname.")] = "Candidate",
    email: Annotated[str, typer.Option(help="The candidate's e-mail.")] = "candidate@example.org",
    within: Annotated[float, typer.Option(help="Seconds to wait for the end.")] = WITHIN_SECONDS,
    base_url: BaseUrl = None,
    api_key: Credential = None,
    as_json: AsJson = False,
) -> None:
    """Submit an interview, wait, and print its report. Local files are served while it runs."""
    answers = pair(recordings, question)
    job = Position(position, _competencies(competency or []))
    candidate = Candidate(name, surname, email)
    finished = run_interview(_gateway(base_url, api_key), answers, job, candidate, talk(), within)
    _print(finished, as_json=as_json)
    if finished.state.status == "failed":
        raise CommandFailed(NO_SCORE)


def report(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="An interview's or a pipeline's id.")],
    base_url: BaseUrl = None,
    api_key: Credential = None,
    as_json: AsJson = False,
) -> None:
    """Print the report of an interview or of one answer."""
    gateway = _gateway(base_url, api_key)
    state = gateway.interview(identifier)
    if state is None:
        _report_answer(gateway, identifier, as_json=as_json)
    elif not state.ended:
        raise CommandFailed(f"The interview {identifier} is still worked on: {state.share:.0%} done.")
    else:
        _print(Finished(state, tuple(jobs_of(gateway, state)), {}), as_json=as_json)


def _report_answer(gateway: Gateway, identifier: str, *, as_json: bool) -> None:
    job = gateway.job(identifier)
    if job is None:
        raise CommandFailed(f"There is no interview and no finished answer {identifier}.")
    if as_json:
        print_json(job.model_dump(mode="json", by_alias=True))
    else:
        results().print(answer_report(job))


def _print(finished: Finished, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "interview": finished.state.model_dump(mode="json", by_alias=True),
                "results": [job.model_dump(mode="json", by_alias=True) for job in finished.jobs],
            }
        )
    else:
        results().print(interview_report(finished.state, finished.jobs, finished.titles))


def demo(
    video: Annotated[
        list[Path] | None, typer.Option("--video", help="Your own recordings instead of the samples.")
    ] = None,
    question: Annotated[
        list[str] | None, typer.Option("--question", "-q", help="The question of each recording.")
    ] = None,
    scripted: Annotated[bool, typer.Option("--scripted", help="Stand-ins instead of models.")] = False,
    within: Annotated[float, typer.Option(help="Seconds to wait for the end.")] = WITHIN_SECONDS,
) -> None:
    """Run an interview from recordings to report. Starts a stack if none runs, and stops that again."""
    home, console = home_from(os.environ), talk()
    if video:
        answers = pair([str(path) for path in video], question or ["Tell us about yourself."])
        position = Position()
    else:
        sample = samples(home, console)
        answers = [(str(recording.file), recording.question) for recording in sample.recordings]
        position = sample.position
    with stack(home, os.environ, console, scripted=scripted) as base_url:
        finished = run_interview(Gateway(base_url), answers, position, Candidate(), console, within)
        results().print(interview_report(finished.state, finished.jobs, finished.titles))
    if finished.disappointment is not None:
        raise CommandFailed(finished.disappointment)
