"""Observables of the face through one answer: how long, how often, how much; never an emotion."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from statistics import median

from vivavoce.contracts import FaceSample, FaceTrack, NullReason, Observable
from vivavoce.media.analysis_settings import AnalysisSettings
from vivavoce.media.blinks import blink_times, sees_blinks

VERSION = "2"
LONGEST_HOLD = 1.0
BLINK_FACE_SECONDS = 10.0
UNITS = {
    "face_visible_share": "share",
    "camera_facing_share": "share",
    "longest_facing_run": "s",
    "head_movement": "deg/s",
    "head_steadiness": "share",
    "blink_rate": "1/min",
    "mouth_open_share": "share",
    "people_max": "count",
    "people_count_median": "count",
}


@dataclass(frozen=True)
class Held:
    """A sample with the seconds for which it stands."""

    sample: FaceSample
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long the sample stands."""
        return self.end - self.start


@dataclass(frozen=True)
class Measured:
    """A value with the seconds that it covers, or the reason why there is none."""

    value: float | None
    reason: NullReason | None = None
    start: float | None = None
    end: float | None = None


def held(track: FaceTrack) -> tuple[Held, ...]:
    """Each sample until the next one, at most for a second, the last for one sampling period.

    So shares are shares of time, also where pictures come at uneven distances.
    """
    longest = max(LONGEST_HOLD, 2 / track.sampling_rate)
    ends = [each.time for each in track.samples[1:]]
    if track.samples:
        ends.append(track.samples[-1].time + 1 / track.sampling_rate)
    return tuple(
        Held(each, each.time, min(end, each.time + longest))
        for each, end in zip(track.samples, ends, strict=True)
    )


def face_reason(track: FaceTrack | None, settings: AnalysisSettings) -> NullReason | None:
    """Why the face can't be judged, or None when it can."""
    if track is None or not track.samples:
        return NullReason.NO_VIDEO
    visible = _seconds(held(track), lambda each: each.visible)
    if visible == 0:
        return NullReason.NO_VISIBLE_FACE
    if visible < settings.min_face_seconds:
        return NullReason.INSUFFICIENT_FACE_TIME
    return None if track.calibrated else NullReason.NOT_CALIBRATED


def observe_face(track: FaceTrack | None, settings: AnalysisSettings) -> tuple[Observable, ...]:
    """Every face observable of one answer, in a fixed order; what can't be measured is null.

    Shares are of time, weighted as `held` says: `face_visible_share` of the whole video,
    `camera_facing_share`, `mouth_open_share` and `head_steadiness` of the time with a visible face.
    """
    if track is None or not track.samples:
        missing = Measured(None, NullReason.NO_VIDEO)
        return tuple(_observable(name, missing) for name in UNITS)
    steps = held(track)
    span = (steps[0].start, steps[-1].end)
    reason = face_reason(track, settings)
    uncalibrated = reason
    unseen = None if reason is NullReason.NOT_CALIBRATED else reason
    visible = [each for each in steps if each.sample.visible]
    measured = {
        "face_visible_share": Measured(_share(steps, lambda each: each.visible)),
        "camera_facing_share": _or_null(uncalibrated, lambda: facing_share(visible)),
        "longest_facing_run": _longest_facing_run(steps, uncalibrated),
        "head_movement": _or_null(unseen, lambda: head_movement(steps)),
        "head_steadiness": _or_null(unseen, lambda: head_steadiness(steps, settings.steady_speed)),
        "blink_rate": _blink_rate(visible, unseen, settings.closed_eyes),
        "mouth_open_share": _or_null(unseen, lambda: mouth_open_share(visible, settings.mouth_open)),
        **_people(track.samples),
    }
    return tuple(_observable(name, measured[name], span) for name in UNITS)


def facing_share(visible: Sequence[Held]) -> float:
    """Time facing the camera / time with a visible face, 0-1."""
    return _share(visible, lambda each: each.facing is True)


def mouth_open_share(visible: Sequence[Held], threshold: float) -> float:
    """Time with a mouth opened by at least `threshold` / time with a visible face, 0-1."""
    return _share(visible, lambda each: (each.mouth_open or 0.0) >= threshold)


