"""From a request to features, and what happens when any of it is asked for again."""

import json
from pathlib import Path

import pytest

from tests.support.facts import ANSWER, INTERVIEW
from tests.support.media_rig import ORGANIZATION, MediaRig
from vivavoce.chassis.errors import CorruptObject, DeadlineExceeded, InfrastructureAway, VivaError, WorkerDied
from vivavoce.chassis.subscriptions import Failure
from vivavoce.contracts import (
    FaceTrack,
    MediaFeatures,
    RecordingIngested,
    RecordingRejected,
    RejectionReason,
    Stage,
    Transcript,
    ids,
)
from vivavoce.media.rejection import Interrupted, Rejected

AWAY = Interrupted(RejectionReason.SERVER_ERROR, "media.example.com answered HTTP 503")


@pytest.fixture
def rig(tmp_path: Path) -> MediaRig:
    return MediaRig(tmp_path)


async def test_a_request_ends_as_features(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    await rig.analyse()
    (_, ingested), (_, features) = await rig.said()
    assert isinstance(ingested, RecordingIngested)
    assert isinstance(features, MediaFeatures)
    assert (features.interview_id, features.answer_id) == (INTERVIEW, ANSWER)
    assert features.duration == ingested.probe.duration == 12.0
    assert features.observables


async def test_the_recording_is_stored_under_its_content(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    [(_, ingested)] = await rig.said()
    assert isinstance(ingested, RecordingIngested)
    assert ingested.recording.key == f"recordings/{ingested.recording.sha256}"
    assert ingested.recording.media_type == "video/mp4"
    assert b"media.example.com" in await rig.store.get(ingested.recording)


async def test_transcript_and_face_track_travel_as_claim_checks(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    await rig.analyse()
    features = (await rig.intake()).features
    assert features is not None
    assert features.transcript is not None
    assert features.face_track is not None
    assert features.transcript.key.startswith(f"analyses/{ANSWER}/transcript-")
    assert Transcript.model_validate_json(await rig.store.get(features.transcript)).words
    assert FaceTrack.model_validate_json(await rig.store.get(features.face_track)).samples


async def test_the_address_is_forgotten_once_it_has_been_fetched(rig: MediaRig) -> None:
    await rig.request()
    assert "secret" in (await rig.intake()).url
    await rig.run_due()
    assert "secret" not in (await rig.intake()).model_dump_json()


async def test_a_new_request_wakes_the_fetchers(rig: MediaRig) -> None:
    await rig.request()
    assert rig.wakes == 1


async def test_a_repeated_request_in_progress_changes_nothing(rig: MediaRig) -> None:
    await rig.request()
    await rig.request(event_id="request-2")
    assert await rig.said() == []
    await rig.run_due()
    assert rig.fetcher.fetches == 1
    assert len(await rig.said()) == 1


async def test_a_repeated_request_for_what_has_ended_repeats_the_answer_under_its_ids(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    await rig.analyse()
    first = await rig.said()
    await rig.request(event_id="request-2")
    again = await rig.said()
    assert len(again) == 2 * len(first)
    assert all(again.count(said) == 2 for said in first)
    assert [event_id for event_id, _ in first] == [
        ids.output_id(ANSWER, "recording.ingested"),
        ids.output_id(ANSWER, "media.features"),
    ]
    assert (rig.fetcher.fetches, rig.analyzer.analyses) == (1, 1)


async def test_a_lost_ingestion_is_said_again_when_it_is_asked_for(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    await rig.request(event_id="request-2")
    (first_id, first), (second_id, second) = await rig.said()
    assert (first_id, first) == (second_id, second)


async def test_a_repeated_rejection_says_the_same(rig: MediaRig) -> None:
    await rig.request("https://media.example.com/not_found.mp4")
    await rig.run_due()
    await rig.request(event_id="request-2")
    first, second = await rig.said()
    assert first == second
    assert first[0] == ids.output_id(ANSWER, "recording.rejected")


@pytest.mark.parametrize("reason", RejectionReason)
async def test_every_reason_reaches_the_rejection(rig: MediaRig, reason: RejectionReason) -> None:
    rig.fetcher.errors = [Rejected(reason, "what to do about it")]
    await rig.request()
    await rig.run_due()
    [(_, rejected)] = await rig.said()
    assert isinstance(rejected, RecordingRejected)
    assert (rejected.reason, rejected.detail) == (reason, "what to do about it")


async def test_an_interrupted_fetch_is_tried_again_after_growing_delays(rig: MediaRig) -> None:
    rig.fetcher.errors = [AWAY, AWAY]
    await rig.request()
    await rig.run_due()
    await rig.pass_time(1.9)
    await rig.run_due()
    assert rig.fetcher.fetches == 1
    await rig.pass_time(0.2)
    await rig.run_due()
    await rig.pass_time(3.8)
    await rig.run_due()
    assert rig.fetcher.fetches == 2
    await rig.pass_time(0.3)
    await rig.run_due()
    [(_, ingested)] = await rig.said()
    assert isinstance(ingested, RecordingIngested)


async def test_a_fetch_that_stays_interrupted_is_rejected_with_its_reason(rig: MediaRig) -> None:
    rig.fetcher.errors = [AWAY] * 3
    await rig.request()
    for _ in range(3):
        await rig.run_due()
        await rig.pass_time(30)
    [(_, rejected)] = await rig.said()
    assert isinstance(rejected, RecordingRejected)
    assert rejected.reason is RejectionReason.SERVER_ERROR
    assert (await rig.intake()).due_at is None


async def test_patience_ends_before_the_tries_do(rig: MediaRig) -> None:
    rig.fetcher.errors = [AWAY] * 3
    await rig.request()
    await rig.run_due()
    await rig.pass_time(61)
    await rig.run_due()
    assert isinstance((await rig.said())[0][1], RecordingRejected)
    assert rig.fetcher.fetches == 2


async def test_a_recording_that_takes_its_process_with_it_is_given_up(rig: MediaRig) -> None:
    await rig.request()
    intake = (await rig.intake()).model_copy(update={"attempts": 3})
    await rig.database.transact(intake.context, lambda uow: rig.intakes.save(intake, uow))
    await rig.run_due()
    [(_, rejected)] = await rig.said()
    assert isinstance(rejected, RecordingRejected)
    assert rejected.reason is RejectionReason.ANALYSIS_FAILED
    assert rig.fetcher.fetches == 0


async def test_a_store_that_is_away_is_not_the_recordings_fault(rig: MediaRig) -> None:
    rig.fetcher.errors = [InfrastructureAway("no room")]
    await rig.request()
    with pytest.raises(InfrastructureAway):
        await rig.run_due()
    assert await rig.said() == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DeadlineExceeded("too slow"), RejectionReason.TIMEOUT),
        (WorkerDied("crashed"), RejectionReason.ANALYSIS_FAILED),
        (CorruptObject("not what it was"), RejectionReason.ANALYSIS_FAILED),
        (Rejected(RejectionReason.NOT_MEDIA, "no frame"), RejectionReason.NOT_MEDIA),
    ],
)
async def test_an_analysis_that_is_given_up_rejects_the_recording(
    rig: MediaRig, error: VivaError, reason: RejectionReason
) -> None:
    await rig.request()
    await rig.run_due()
    await rig.give_up(Failure(error, attempts=2))
    _, (event_id, rejected) = await rig.said()
    assert isinstance(rejected, RecordingRejected)
    assert rejected.reason is reason
    assert rejected.detail
    assert event_id == ids.output_id(ANSWER, "recording.rejected")


async def test_a_recording_is_analysed_once_however_often_it_is_ingested(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    await rig.analyse()
    await rig.analyse("ingested-again")
    assert rig.analyzer.analyses == 1
    features = [said for said in await rig.said() if isinstance(said[1], MediaFeatures)]
    assert len(features) == 2
    assert features[0] == features[1]


async def test_features_that_come_after_a_rejection_change_nothing(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    received = await rig.ingested("ingested-1")
    features = await rig.handlers.analyse(received)
    await rig.give_up(Failure(DeadlineExceeded("too slow"), attempts=2))
    context = (await rig.intake()).context
    await rig.database.transact(context, lambda uow: rig.handlers.conclude(received, features, uow))
    assert not any(isinstance(fact, MediaFeatures) for _, fact in await rig.said())


async def test_progress_is_told_from_the_beginning_to_the_end_of_a_stage(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    await rig.analyse()
    stages = [(told.stage, told.share) for told in rig.audience.heard]
    assert stages[0] == (Stage.FETCHING, 0.0)
    assert (Stage.FETCHING, 1.0) in stages
    assert (Stage.ANALYSING, 0.0) in stages
    assert stages[-1] == (Stage.ANALYSING, 1.0)


async def test_no_file_stays_behind(rig: MediaRig) -> None:
    await rig.request()
    await rig.run_due()
    await rig.analyse()
    assert list(rig.folder.iterdir()) == []


async def test_another_organization_does_not_see_the_intake(rig: MediaRig) -> None:
    await rig.request()
    assert await rig.intakes.get(ORGANIZATION, ANSWER) is not None
    assert await rig.intakes.get("org_2", ANSWER) is None


async def test_the_same_recording_gives_the_same_features(tmp_path: Path) -> None:
    said = []
    for name in ("first", "second"):
        rig = MediaRig(tmp_path / name)
        await rig.request()
        await rig.run_due()
        await rig.analyse()
        said.append(json.dumps([fact.model_dump(mode="json") for _, fact in await rig.said()]))
    assert said[0] == said[1]
