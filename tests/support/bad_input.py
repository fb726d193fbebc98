"""Rows of the table of bad input: what is given, and what a caller is told of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tests.support.live import Asked, body_of
from tests.support.recordings_site import RecordingsSite

NOWHERE = "http://127.0.0.1:9/answer.mp4"
GIVEN = TypeVar("GIVEN")
Body = dict[str, Any]
Change = Callable[[Body], object]
Request = Callable[[], bytes]
Recording = Callable[[RecordingsSite], str]


@dataclass(frozen=True)
class Row(Generic[GIVEN]):
    """One input: a request's content, or the address of a recording.

    `state` is the HTTP status of a request, or how an answer ends. `reason` is the code of the error,
    or why there is no score; `field` is what a refusal names; `voice` and `face` are why there are no
    such scores.
    """

    name: str
    given: GIVEN
    state: int | str
    reason: str | None = None
    field: str | None = None
    voice: str | None = None
    face: str | None = None


def content(text: str, encoding: str = "utf-8") -> Request:
    """A request of just this text."""
    return lambda: text.encode(encoding)


def changed(*changes: Change) -> Request:
    """A valid submission after some changes; its recording is nowhere, so that it ends soon."""

    def make() -> bytes:
        body = body_of((Asked("q1", NOWHERE),))
        for change in changes:
            change(body)
        return json.dumps(body, ensure_ascii=False).encode()

    return make


def question(body: Body) -> Body:
    """The first question of a submission."""
    first: Body = body["interview"]["questions"][0]
    return first


def asking(text: str) -> Change:
    """Have the first question be this text."""
    return lambda body: question(body).update(questionText=text)


def video(url: str) -> Change:
    """Have the first recording lie there."""
    return lambda body: question(body)["video"].update(url=url)


def weights(**shares: object) -> Change:
    """Have competencies weigh this much."""
    return lambda body: body["interview"]["position"].update(competencyWeights=shares)


def questions(count: int) -> Change:
    """Ask the first question so many times, under different ids."""
    return lambda body: body["interview"].update(
        questions=[dict(question(body), id=f"q{number}") for number in range(count)]
    )


def twice_the_same_question(body: Body) -> None:
    """Ask the first question again, under its own id."""
    body["interview"]["questions"] *= 2


def file(name: str) -> Recording:
    """A file of the site."""
    return lambda site: site.file(name)


def page(path: str) -> Recording:
    """A page of the site."""
    return lambda site: site.page(path)


def address(url: str) -> Recording:
    """An address elsewhere."""
    return lambda _: url
