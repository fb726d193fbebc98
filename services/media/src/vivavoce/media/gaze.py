"""Where a face looks: angles and gaze from landmarks, and the judgement "towards the camera"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import asin, atan2, degrees
from statistics import median

import numpy as np
from numpy.typing import NDArray

from vivavoce.contracts import FaceSample, FacingCamera
from vivavoce.media.analysis_settings import AnalysisSettings

CALIBRATION_SAMPLES = 3
CALIBRATION_SHARE = 1 / 3
FARTHEST_START = 40.0
BLINK_SECONDS = 0.6


@dataclass(frozen=True)
class Face:
    """One face in one picture; units and signs are those of `FaceSample`."""

    yaw: float
    pitch: float
    roll: float
    gaze_x: float
    gaze_y: float
    blink: float
    mouth_open: float


@dataclass(frozen=True)
class Calibration:
    """What facing the camera looks like in one answer: degrees, and gaze from -1 to 1."""

    yaw: float
    pitch: float
    gaze_x: float
    gaze_y: float


def face_of(matrix: NDArray[np.float64], shapes: Mapping[str, float]) -> Face:
    """A face from its 4x4 pose matrix and its blendshape scores.

    The matrix places the canonical face before the camera: x to the right in the picture, which is
    the candidate's left, y up, z towards the camera. Yaw and pitch are the direction of the nose.
    Roll is positive when the head leans to the candidate's right shoulder. Gaze is the mean of both
    eyes' blendshapes: each eye's turn towards the candidate's left minus its turn to the right.
    """
    turn = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    nose = turn[:, 2]
    leftward = shapes["eyeLookOutLeft"] + shapes["eyeLookInRight"]
    rightward = shapes["eyeLookInLeft"] + shapes["eyeLookOutRight"]
    upward = shapes["eyeLookUpLeft"] + shapes["eyeLookUpRight"]
    downward = shapes["eyeLookDownLeft"] + shapes["eyeLookDownRight"]
    return Face(
        yaw=degrees(atan2(nose[0], nose[2])),
        pitch=degrees(asin(max(-1.0, min(1.0, float(nose[1]))))),
        roll=degrees(atan2(turn[1, 0], turn[1, 1])),
        gaze_x=(leftward - rightward) / 2,
        gaze_y=(upward - downward) / 2,
        blink=(shapes["eyeBlinkLeft"] + shapes["eyeBlinkRight"]) / 2,
        mouth_open=shapes["jawOpen"],
    )


def sample(time: float, face: Face | None, people: int | None) -> FaceSample:
    """A sample that isn't judged yet, rounded so that equal pictures give equal documents."""
    if face is None:
        return FaceSample(time=round(time, 3), visible=False, people=people)
    return FaceSample(
        time=round(time, 3),
        visible=True,
        people=people,
        yaw=round(face.yaw, 2),
        pitch=round(face.pitch, 2),
        roll=round(face.roll, 2),
        gaze_x=round(face.gaze_x, 3),
        gaze_y=round(face.gaze_y, 3),
        blink=round(face.blink, 3),
        mouth_open=round(face.mouth_open, 3),
    )


def calibrate(samples: Sequence[FaceSample], settings: AnalysisSettings) -> Calibration | None:
    """The medians over the answer's first seconds, in which a candidate faces the camera.

    None when fewer than three, or less than a third, of those samples show a face with open eyes, or
    when the head is turned so far (40 degrees) that it can't be facing the camera.
    """
    first = [each for each in samples if each.time < settings.calibration_seconds]
    readable = [_direction(each) for each in first if _readable(each, settings)]
    if len(readable) < max(CALIBRATION_SAMPLES, CALIBRATION_SHARE * len(first)):
        return None
    found = Calibration(*(float(median(column)) for column in zip(*readable, strict=True)))
    turned_away = max(abs(found.yaw), abs(found.pitch)) > FARTHEST_START
    return None if turned_away else found


def facing_camera(calibration: Calibration, settings: AnalysisSettings) -> FacingCamera:
    """What samples are judged by, for whoever reads the track; rounded as samples are."""
    return FacingCamera(
        yaw=round(calibration.yaw, 3),
        pitch=round(calibration.pitch, 3),
        gaze_x=round(calibration.gaze_x, 4),
        gaze_y=round(calibration.gaze_y, 4),
        eye_turn=settings.eye_turn,
        tolerance=settings.facing_tolerance,
        closed_eyes=settings.closed_eyes,
    )


def judge_facing(
    samples: Sequence[FaceSample], calibration: Calibration, settings: AnalysisSettings
) -> tuple[FaceSample, ...]:
    """The samples with `facing` set wherever a face is visible.

    The direction of looking is head plus eyes, `yaw + eye_turn * gaze_x` and likewise upwards; it
    faces the camera when neither part is more than `facing_tolerance` degrees off its calibrated
    value. Closed eyes hide a gaze: during a blink (at most 0.6 s) the last open eyes count, and eyes
    closed for longer don't face the camera.
    """
    judged: list[FaceSample] = []
    last_open: FaceSample | None = None
    for each in samples:
        facing = None
        if each.visible:
            last_open = each if _readable(each, settings) else last_open
            recent = last_open is not None and each.time - last_open.time <= BLINK_SECONDS
            facing = bool(recent and last_open and _towards(last_open, calibration, settings))
        judged.append(each.model_copy(update={"facing": facing}))
    return tuple(judged)


def _readable(each: FaceSample, settings: AnalysisSettings) -> bool:
    return each.visible and each.blink is not None and each.blink < settings.closed_eyes


def _direction(each: FaceSample) -> tuple[float, float, float, float]:
    return each.yaw or 0.0, each.pitch or 0.0, each.gaze_x or 0.0, each.gaze_y or 0.0


def _towards(each: FaceSample, calibration: Calibration, settings: AnalysisSettings) -> bool:
    yaw, pitch, gaze_x, gaze_y = _direction(each)
    sideways = yaw - calibration.yaw + settings.eye_turn * (gaze_x - calibration.gaze_x)
    upwards = pitch - calibration.pitch + settings.eye_turn * (gaze_y - calibration.gaze_y)
    return max(abs(sideways), abs(upwards)) <= settings.facing_tolerance
