"""From what was seen in single pictures to the judged face track of one answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from vivavoce.contracts import FaceTrack
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.gaze import Face, calibrate, facing_camera, judge_facing, sample


@dataclass(frozen=True)
class Sighting:
    """What one picture at `time` seconds showed; `people` is null where nobody was counted."""

    time: float
    face: Face | None
    people: int | None = None


def build_track(
    sightings: Sequence[Sighting], duration: float, settings: AnalysisSettings
) -> FaceTrack | None:
    """The track of a recording of `duration` seconds, or None when it showed no picture."""
    if not sightings:
        return None
    samples = tuple(sample(each.time, each.face, each.people) for each in sightings)
    calibration = calibrate(samples, settings)
    return FaceTrack(
        sampling_rate=settings.face_rate,
        duration=round(duration, 3),
        calibrated=calibration is not None,
        samples=judge_facing(samples, calibration, settings) if calibration else samples,
        facing_camera=facing_camera(calibration, settings) if calibration else None,
    )
