"""Finished interviews for the gateway and for what it is compared with, the same ones in both databases."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from bench.bare_gateway import DATABASE as BARE
from tests.support.gateway import GatewayBench, question, submission
from tests.support.interview_facts import AnswerFacts, put_transcript
from vivavoce.chassis.stored import stored_form

GATEWAY = "viva_gateway"
ORGANIZATION = "org_bench"
SUBJECT = "bench"
ANSWERS = 2
EVERY = timedelta(hours=1)
"""How long one interview comes after the other, up to the present."""


@dataclass(frozen=True)
class Contents:
    """The ids of what was stored: finished interviews, and their answers."""

    interviews: tuple[str, ...]
    answers: tuple[str, ...]


async def fill(mongodb: str, interviews: int) -> Contents:
    """Store finished interviews of two answers as the gateway keeps them, and their results for the rival."""
    with tempfile.TemporaryDirectory() as folder:
        gateway = GatewayBench(Path(folder), attested_consent_organizations=(ORGANIZATION,))
        await gateway.clock.advance(datetime.now(UTC) - interviews * EVERY - gateway.clock.now())
        for number in range(interviews):
            await _finished(gateway, f"bench-{number}")
            await gateway.clock.advance(EVERY)
        results = await _results(gateway)
        kept = gateway.parts.interviews
        stored = {"interviews": await _stored(kept.interviews), "answers": await _stored(kept.answers)}
        entries = await _stored(kept.entries)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb)
    try:
        for name, documents in stored.items():
            await client[GATEWAY][name].insert_many(documents)
            await client[BARE][name].insert_many(documents)
        await client[GATEWAY]["interview_entries"].insert_many(entries)
        await client[BARE]["results"].insert_many(results)
        await client[BARE].create_collection("submissions")
        await client[BARE]["interviews"].create_index(
            [("organization_id", 1), ("submitted_by", 1), ("submitted_at", -1)]
        )
        await client[BARE]["answers"].create_index([("interview_id", 1)])
    finally:
        await client.close()
    return Contents(
        tuple(each["_id"] for each in stored["interviews"]), tuple(each["_id"] for each in results)
    )


async def _finished(gateway: GatewayBench, request_id: str) -> None:
    facts = [
        AnswerFacts(ORGANIZATION, request_id, f"q{number}", f"{request_id}-{number}")
        for number in range(1, ANSWERS + 1)
    ]
    questions = [question(number, videoResponseId=each.video) for number, each in enumerate(facts, 1)]
    body = submission(request_id, questions)
    async with gateway.client(ORGANIZATION, subject=SUBJECT) as client:
        (await client.post("/api/interview-record", json=body)).raise_for_status()
    claim = await put_transcript(gateway.store)
    for each in facts:
        told = (each.features(claim), each.proctored(), each.scored())
        await gateway.tell(*told, organization=ORGANIZATION)
    await gateway.tell(facts[0].reported(), facts[0].completed(), organization=ORGANIZATION)


async def _results(gateway: GatewayBench) -> list[dict[str, Any]]:
    """What the gateway answers for each finished answer, for a rival that has it ready."""
    found = []
    async with gateway.client(ORGANIZATION, subject=SUBJECT) as client:
        for answer in await gateway.parts.interviews.answers.find(ORGANIZATION, limit=10_000):
            response = await client.get(f"/api/job-result/by-job/{answer.id}")
            response.raise_for_status()
            found.append({"_id": answer.id, "organization_id": ORGANIZATION, "body": response.json()})
    return found


async def _stored(collection: Any) -> list[dict[str, Any]]:
    return [stored_form(each) for each in await collection.find(ORGANIZATION, limit=10_000)]
