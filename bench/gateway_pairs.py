"""The pairs of requests that are compared: what the gateway is asked, and its rival for the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.gateway_contents import SUBJECT, Contents
from bench.gateway_processes import Server
from bench.http_load import Call, CallOf
from vivavoce.cli.submission import Candidate, Position, Question, submission_body
from vivavoce.contracts.ids import new_id

LIST = (
    "query List($user: String!) { interviews(userId: $user) { id status overallScore position { title } "
    "answers { id questionId transcript { text } score { overall feedback } } } }"
)


@dataclass(frozen=True)
class Pair:
    """Something that both servers do; `calls` are the requests to one of them.

    `alike` says that both answer the same, but for what the gateway tells beside a list's data.
    """

    name: str
    calls: Callable[[Server, Contents], CallOf]
    alike: bool = True


def _reads(server: Server, contents: Contents) -> CallOf:
    path = "/results/" if server.name == "bare" else "/api/job-result/by-job/"
    answers = contents.answers
    return lambda number: Call("GET", f"{server.base_url}{path}{answers[number % len(answers)]}")


def _submissions(server: Server, _: Contents) -> CallOf:
    url = server.base_url + ("/interviews" if server.name == "bare" else "/api/interview-record")

    def call_of(number: int) -> Call:
        question = Question("How did you find it?", f"https://recordings.example/{number}.mp4")
        body = submission_body(new_id(), [question], Position(), Candidate(), datetime.now(UTC))
        return Call("POST", url, body, 202)

    return call_of


def _lists(server: Server, _: Contents) -> CallOf:
    call = Call("POST", f"{server.base_url}/graphql", {"query": LIST, "variables": {"user": SUBJECT}})
    return lambda _: call


PAIRS = (Pair("read", _reads), Pair("list", _lists), Pair("submission", _submissions, alike=False))
"""Submissions come last: what they store must not be in the way of the others."""
