"""The two pipelines that are compared, over the same broker and database: the bare chain and the system."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pymongo import AsyncMongoClient

from bench.chain import COMPLETED, DATABASE_PREFIX, IDEMPOTENT, PREFIX, SERVICES, TOPICS, BareService
from bench.infrastructure import ROOT, Infrastructure, ended_with
from bench.load import Endings, Submit, endings
from bench.stack import Stack
from bench.timeline import InterviewOf, by_aggregate, by_correlation
from bench.waits import Waits, asked, together
from tests.support.tied import tied
from vivavoce.chassis.broker_topics import ensure_topics
from vivavoce.cli.submission import Candidate, Position, Question, submission_body
from vivavoce.contracts.ids import new_id
from vivavoce.contracts.topics import Topic

CALL_SECONDS = 60.0
PARTITIONS = 4
"""As many as the embedded broker lets any topic have."""
RETENTION = timedelta(days=1)
SYSTEM_DATABASES = "viva_"
QUESTION = "Tell us about a time when you made something faster."


@dataclass(frozen=True)
class Rival:
    """A running pipeline: how to submit to it and to hear its ends, and where its traces lie.

    `waits` tells how long its steps have waited for the database so far, where it knows.
    """

    name: str
    submit: Submit
    ends: Endings
    pids: Mapping[str, int]
    databases: str
    interview_of: InterviewOf
    waits: Callable[[], Waits] = dict


@asynccontextmanager
async def bare_chain(shared: Infrastructure) -> AsyncIterator[Rival]:
    """The bare chain: one process per service, and this process as the door."""
    topics = tuple(
        Topic(name=PREFIX + name, key="interview_id", partitions=PARTITIONS, retention=RETENTION)
        for name in TOPICS
    )
    await ensure_topics(shared.broker.address, topics=topics, replication_factor=shared.broker.replicas)
    with _bare_services(shared) as processes:
        door = BareService(
            "gateway", shared.broker.address, shared.mongodb, idempotent=shared.broker.idempotent
        )
        await door.start()
        try:
            async with endings(shared.broker.address, PREFIX + COMPLETED, door.has_completed) as ends:
                yield Rival(
                    name="bare chain",
                    submit=lambda _: door.submit(),
                    ends=ends,
                    pids={**{name: one.pid for name, one in processes.items()}, **shared.pids},
                    databases=DATABASE_PREFIX,
                    interview_of=by_aggregate,
                    waits=lambda: together([door.times.so_far(), *map(asked, processes.values())]),
                )
        finally:
            await door.stop()


@contextmanager
def _bare_services(shared: Infrastructure) -> Iterator["dict[str, subprocess.Popen[str]]"]:
    with ExitStack() as stack:
        started: dict[str, subprocess.Popen[str]] = {}
        for name in SERVICES:
            options = (IDEMPOTENT,) if shared.broker.idempotent else ()
            command = [
                sys.executable,
                "-m",
                "bench.chain",
                name,
                shared.broker.address,
                shared.mongodb,
                *options,
            ]
            process = subprocess.Popen(tied(*command), stdout=subprocess.PIPE, text=True, cwd=ROOT)
            started[name] = stack.enter_context(ended_with(process))
        for name, process in started.items():
            if process.stdout is None or process.stdout.readline().strip() != "ready":
                raise RuntimeError(f"the bare {name} did not start")
        yield started


@asynccontextmanager
async def system(
    shared: Infrastructure, stack: Stack, request_id: Callable[[int], str] = lambda _: new_id()
) -> AsyncIterator[Rival]:
    """The system, whose services run over the shared broker and database.

    `request_id` gives the id with which the interview of a number is submitted.
    """
    mongodb: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(shared.mongodb)
    interviews = mongodb["viva_gateway"]["interviews"]

    async def is_stored(interview: str) -> bool:
        ended = {"_id": interview, "completion": {"$ne": None}}
        return await interviews.find_one(ended, {"_id": 1}) is not None

    async with httpx.AsyncClient(base_url=stack.base_url, timeout=CALL_SECONDS, trust_env=False) as http:
        try:
            async with endings(shared.broker.address, COMPLETED, is_stored) as ends:
                yield Rival(
                    name="system",
                    submit=lambda number: _submitted(http, number, request_id(number)),
                    ends=ends,
                    pids={**stack.pids, **shared.pids},
                    databases=SYSTEM_DATABASES,
                    interview_of=by_correlation,
                )
        finally:
            await mongodb.close()


async def _submitted(http: httpx.AsyncClient, number: int, request_id: str) -> str:
    """Submit as callers should: the same body again after a 503, in the time that it names."""
    question = Question(QUESTION, f"https://recordings.example/{number}.mp4")
    body = submission_body(request_id, [question], Position(), Candidate(), datetime.now(UTC))
    while True:
        response = await http.post("/api/interview-record", json=body)
        if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            response.raise_for_status()
            return str(response.json()["interviewRecordId"])
        await asyncio.sleep(float(response.headers.get("Retry-After", "1")))
