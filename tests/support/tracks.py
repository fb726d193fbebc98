"""Face tracks for tests, written as stretches of time."""

from collections.abc import Iterable

from vivavoce.contracts import FaceSample, FaceTrack, FacingCamera

Stretch = tuple[float, float]
CAMERA = FacingCamera(
    yaw=2.0, pitch=-11.5, gaze_x=0.1, gaze_y=-0.2, eye_turn=40.0, tolerance=12.0, closed_eyes=0.5
)
"""How the tracks' faces look at the camera: with the head low, and a little to their left."""


def track(
    duration: float,
    *,
    away: Iterable[Stretch] = (),
    hidden: Iterable[Stretch] = (),
    company: Iterable[Stretch] = (),
    people: int | None = None,
    calibrated: bool = True,
    rate: float = 5.0,
    count_every: int = 5,
) -> FaceTrack:
    """A track sampled `rate` times a second; people are counted on every `count_every`th sample.

    In `away` the face looks elsewhere, in `hidden` there is none, in `company` there are two. `people`
    overrides what the counter sees where nobody is visible.
    """
    away, hidden, company = tuple(away), tuple(hidden), tuple(company)
    samples = []
    for index in range(int(duration * rate)):
        time = index / rate
        visible = not _within(time, hidden)
        seen = 2 if _within(time, company) else int(visible)
        if not visible and people is not None:
            seen = people
        samples.append(
            FaceSample(
                time=time,
                visible=visible,
                people=seen if index % count_every == 0 else None,
                yaw=CAMERA.yaw if visible else None,
                pitch=CAMERA.pitch if visible else None,
                gaze_y=CAMERA.gaze_y if visible else None,
                gaze_x=(-0.6 if _within(time, away) else 0.1) if visible else None,
                facing=not _within(time, away) if visible and calibrated else None,
            )
        )
    return FaceTrack(
        sampling_rate=rate,
        duration=duration,
        calibrated=calibrated,
        samples=tuple(samples),
        facing_camera=CAMERA if calibrated else None,
    )


def _within(time: float, stretches: Iterable[Stretch]) -> bool:
    return any(start <= time < end for start, end in stretches)
