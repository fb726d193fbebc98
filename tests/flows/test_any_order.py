"""Whatever order facts come in, and however often, what is seen in the end is the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.house import Handed, House
from vivavoce.contracts import IntegrityReported, InterviewCompleted, ScoreGenerated

RECORDINGS = ("one", "not_found", "three")
EXAMPLES = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
CHANCE = st.randoms(use_true_random=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
async def expected(folder: Path) -> dict[str, Any]:
    house, interview = await begun(folder)
    await house.settle()
    return await seen(house, interview)


async def begun(folder: Path) -> tuple[House, Handed]:
    house = House(folder)
    await house.hook("https://hooks.example/")
    return house, await house.submit(*RECORDINGS)


async def seen(house: House, interview: Handed) -> dict[str, Any]:
    """Everything that a caller gets to see, and the ids under which it was told."""
    told = sorted((sent.headers["webhook-id"], sent.body) for sent in house.sender.sent)
    return {
        "state": await house.state(interview),
        "results": await house.results(interview),
        "told": [(event_id, json.loads(body)) for event_id, body in told],
        "scores": {envelope.id for envelope in house.published(ScoreGenerated)},
        "reports": {envelope.id for envelope in house.published(IntegrityReported)},
        "ends": {envelope.id for envelope in house.published(InterviewCompleted)},
    }


async def test_an_interview_tells_one_score_per_answer_and_one_end(expected: dict[str, Any]) -> None:
    assert expected["state"]["status"] == "partial"
    assert [len(expected[name]) for name in ("scores", "reports", "ends", "told")] == [3, 1, 1, 4]


@EXAMPLES
@given(chance=CHANCE)
async def test_any_order_and_any_repeats_end_alike(
    folder: Path, expected: dict[str, Any], chance: Any
) -> None:
    house, interview = await begun(folder)
    await house.settle_by_chance(chance)
    assert await seen(house, interview) == expected


@EXAMPLES
@given(chance=CHANCE, forget_after=st.integers(0, 25))
async def test_a_broker_that_forgets_everything_on_the_way_changes_nothing(
    folder: Path, expected: dict[str, Any], chance: Any, forget_after: int
) -> None:
    house, interview = await begun(folder)
    await house.settle_by_chance(chance, forget_after=forget_after)
    assert await seen(house, interview) == expected


async def test_everything_once_more_changes_nothing(folder: Path, expected: dict[str, Any]) -> None:
    house, interview = await begun(folder)
    await house.settle()
    house.bus.redeliver()
    await house.settle()
    assert await seen(house, interview) == expected
    assert len(house.published(ScoreGenerated)) == 3
