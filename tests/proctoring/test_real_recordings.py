"""Events on real recordings, from picture to event, against what is known of them."""

from pathlib import Path

import pytest

from tests.support.shared import shared_path
from vivavoce.contracts import IntegrityEvent, IntegrityKind, MediaFeatures, RiskBand
from vivavoce.media.adapters.seeing import see
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.face_track import build_track
from vivavoce.proctoring.assessment import assess
from vivavoce.proctoring.thresholds import Thresholds

WITHIN = 0.5

pytestmark = pytest.mark.slow


def only_event(path: Path, duration: float) -> IntegrityEvent:
    """The one event of a recording, which is no finding."""
    settings = AnalysisSettings()
    track = build_track(see(path, settings, lambda _: None), duration, settings)
    features = MediaFeatures(interview_id="interview", answer_id="answer", duration=duration)
    found = assess(features, track, Thresholds())
    assert found.band is RiskBand.LOW
    (event,) = found.events
    return event


def test_a_look_aside_is_timed_within_half_a_second() -> None:
    event = only_event(shared_path("media/gaze_center_left_center.mp4"), 15.3)
    assert event.kind is IntegrityKind.LOOKING_AWAY
    assert event.start == pytest.approx(5, abs=WITHIN)
    assert event.end == pytest.approx(10, abs=WITHIN)
    assert event.values["degrees_off_sideways"] < -event.values["tolerance_degrees"]
    assert abs(event.values["degrees_off_upwards"]) < event.values["tolerance_degrees"]


def test_an_empty_picture_is_timed_within_half_a_second() -> None:
    event = only_event(shared_path("media/pyfeat_face_noface.mov"), 6.4)
    assert event.kind is IntegrityKind.NOBODY_VISIBLE
    assert event.start == pytest.approx(2.4, abs=WITHIN)
    assert event.end == pytest.approx(6.4, abs=WITHIN)
