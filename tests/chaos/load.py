"""A steady stream of interviews from callers who repeat what they are not sure of."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.chaos.observed import Answered, Submission
from tests.support.live import Asked, body_of, pipelines_of
from tests.support.recordings_site import RecordingsSite

SUBMISSIONS = "/api/interview-record"
CALL_SECONDS = 10.0
PAUSE_SECONDS = 1.0
REPEAT_AFTER = (0.5, 8.0)
REPEATED, BAD = 0.15, 0.12
"""Shares of interviews that are handed in again, and of recordings that can't be used."""
ANSWERS = (1, 1, 1, 2, 2, 3)
GOOD_FILES = ("first.mp4", "second.mp4", "third.mp4")
REAL_FILE = "spoken.mp4"
SAID = "First we wrote down every step of a release, and then we automated the slowest ones, one by one."
REAL = 4
"""Interviews of a trial whose first answer is a recording with SAID in it, which is analysed for real."""
BAD_FILES = ("missing.mp4", "page.mp4")


@dataclass
class Caller:
    """One interview on its way in: its body and every answer that came."""

    body: dict[str, Any]
    good: dict[str, bool]
    said: dict[str, str] = field(default_factory=dict)
    answers: list[Answered] = field(default_factory=list)

    def as_submission(self) -> Submission:
        """What is known of it now."""
        return Submission(self.body["meta"]["requestId"], self.good, tuple(self.answers), self.said)


class Load:
    """Submits interviews at a steady rate; what it submits follows from the seed."""

    def __init__(self, base_url: str, site: RecordingsSite, seed: int) -> None:
        self._site = site
        self._seed = seed
        self._chance = random.Random(f"load {seed}")
        self._http = httpx.AsyncClient(base_url=base_url, timeout=CALL_SECONDS, trust_env=False)
        self.callers: list[Caller] = []
        self.unanswered = 0

    async def run(self, interviews: int, seconds: float) -> None:
        """Submit so many over so many seconds; returns when all of them have been taken on."""
        real = {round((number + 0.5) * interviews / REAL) for number in range(REAL)}
        async with asyncio.TaskGroup() as calling:
            for number in range(interviews):
                caller = self._next(real=number in real)
                self.callers.append(caller)
                calling.create_task(self._hand_in(caller, again=self._chance.random() < REPEATED))
                await asyncio.sleep(seconds / interviews)

    async def one_more(self) -> Caller:
        """A last interview, of one good recording, taken on."""
        caller = self._caller("afterwards", {"q0": self._file(good=True)})
        await self._call(caller)
        return caller

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    def _next(self, *, real: bool) -> Caller:
        good = [self._chance.random() >= BAD for _ in range(self._chance.choice(ANSWERS))]
        files = {f"q{number}": self._file(good=fine) for number, fine in enumerate(good)}
        return self._caller(str(len(self.callers)), files | ({"q0": REAL_FILE} if real else {}))

    def _file(self, *, good: bool) -> str:
        return self._chance.choice(GOOD_FILES if good else BAD_FILES)

    def _caller(self, name: str, files: Mapping[str, str]) -> Caller:
        asked = tuple(Asked(question, self._site.file(file)) for question, file in files.items())
        return Caller(
            body_of(asked, f"chaos-{self._seed}-{name}"),
            good={question: file not in BAD_FILES for question, file in files.items()},
            said={question: SAID for question, file in files.items() if file == REAL_FILE},
        )

    async def _hand_in(self, caller: Caller, *, again: bool) -> None:
        later = self._chance.uniform(*REPEAT_AFTER)
        await self._call(caller)
        if again:
            await asyncio.sleep(later)
            await self._call(caller)

    async def _call(self, caller: Caller) -> None:
        """The same body again for as long as nobody answers, or is able to."""
        while True:
            try:
                answered = await self._http.post(SUBMISSIONS, json=caller.body)
            except httpx.TransportError:
                self.unanswered += 1
            else:
                if not answered.is_server_error:
                    return caller.answers.append(_read(answered))
                self.unanswered += 1
            await asyncio.sleep(PAUSE_SECONDS)


def _read(answered: httpx.Response) -> Answered:
    if not answered.is_success:
        return Answered(answered.status_code)
    body = answered.json()
    pipelines = tuple(sorted(pipelines_of(body).items()))
    return Answered(answered.status_code, body["interviewRecordId"], pipelines)
