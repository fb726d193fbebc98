"""Looking away: how long, by the calibrated judgement that came with each sample."""

from collections.abc import Sequence
from statistics import fmean

from vivavoce.contracts import FaceSample, FaceTrack, IntegrityEvent, IntegrityKind
from vivavoce.proctoring.events import as_event
from vivavoce.proctoring.spells import Spell, find_spells
from vivavoce.proctoring.thresholds import Thresholds


def looking_away(track: FaceTrack, thresholds: Thresholds) -> tuple[IntegrityEvent, ...]:
    """Every spell of at least `away_dwell` seconds in which a visible face is not turned to the camera.

    Samples without a face, or without calibration, say nothing about gaze and end a spell. A track
    that was never calibrated has no such events.
    """
    if not track.calibrated:
        return ()
    away = [sample.facing is False for sample in track.samples]
    times = [sample.time for sample in track.samples]
    found = find_spells(times, away, duration=track.duration, bridge=thresholds.bridge)
    return tuple(
        as_event(IntegrityKind.LOOKING_AWAY, spell, _values(track.samples, spell))
        for spell in found
        if spell.duration >= thresholds.away_dwell
    )


def _values(samples: Sequence[FaceSample], spell: Spell) -> dict[str, float]:
    seen = [samples[index] for index in spell.indices]
    angles = {
        "mean_yaw_degrees": [s.yaw for s in seen if s.yaw is not None],
        "mean_pitch_degrees": [s.pitch for s in seen if s.pitch is not None],
        "mean_gaze_x": [s.gaze_x for s in seen if s.gaze_x is not None],
        "mean_gaze_y": [s.gaze_y for s in seen if s.gaze_y is not None],
    }
    return {name: round(fmean(values), 3) for name, values in angles.items() if values}
