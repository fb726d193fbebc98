"""Proctoring as its neighbours see it: facts in, facts out, in any order and any number."""

import asyncio
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.facts import features as some_features
from tests.support.facts import submitted as some_submission
from tests.support.handing import Hand, NoWait
from tests.support.tracks import track
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.store import ObjectStore, make_store
from vivavoce.contracts import (
    FaceTrack,
    Fact,
    IntegrityReported,
    InterviewSubmitted,
    MediaFeatures,
    NullReason,
    ProctoringFeatures,
    RecordingRejected,
    RejectionReason,
    RiskBand,
)
from vivavoce.proctoring.adapters.stored_tracks import StoredTracks
from vivavoce.proctoring.handlers import Handlers
from vivavoce.proctoring.interview import Interview
from vivavoce.proctoring.settings import ProctoringSettings
from vivavoce.proctoring.subscriptions import subscriptions
from vivavoce.proctoring.thresholds import RULES_VERSION

FIRST, SECOND = "answer-1", "answer-2"
CALM = track(12)
RESTLESS = track(60, away=[(20, 45)])


class Desk:
    """The service with its store, and facts about one interview of two answers."""

    def __init__(self) -> None:
        clock = NoWait()
        self.database = MemoryDatabase(source="/vivavoce/proctoring", clock=clock)
        self.store: ObjectStore = make_store("memory:///")
        self.hand = Hand(self.database, clock)
        interviews = self.database.collection("interviews", Interview)
        handlers = Handlers(interviews, StoredTracks(self.store), ProctoringSettings().thresholds())
        self.hand.subscribe(subscriptions(handlers))

    async def features(self, answer_id: str, found: FaceTrack | None) -> MediaFeatures:
        """Features of an answer, with its track in the store."""
        claim = None
        if found is not None:
            data = found.model_dump_json().encode()
            claim = await self.store.put(f"{answer_id}.json", data, "application/json")
        reason = NullReason.NO_VIDEO if found is None else None
        changes = {"answer_id": answer_id, "face_track": claim, "face_reason": reason}
        return some_features().model_copy(update=changes)

    async def report(self) -> IntegrityReported:
        """The interview's only report."""
        return await self.hand.one(IntegrityReported)


def submission(*answer_ids: str) -> InterviewSubmitted:
    """An interview of these answers."""
    template = some_submission()
    answer = template.answers[0]
    listed = tuple(answer.model_copy(update={"answer_id": answer_id}) for answer_id in answer_ids)
    return template.model_copy(update={"answers": listed})


def rejection(answer_id: str) -> RecordingRejected:
    """A recording that can't be used."""
    return RecordingRejected(
        interview_id=some_submission().interview_id,
        answer_id=answer_id,
        reason=RejectionReason.NOT_MEDIA,
        detail="not a recording",
    )


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_an_answer_ends_with_its_events_even_before_the_interview_is_known(desk: Desk) -> None:
    await desk.hand.bring(await desk.features(FIRST, RESTLESS))
    found = await desk.hand.one(ProctoringFeatures)
    assert (found.answer_id, found.band, len(found.events)) == (FIRST, RiskBand.ELEVATED, 1)
    assert found.rules_version == RULES_VERSION
    assert await desk.hand.told(IntegrityReported) == []


async def test_the_report_comes_with_the_last_answer(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST, SECOND))
    await desk.hand.bring(await desk.features(FIRST, RESTLESS))
    assert await desk.hand.told(IntegrityReported) == []
    await desk.hand.bring(rejection(SECOND))
    report = await desk.report()
    assert report.band is RiskBand.ELEVATED
    assert [(line.answer_id, line.band) for line in report.answers] == [
        (FIRST, RiskBand.ELEVATED),
        (SECOND, RiskBand.UNAVAILABLE),
    ]
    assert report.answers[1].reason is RejectionReason.NOT_MEDIA


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_report_is_the_same_whatever_comes_first(desk: Desk, order: tuple[int, ...]) -> None:
    facts: list[Fact] = [
        submission(FIRST, SECOND),
        await desk.features(FIRST, CALM),
        await desk.features(SECOND, RESTLESS),
    ]
    for place in order:
        await desk.hand.bring(facts[place])
    report = await desk.report()
    assert [line.answer_id for line in report.answers] == [FIRST, SECOND]
    assert report.band is RiskBand.ELEVATED


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=3, max_size=12))
def test_repeats_under_any_id_change_nothing_and_are_answered_alike(
    steps: list[tuple[int, bool]],
) -> None:
    async def play() -> None:
        desk = Desk()
        facts: list[Fact] = [
            submission(FIRST, SECOND),
            await desk.features(FIRST, CALM),
            await desk.features(SECOND, RESTLESS),
        ]
        for which, same_id in [*steps, (0, False), (1, False), (2, False)]:
            await desk.hand.bring(facts[which], event_id=f"event-{which}" if same_id else "")
        reports = await desk.hand.told(IntegrityReported)
        assert len({(event_id, told.model_dump_json()) for event_id, told in reports}) == 1
        answers = await desk.hand.told(ProctoringFeatures)
        assert len({(event_id, told.model_dump_json()) for event_id, told in answers}) == 2

    asyncio.run(play())


async def test_a_repeated_submission_is_answered_with_everything_stored(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(await desk.features(FIRST, CALM))
    await desk.hand.bring(submission(FIRST))
    answers = await desk.hand.told(ProctoringFeatures)
    reports = await desk.hand.told(IntegrityReported)
    assert len(answers) == len(reports) == 2
    assert answers[0] == answers[1]
    assert reports[0] == reports[1]


async def test_an_answer_without_video_is_unavailable_with_the_reason(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(await desk.features(FIRST, None))
    assert (await desk.hand.one(ProctoringFeatures)).reason is NullReason.NO_VIDEO
    assert (await desk.report()).band is RiskBand.UNAVAILABLE


async def test_an_uncalibrated_answer_is_judged_without_gaze_and_says_so(desk: Desk) -> None:
    await desk.hand.bring(await desk.features(FIRST, track(12, calibrated=False)))
    found = await desk.hand.one(ProctoringFeatures)
    assert (found.band, found.reason) == (RiskBand.LOW, NullReason.NOT_CALIBRATED)


async def test_a_track_that_is_none_ends_the_answer_as_unavailable_and_is_put_aside(desk: Desk) -> None:
    features = await desk.features(FIRST, CALM)
    claim = await desk.store.put("broken.json", b"{}", "application/json")
    await desk.hand.bring(submission(FIRST))
    await desk.hand.bring(features.model_copy(update={"face_track": claim}))
    assert (await desk.hand.one(ProctoringFeatures)).reason is NullReason.UNAVAILABLE
    assert await desk.hand.dead_letters() == ["media.features.dlq"]
    assert (await desk.report()).band is RiskBand.UNAVAILABLE


async def test_findings_of_different_answers_count_together(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST, SECOND))
    await desk.hand.bring(await desk.features(FIRST, RESTLESS))
    await desk.hand.bring(await desk.features(SECOND, track(40, company=[(5, 30)])))
    assert (await desk.report()).band is RiskBand.HIGH


async def test_another_organizations_facts_don_t_meet(desk: Desk) -> None:
    await desk.hand.bring(submission(FIRST))
    features = await desk.features("answer-x", CALM)
    await desk.hand.bring(features.model_copy(update={"interview_id": "other"}), organization="org_b")
    assert await desk.hand.told(IntegrityReported) == []
