"""Evaluation as its neighbours see it: each answer is scored once, each interview ends once."""

import asyncio
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.evaluating import FIRST, INTERVIEW, SAID, SECOND, Desk, integrity, rejection, submission
from vivavoce.chassis.errors import InvalidInput
from vivavoce.contracts import (
    Fact,
    InterviewCompleted,
    InterviewStatus,
    NullReason,
    RejectionReason,
    RiskBand,
    ScoreGenerated,
    Stage,
    ids,
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_an_answer_is_scored_and_the_interview_ends(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(await desk.features(FIRST))
    score = await desk.hand.one(ScoreGenerated)
    assert (score.answer_id, score.video_response_id) == (FIRST, f"video-of-{FIRST}")
    assert score.overall is not None
    assert score.criteria[0].evidence[0].quote == SAID
    assert score.versions.models == {"asr": "tiny.en"}
    assert await desk.hand.told(InterviewCompleted) == []
    await desk.hand.bring(integrity(FIRST, band=RiskBand.ELEVATED))
    completed = await desk.hand.one(InterviewCompleted)
    assert completed.status is InterviewStatus.COMPLETED
    assert completed.overall == score.overall
    assert completed.integrity_band is RiskBand.ELEVATED
    assert [(one.name, one.score) for one in completed.competencies] == [
        ("problem solving", score.overall),
        ("teamwork", score.overall),
    ]


async def test_outputs_have_the_one_id_that_they_can_have(desk: Desk) -> None:
    for fact in (submission(FIRST), await desk.features(FIRST), integrity(FIRST)):
        await desk.hand.bring(fact)
    ((score_id, _),) = await desk.hand.told(ScoreGenerated)
    ((completed_id, _),) = await desk.hand.told(InterviewCompleted)
    assert score_id == ids.output_id(FIRST, "score.generated")
    assert completed_id == ids.output_id(INTERVIEW, "interview.completed")


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_the_end_is_the_same_whatever_comes_first(desk: Desk, order: tuple[int, ...]) -> None:
    facts: list[Fact] = [
        submission(FIRST, SECOND),
        await desk.features(FIRST),
        rejection(SECOND),
        integrity(FIRST, SECOND),
    ]
    for place in order:
        await desk.hand.bring(facts[place])
    completed = await desk.hand.one(InterviewCompleted)
    assert completed.status is InterviewStatus.PARTIAL
    assert [(one.answer_id, one.reason) for one in completed.answers] == [
        (FIRST, None),
        (SECOND, RejectionReason.NOT_MEDIA),
    ]
    scores = {score.answer_id: score for _, score in await desk.hand.told(ScoreGenerated)}
    assert scores[FIRST].overall == completed.overall
    assert scores[SECOND].detail == "The file is a web page."
    assert desk.judge.judged == [SAID]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=16))
def test_repeats_under_any_id_never_make_a_second_score_or_end(steps: list[tuple[int, bool]]) -> None:
    async def play() -> None:
        desk = Desk()
        facts: list[Fact] = [
            submission(FIRST, SECOND),
            await desk.features(FIRST),
            await desk.features(SECOND),
            integrity(FIRST, SECOND),
            rejection(SECOND),
        ]
        for which, same_id in [*steps, *((place, False) for place in range(4))]:
            await desk.hand.bring(facts[which], event_id=f"event-{which}" if same_id else "")
        scores = await desk.hand.told(ScoreGenerated)
        ends = await desk.hand.told(InterviewCompleted)
        assert {score.answer_id for _, score in scores} == {FIRST, SECOND}
        assert len({(event_id, told.model_dump_json()) for event_id, told in scores}) == 2
        assert len({(event_id, told.model_dump_json()) for event_id, told in ends}) == 1

    asyncio.run(play())


async def test_a_repeated_submission_is_answered_with_everything_stored(desk: Desk) -> None:
    for fact in (submission(FIRST), await desk.features(FIRST), integrity(FIRST), submission(FIRST)):
        await desk.hand.bring(fact)
    scores = await desk.hand.told(ScoreGenerated)
    ends = await desk.hand.told(InterviewCompleted)
    assert len(scores) == len(ends) == 2
    assert scores[0] == scores[1]
    assert ends[0] == ends[1]
    assert len(desk.judge.judged) == 1


async def test_features_asked_for_again_are_answered_with_the_stored_score(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    features = await desk.features(FIRST)
    await desk.hand.bring(features)
    await desk.hand.bring(features)
    scores = await desk.hand.told(ScoreGenerated)
    assert scores[0] == scores[1]
    assert len(desk.judge.judged) == 1


async def test_too_little_speech_is_null_with_the_reason_beside_what_was_measured(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(await desk.features(FIRST, "Yes, I did."))
    score = await desk.hand.one(ScoreGenerated)
    assert (score.overall, score.reason) == (None, NullReason.INSUFFICIENT_SPEECH)
    assert {one.name: one.value for one in score.voice}["speech_rate"] == 142.0
    assert score.criteria == ()
    assert desk.judge.judged == []


async def test_a_reason_of_the_transcript_is_passed_on(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(await desk.features(FIRST, None, NullReason.SILENT_AUDIO))
    assert (await desk.hand.one(ScoreGenerated)).reason is NullReason.SILENT_AUDIO


async def test_an_interview_of_which_nothing_could_be_scored_has_failed(desk: Desk) -> None:
    for fact in (submission(FIRST), rejection(FIRST), integrity(FIRST, band=RiskBand.UNAVAILABLE)):
        await desk.hand.bring(fact)
    completed = await desk.hand.one(InterviewCompleted)
    assert (completed.status, completed.overall) == (InterviewStatus.FAILED, None)


async def test_a_transcript_that_is_none_ends_the_answer_and_is_put_aside(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    claim = await desk.store.put("broken.json", b"[]", "application/json")
    features = await desk.features(FIRST)
    await desk.hand.bring(features.model_copy(update={"transcript": claim}))
    score = await desk.hand.one(ScoreGenerated)
    assert (score.overall, score.reason) == (None, NullReason.UNAVAILABLE)
    assert {one.name: one.value for one in score.voice}["speech_rate"] == 142.0
    assert await desk.hand.dead_letters() == ["media.features.dlq"]


async def test_an_interview_opens_although_its_early_answers_could_not_be_judged(desk: Desk) -> None:
    await desk.hand.bring(await desk.features(FIRST))
    desk.judge.failure = InvalidInput("the judge chokes")
    await desk.hand.bring(submission(FIRST))
    assert await desk.hand.told(ScoreGenerated) == []
    await desk.caretaker.look()
    assert (await desk.hand.one(ScoreGenerated)).reason is NullReason.UNAVAILABLE


async def test_an_answer_that_no_interview_lists_is_never_scored(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(await desk.features("answer-x"))
    await desk.hand.bring(rejection("answer-y"))
    await desk.caretaker.look()
    assert await desk.hand.told(ScoreGenerated) == []


async def test_progress_is_told_while_an_answer_is_judged(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(await desk.features(FIRST))
    assert [(one.answer_id, one.stage) for one in desk.ear.heard] == [
        (FIRST, Stage.SCORING),
        (FIRST, Stage.ENDED),
    ]


async def test_organizations_don_t_meet(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(
        (await desk.features(FIRST)).model_copy(update={"interview_id": "other"}), organization="org_b"
    )
    assert await desk.hand.told(ScoreGenerated) == []
