"""Facts about one interview that arrive at the same instant, over a real database."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest

from tests.support.embedded_mongo import EmbeddedMongo
from tests.support.evaluating import Desk, integrity, rejection, submission
from tests.support.handing import NoWait
from vivavoce.chassis.mongo import MongoDatabase
from vivavoce.contracts import Fact, InterviewCompleted, InterviewStatus, ScoreGenerated
from vivavoce.contracts.ids import new_id

pytestmark = pytest.mark.connected
ANSWERS = tuple(f"answer-{number}" for number in range(6))


@pytest.fixture
async def desk(embedded_mongo: EmbeddedMongo) -> AsyncIterator[Desk]:
    name = f"viva_{new_id()[:8]}"
    database = MongoDatabase(embedded_mongo.uri, name, source="/vivavoce/evaluation", clock=NoWait())
    desk = Desk(database)
    await database.prepare()
    yield desk
    await database.close()


async def test_an_interview_closes_once_when_everything_comes_at_once_and_twice(desk: Desk) -> None:
    facts: list[Fact] = [
        submission(*ANSWERS),
        *[await desk.features(answer_id) for answer_id in ANSWERS[:-1]],
        rejection(ANSWERS[-1]),
        integrity(*ANSWERS),
    ]
    crowd = [*facts, *facts]
    Random(5).shuffle(crowd)
    await asyncio.gather(*(desk.hand.bring(fact) for fact in crowd))
    await desk.caretaker.look()
    ends = {told.model_dump_json() for _, told in await desk.hand.told(InterviewCompleted)}
    assert len(ends) == 1
    assert InterviewCompleted.model_validate_json(ends.pop()).status is InterviewStatus.PARTIAL
    scores = {(event_id, told.model_dump_json()) for event_id, told in await desk.hand.told(ScoreGenerated)}
    assert len(scores) == len(ANSWERS)