def head_movement(steps: Sequence[Held]) -> float | None:
    """Mean speed of the head in degrees per second: the way turned / the time it took.

    The way between two samples in a row with a visible face is the root of the summed squares of the
    changes of yaw, pitch and roll. None when no two samples in a row show a face.
    """
    turns = list(_turns(steps))
    taken = sum(seconds for _, seconds in turns)
    return sum(way for way, _ in turns) / taken if taken else None


def head_steadiness(steps: Sequence[Held], steady_speed: float) -> float | None:
    """Share of the time between samples in which the head turned no faster than `steady_speed`."""
    turns = list(_turns(steps))
    taken = sum(seconds for _, seconds in turns)
    steady = sum(seconds for way, seconds in turns if way <= steady_speed * seconds)
    return steady / taken if taken else None


def longest_run(steps: Sequence[Held]) -> tuple[float, float]:
    """Start and end of the longest time without a break facing the camera; the first of equals."""
    best = run = (steps[0].start, steps[0].start)
    broken = True
    for each in steps:
        if each.sample.facing is not True:
            broken = True
            continue
        run = (each.start if broken or each.start > run[1] else run[0], each.end)
        broken = False
        best = run if run[1] - run[0] > best[1] - best[0] else best
    return best


def _longest_facing_run(steps: Sequence[Held], reason: NullReason | None) -> Measured:
    if reason:
        return Measured(None, reason)
    start, end = longest_run(steps)
    return Measured(end - start, start=start, end=end)


def _blink_rate(visible: Sequence[Held], reason: NullReason | None, closed_eyes: float) -> Measured:
    """Null as well where pictures are too far apart: `unavailable`, for nothing is wrong with the face."""
    seconds = sum(each.seconds for each in visible)
    times = [each.start for each in visible]
    if reason is None and seconds < BLINK_FACE_SECONDS:
        reason = NullReason.INSUFFICIENT_FACE_TIME
    if reason is None and not sees_blinks(times):
        reason = NullReason.UNAVAILABLE
    lids = [each.sample.blink or 0.0 for each in visible]
    return _or_null(reason, lambda: 60 * len(blink_times(times, lids, closed_eyes)) / seconds)


def _people(samples: Sequence[FaceSample]) -> dict[str, Measured]:
    """The largest and the median count of people among the pictures that were counted."""
    counts = [each.people for each in samples if each.people is not None]
    if not counts:
        missing = Measured(None, NullReason.UNAVAILABLE)
        return {"people_max": missing, "people_count_median": missing}
    return {"people_max": Measured(max(counts)), "people_count_median": Measured(float(median(counts)))}


def _turns(steps: Sequence[Held]) -> Iterator[tuple[float, float]]:
    """Degrees turned and seconds taken between samples in a row that both show a face."""
    for before, after in pairwise(steps):
        first, second = before.sample, after.sample
        if first.visible and second.visible and after.start <= before.end:
            way = hypot(
                (second.yaw or 0.0) - (first.yaw or 0.0),
                (second.pitch or 0.0) - (first.pitch or 0.0),
                (second.roll or 0.0) - (first.roll or 0.0),
            )
            yield way, before.seconds


def _seconds(steps: Sequence[Held], holds: Callable[[FaceSample], bool]) -> float:
    return sum(each.seconds for each in steps if holds(each.sample))


def _share(steps: Sequence[Held], holds: Callable[[FaceSample], bool]) -> float:
    total = sum(each.seconds for each in steps)
    return min(1.0, _seconds(steps, holds) / total) if total else 0.0


def _or_null(reason: NullReason | None, measure: Callable[[], float | None]) -> Measured:
    if reason:
        return Measured(None, reason)
    value = measure()
    return Measured(value, NullReason.INSUFFICIENT_FACE_TIME if value is None else None)


def _observable(name: str, measured: Measured, span: tuple[float, float] | None = None) -> Observable:
    start, end = span or (None, None)
    start = start if measured.start is None else measured.start
    end = end if measured.end is None else measured.end
    return Observable(
        name=name,
        value=None if measured.value is None else round(float(measured.value), 4),
        unit=UNITS[name],
        start=None if start is None else round(start, 3),
        end=None if end is None else round(end, 3),
        reason=measured.reason,
    )
