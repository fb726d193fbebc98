"""Builders of face samples and tracks, so that a test says only what it is about."""

from collections.abc import Iterable, Mapping

from vivavoce.contracts import FaceSample, FaceTrack

RATE = 5.0


def face(time: float, **changes: object) -> FaceSample:
    """A face at rest that looks at the camera, changed as said."""
    rest = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0, "gaze_x": 0.0, "gaze_y": 0.0, "blink": 0.1}
    values = {"time": time, "visible": True, "mouth_open": 0.0, **rest, **changes}
    return FaceSample.model_validate(values)


def nobody(time: float, people: int | None = None) -> FaceSample:
    """A sample without a face."""
    return FaceSample(time=time, visible=False, people=people)


def faces(
    seconds: float, changes: Mapping[str, object] | None = None, start: float = 0.0
) -> list[FaceSample]:
    """Faces at five per second for so long."""
    return [face(start + n / RATE, **(changes or {})) for n in range(round(seconds * RATE))]


def absence(seconds: float, start: float = 0.0) -> list[FaceSample]:
    """Samples without a face at five per second for so long."""
    return [nobody(start + n / RATE) for n in range(round(seconds * RATE))]


def track(samples: Iterable[FaceSample], *, calibrated: bool = True) -> FaceTrack:
    """A track of these samples."""
    listed = tuple(samples)
    duration = listed[-1].time + 1 / RATE if listed else 0.0
    return FaceTrack(sampling_rate=RATE, duration=duration, calibrated=calibrated, samples=listed)
