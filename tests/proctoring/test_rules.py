"""What counts as an event, and what its values say."""

import json

import pytest

from tests.support.tracks import track
from vivavoce.contracts import FaceTrack, IntegrityKind, Severity
from vivavoce.proctoring.gaze import looking_away
from vivavoce.proctoring.people import several_people
from vivavoce.proctoring.presence import nobody_visible
from vivavoce.proctoring.thresholds import Thresholds

USUAL = Thresholds()


def test_looking_aside_for_five_seconds_is_one_event_with_its_times_and_values() -> None:
    (event,) = looking_away(track(15, away=[(5, 10)]), USUAL)
    assert event.kind is IntegrityKind.LOOKING_AWAY
    assert event.start == pytest.approx(5, abs=0.5)
    assert event.end == pytest.approx(10, abs=0.5)
    assert event.severity is Severity.NOTICE
    assert event.values["degrees_off_sideways"] == pytest.approx(40.0 * -0.7)
    assert event.values["degrees_off_upwards"] == 0
    assert event.values["tolerance_degrees"] == 12.0
    assert event.values["seconds"] == pytest.approx(5, abs=0.5)


def test_blinks_do_not_count_as_a_direction() -> None:
    still = track(15, away=[(5, 10)])
    blinking = tuple(
        sample.model_copy(update={"blink": 0.8, "gaze_y": -0.9}) if round(sample.time * 5) % 3 else sample
        for sample in still.samples
    )
    (event,) = looking_away(still.model_copy(update={"samples": blinking}), USUAL)
    assert event.values["degrees_off_upwards"] == 0


def test_eyes_that_stay_closed_have_no_direction() -> None:
    still = track(15, away=[(5, 10)])
    closed = tuple(sample.model_copy(update={"blink": 0.8}) for sample in still.samples)
    (event,) = looking_away(still.model_copy(update={"samples": closed}), USUAL)
    assert "degrees_off_upwards" not in event.values
    assert event.values["tolerance_degrees"] == 12.0


def test_a_stored_track_that_does_not_say_how_it_was_judged_still_has_its_events() -> None:
    stored = json.loads(track(15, away=[(5, 10)]).model_dump_json())
    del stored["facing_camera"]
    (event,) = looking_away(FaceTrack.model_validate(stored), USUAL)
    assert event.start == pytest.approx(5, abs=0.5)
    assert set(event.values) == {"seconds", "samples"}


def test_a_glance_aside_is_no_event() -> None:
    assert looking_away(track(15, away=[(5, 6.4)]), USUAL) == ()


def test_without_calibration_gaze_is_not_judged() -> None:
    assert looking_away(track(15, away=[(5, 10)], calibrated=False), USUAL) == ()


def test_a_face_out_of_sight_is_not_looking_away() -> None:
    assert looking_away(track(15, hidden=[(5, 10)]), USUAL) == ()


def test_the_dwell_time_can_be_changed() -> None:
    assert looking_away(track(15, away=[(5, 10)]), Thresholds(away_dwell=6.0)) == ()


def test_an_empty_chair_is_an_event_until_the_end_of_the_recording() -> None:
    (event,) = nobody_visible(track(6.4, hidden=[(2.4, 6.4)]), USUAL)
    assert event.start == pytest.approx(2.4, abs=0.5)
    assert event.end == pytest.approx(6.4, abs=0.5)
    assert event.severity is Severity.NOTICE
    assert event.values["people_seen_meanwhile"] == 0


def test_a_long_absence_is_a_warning() -> None:
    (event,) = nobody_visible(track(30, hidden=[(5, 20)]), USUAL)
    assert event.severity is Severity.WARNING


def test_an_absence_that_the_people_counter_denies_is_for_information_only() -> None:
    (event,) = nobody_visible(track(30, hidden=[(5, 20)], people=1), USUAL)
    assert event.severity is Severity.INFO
    assert event.values["people_seen_meanwhile"] == 1


def test_an_absence_during_which_nobody_was_counted_stands_alone() -> None:
    (event,) = nobody_visible(track(30, hidden=[(5.1, 20)], count_every=1000), USUAL)
    assert "people_seen_meanwhile" not in event.values


def test_a_second_person_is_an_event_with_the_count() -> None:
    (event,) = several_people(track(20, company=[(8, 12)]), USUAL)
    assert event.start == pytest.approx(8, abs=0.5)
    assert event.end == pytest.approx(12, abs=0.5)
    assert event.values["most_people"] == 2


def test_a_single_count_of_two_is_no_event() -> None:
    assert several_people(track(20, company=[(8, 8.9)]), USUAL) == ()


def test_looking_away_begins_when_the_eyes_set_out() -> None:
    still = track(15, away=[(5.4, 10)])
    moving = still.samples[26].model_copy(update={"gaze_x": -0.1})
    samples = (*still.samples[:26], moving, *still.samples[27:])
    (event,) = looking_away(still.model_copy(update={"samples": samples}), USUAL)
    assert event.start == pytest.approx(5.1)


def test_eyes_that_only_wander_do_not_move_the_start_by_more_than_half_a_second() -> None:
    still = track(15, away=[(5, 10)])
    wandering = [
        sample.model_copy(update={"gaze_x": -0.2}) if 3 <= sample.time < 5 else sample
        for sample in still.samples
    ]
    (event,) = looking_away(still.model_copy(update={"samples": tuple(wandering)}), USUAL)
    assert event.start >= 4.4
