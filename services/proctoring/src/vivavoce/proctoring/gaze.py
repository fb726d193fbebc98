"""Looking away: from when to when, by the calibrated judgement that came with each sample."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median

from vivavoce.contracts import FaceSample, FaceTrack, IntegrityEvent, IntegrityKind
from vivavoce.proctoring.events import as_event
from vivavoce.proctoring.spells import Spell, find_spells
from vivavoce.proctoring.thresholds import Thresholds

EYE_TURN = 35.0
"""Degrees that the eyes turn when their gaze measure goes from 0 to 1, roughly."""
SET_OUT = 0.1
"""Share of the way from the camera to where somebody looks at which the eyes have set out."""
LONGEST_SETTING_OUT = 0.5
"""Seconds: an event begins at most this much before its first sample that doesn't face the camera."""

Direction = tuple[float, float]


def looking_away(track: FaceTrack, thresholds: Thresholds) -> tuple[IntegrityEvent, ...]:
    """Every spell of at least `away_dwell` seconds in which a visible face is not turned to the camera.

    A spell begins when the eyes set out and ends when they are back. Samples without a face, or
    without calibration, say nothing about gaze and end a spell. A track that was never calibrated
    has no such events.
    """
    if not track.calibrated:
        return ()
    away = [sample.facing is False for sample in track.samples]
    times = [sample.time for sample in track.samples]
    found = find_spells(times, away, duration=track.duration, bridge=thresholds.bridge)
    return tuple(
        as_event(IntegrityKind.LOOKING_AWAY, _from_setting_out(track, spell), _values(track.samples, spell))
        for spell in found
        if spell.duration >= thresholds.away_dwell
    )


def _from_setting_out(track: FaceTrack, spell: Spell) -> Spell:
    """The spell with its start moved back to when the eyes left the camera."""
    samples = track.samples
    home = _middle([sample for sample in samples if sample.facing])
    goal = _middle([samples[index] for index in spell.indices])
    if home is None or goal is None:
        return spell
    start, first = spell.start, spell.indices[0]
    for place in range(first - 1, 0, -1):
        sample = samples[place]
        if not sample.facing or samples[first].time - sample.time > LONGEST_SETTING_OUT:
            break
        if _share_of_way(_direction(sample), home, goal) < SET_OUT:
            break
        start = (samples[place - 1].time + sample.time) / 2
    return replace(spell, start=max(start, spell.start - LONGEST_SETTING_OUT))


def _direction(sample: FaceSample) -> Direction:
    """Where head and eyes together point, in degrees: to the candidate's left, and up."""
    sideways = (sample.yaw or 0.0) + EYE_TURN * (sample.gaze_x or 0.0)
    return sideways, (sample.pitch or 0.0) + EYE_TURN * (sample.gaze_y or 0.0)


def _middle(samples: Sequence[FaceSample]) -> Direction | None:
    if not samples:
        return None
    directions = [_direction(sample) for sample in samples]
    return median(sideways for sideways, _ in directions), median(upwards for _, upwards in directions)


def _share_of_way(at: Direction, home: Direction, goal: Direction) -> float:
    way = (goal[0] - home[0], goal[1] - home[1])
    length = way[0] ** 2 + way[1] ** 2
    if not length:
        return 0.0
    return ((at[0] - home[0]) * way[0] + (at[1] - home[1]) * way[1]) / length


def _values(samples: Sequence[FaceSample], spell: Spell) -> dict[str, float]:
    seen = [samples[index] for index in spell.indices]
    angles = {
        "mean_yaw_degrees": [s.yaw for s in seen if s.yaw is not None],
        "mean_pitch_degrees": [s.pitch for s in seen if s.pitch is not None],
        "mean_gaze_x": [s.gaze_x for s in seen if s.gaze_x is not None],
        "mean_gaze_y": [s.gaze_y for s in seen if s.gaze_y is not None],
    }
    return {name: round(fmean(values), 3) for name, values in angles.items() if values}
