"""What counts as facing the camera, and what the numbers of a face mean."""

from math import cos, radians, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.support.faces import absence, face, faces, nobody
from vivavoce.contracts import FacingCamera
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.face_track import Sighting, build_track
from vivavoce.media.gaze import Calibration, Face, calibrate, face_of, judge_facing

SETTINGS = AnalysisSettings()
STRAIGHT = Calibration(yaw=0.0, pitch=0.0, gaze_x=0.0, gaze_y=0.0)
ANGLES = st.floats(-60, 60, allow_nan=False)
SHAPES = (
    *(f"eyeLook{way}{side}" for way in ("In", "Out", "Up", "Down") for side in ("Left", "Right")),
    "eyeBlinkLeft",
    "eyeBlinkRight",
    "jawOpen",
)


def shapes(**scores: float) -> dict[str, float]:
    return dict.fromkeys(SHAPES, 0.0) | scores


def turned(yaw: float, pitch: float, roll: float, scale: float = 1.0) -> NDArray[np.float64]:
    """A pose: rolled in the picture's plane, then nodded, then turned, at some size."""
    a, b, c = radians(yaw), radians(pitch), radians(roll)
    turn = np.array([[cos(a), 0, sin(a)], [0, 1, 0], [-sin(a), 0, cos(a)]])
    nod = np.array([[1, 0, 0], [0, cos(b), sin(b)], [0, -sin(b), cos(b)]])
    lean = np.array([[cos(c), -sin(c), 0], [sin(c), cos(c), 0], [0, 0, 1]])
    pose = np.eye(4)
    pose[:3, :3] = scale * turn @ nod @ lean
    pose[:3, 3] = (1.0, -2.0, -35.0)
    return pose


@given(yaw=ANGLES, pitch=ANGLES, scale=st.floats(0.5, 2.0))
def test_the_direction_of_the_nose_is_read_from_any_pose(yaw: float, pitch: float, scale: float) -> None:
    read = face_of(turned(yaw, pitch, 0.0, scale), shapes())
    assert (read.yaw, read.pitch) == pytest.approx((yaw, pitch), abs=1e-6)


@given(roll=ANGLES)
def test_a_leaning_head_has_roll_only(roll: float) -> None:
    read = face_of(turned(0.0, 0.0, roll), shapes())
    assert (read.yaw, read.pitch, read.roll) == pytest.approx((0.0, 0.0, roll), abs=1e-6)


def test_gaze_is_positive_to_the_candidates_left_and_upwards() -> None:
    left = face_of(np.eye(4), shapes(eyeLookOutLeft=0.8, eyeLookInRight=0.6))
    assert left.gaze_x == pytest.approx(0.7)
    right = face_of(np.eye(4), shapes(eyeLookInLeft=0.8, eyeLookOutRight=0.6))
    assert right.gaze_x == pytest.approx(-0.7)
    down = face_of(np.eye(4), shapes(eyeLookDownLeft=0.5, eyeLookDownRight=0.3))
    assert down.gaze_y == pytest.approx(-0.4)


def test_calibration_is_the_median_of_the_first_seconds() -> None:
    first = faces(2.8, {"yaw": 4.0, "pitch": -3.0, "gaze_x": 0.2})
    glance = [face(2.8, yaw=70.0, gaze_x=0.9)]
    later = faces(10, {"yaw": -20.0}, start=3.0)
    assert calibrate([*first, *glance, *later], SETTINGS) == Calibration(4.0, -3.0, 0.2, 0.0)


def test_nobody_in_the_first_seconds_means_no_calibration() -> None:
    assert calibrate([*absence(3), *faces(10, start=3.0)], SETTINGS) is None


def test_closed_eyes_calibrate_nothing() -> None:
    assert calibrate(faces(3, {"blink": 0.8}), SETTINGS) is None


def test_a_head_turned_far_away_calibrates_nothing() -> None:
    assert calibrate(faces(3, {"yaw": 55.0}), SETTINGS) is None


def test_a_face_for_too_little_of_the_first_seconds_calibrates_nothing() -> None:
    assert calibrate([*absence(2.4), *faces(0.6, start=2.4)], SETTINGS) is None


def test_eyes_that_turn_aside_do_not_face_the_camera() -> None:
    judged = judge_facing([face(0.0), face(0.2, gaze_x=-0.6), face(0.4, gaze_y=-0.6)], STRAIGHT, SETTINGS)
    assert [each.facing for each in judged] == [True, False, False]


def test_eyes_that_make_up_for_a_turned_head_face_the_camera() -> None:
    (judged,) = judge_facing([face(0.0, yaw=20.0, gaze_x=-0.57)], STRAIGHT, SETTINGS)
    assert judged.facing is True


def test_a_blink_does_not_break_facing_but_closed_eyes_do() -> None:
    shut = [face(n / 5, blink=0.9, gaze_y=-0.9) for n in range(1, 6)]
    judged = judge_facing([face(0.0), *shut], STRAIGHT, SETTINGS)
    assert [each.facing for each in judged] == [True, True, True, True, False, False]


def test_a_track_says_what_its_judgements_were_made_with() -> None:
    settings = AnalysisSettings(eye_turn=50.0, facing_tolerance=9.0, closed_eyes=0.4)
    seen = Face(yaw=4.0, pitch=-3.0, roll=0.0, gaze_x=0.2, gaze_y=-0.1, blink=0.1, mouth_open=0.0)
    found = build_track([Sighting(n / 5, seen) for n in range(20)], 4.0, settings)
    assert found is not None
    assert found.facing_camera == FacingCamera(
        yaw=4.0, pitch=-3.0, gaze_x=0.2, gaze_y=-0.1, eye_turn=50.0, tolerance=9.0, closed_eyes=0.4
    )


def test_a_track_without_calibration_was_not_judged() -> None:
    found = build_track([Sighting(n / 5, None) for n in range(20)], 4.0, SETTINGS)
    assert found is not None
    assert found.facing_camera is None


def test_without_a_face_there_is_no_judgement() -> None:
    (judged,) = judge_facing([nobody(0.0)], STRAIGHT, SETTINGS)
    assert judged.facing is None


@given(yaw=ANGLES, pitch=ANGLES, gaze_x=st.floats(-0.5, 0.5), off=st.floats(-14, 14), away=st.floats(16, 90))
def test_only_the_difference_to_the_calibration_counts(
    yaw: float, pitch: float, gaze_x: float, off: float, away: float
) -> None:
    base = Calibration(yaw, pitch, gaze_x, 0.0)
    near = face(0.0, yaw=yaw + off, pitch=pitch, gaze_x=gaze_x)
    far = face(0.2, yaw=yaw + away, pitch=pitch, gaze_x=gaze_x)
    assert [each.facing for each in judge_facing([near, far], base, SETTINGS)] == [True, False]
