"""An interview can be followed while it is worked on, and gone back to where a reader left off."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.following import Followed, follow, shares_by_stage
from tests.support.live import Asked, LiveStack
from tests.support.recordings_site import RecordingsSite
from tests.support.twins import TALK, Twins
from tests.support.videos import write_repeated

pytestmark = pytest.mark.timeout(900)
PROGRESS, END = "pipeline.progress", "interview.completed"
LONG_ROUNDS = 4
"""So often, the film takes some seconds to analyse; how far that has come is said once a second."""


def progress_of(twins: Twins) -> list[dict[str, Any]]:
    return [each for told in (twins.whole, *twins.parts) for each in progress_in(told)]


def progress_in(told: Followed) -> list[dict[str, Any]]:
    return [json.loads(event["data"]) for event in told.events if event["event"] == PROGRESS]


def shares_between(told: Followed) -> list[float]:
    """The shares of the analysis that are neither its beginning nor its end."""
    analysing = [each["share"] for each in progress_in(told) if each["stage"] == "analysing"]
    return [share for share in analysing if 0 < share < 1]


@pytest.fixture(scope="module")
async def replayed(stack: LiveStack, twins: Twins) -> Followed:
    """The first interview's happenings, read after its end."""
    return await follow(stack, twins.first.interview_id)


@pytest.fixture(scope="module")
async def long_talk(stack: LiveStack, recordings: RecordingsSite, film: Path) -> Followed:
    """What is told of a long recording until its end, and of shares between; all of it where one lacks."""
    long_film = write_repeated(film.with_name("long-talk.mp4"), film, LONG_ROUNDS)
    answered = await stack.submit(Asked(TALK, recordings.file(long_film.name)))

    def enough(told: Followed) -> bool:
        return bool(shares_between(told)) and END in [event["event"] for event in told.events]

    return await follow(stack, answered["interviewRecordId"], enough=enough)


async def test_a_reader_is_told_what_happens_until_the_end_and_then_let_go(twins: Twins) -> None:
    told = [event["event"] for event in twins.whole.events]
    assert twins.whole.status == 200
    assert told.count(END) == 1
    assert told.index(PROGRESS) < told.index("media.features") < told.index(END)
    assert twins.whole.ids == list(range(1, len(twins.whole.ids) + 1))


async def test_every_kind_of_happening_is_told(replayed: Followed) -> None:
    assert {event["event"] for event in replayed.events} == {
        "interview.submitted",
        "recording.rejected",
        "media.features",
        "proctoring.features",
        "score.generated",
        "integrity.reported",
        END,
    }


async def test_what_was_told_live_is_what_is_told_later(twins: Twins, replayed: Followed) -> None:
    live = twins.whole.stored
    assert live == replayed.stored[: len(live)]


async def test_what_is_told_of_the_end_is_what_the_interview_says(twins: Twins) -> None:
    (end,) = [json.loads(event["data"]) for event in twins.whole.events if event["event"] == END]
    state = twins.first.state
    assert end["interviewRecordId"] == twins.first.interview_id
    assert (end["status"], end["overallScore"]) == (state["status"], state["overallScore"])


async def test_progress_never_goes_back(twins: Twins, long_talk: Followed) -> None:
    shares = shares_by_stage([*progress_of(twins), *progress_in(long_talk)])
    assert all(each == sorted(each) for each in shares.values()), shares
    assert all(0 <= share <= 1 for each in shares.values() for share in each)


async def test_a_reader_is_told_how_far_a_long_analysis_is(long_talk: Followed) -> None:
    assert shares_between(long_talk), progress_in(long_talk)


async def test_stages_come_in_their_order(twins: Twins) -> None:
    order = ["fetching", "analysing", "scoring", "ended"]
    for twin in (twins.first, twins.second):
        told = [each for each in progress_of(twins) if each["pipelineId"] == twin.pipelines[TALK]]
        places = [order.index(each["stage"]) for each in told]
        assert places == sorted(places)


async def test_a_reader_that_comes_back_in_the_middle_misses_and_repeats_nothing(twins: Twins) -> None:
    before, after = twins.parts
    together = before.ids + after.ids
    assert before.ids
    assert after.ids
    assert together == list(range(1, len(together) + 1))
    assert END in [event["event"] for event in after.events]


async def test_a_reader_that_comes_back_after_the_end_gets_exactly_the_rest(
    stack: LiveStack, twins: Twins, replayed: Followed
) -> None:
    stored = replayed.stored
    for place in (1, len(stored) // 2, len(stored) - 1):
        again = await follow(stack, twins.first.interview_id, last_event_id=stored[place - 1]["id"])
        assert again.status == 200
        assert again.events == stored[place:]


async def test_a_reader_that_has_everything_is_told_not_to_come_again(
    stack: LiveStack, twins: Twins, replayed: Followed
) -> None:
    again = await follow(stack, twins.first.interview_id, last_event_id=replayed.stored[-1]["id"])
    assert (again.status, again.events) == (204, [])
