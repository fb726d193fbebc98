"""Looking away: from when to when, by the calibrated judgement that came with each sample."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from vivavoce.contracts import FaceSample, FaceTrack, FacingCamera, IntegrityEvent, IntegrityKind
from vivavoce.proctoring.events import as_event
from vivavoce.proctoring.spells import Spell, find_spells
from vivavoce.proctoring.thresholds import Thresholds

SET_OUT = 0.1
"""Share of the way from the camera to where somebody looks at which the eyes have set out."""
LONGEST_SETTING_OUT = 0.5
"""Seconds: an event begins at most this much before its first sample that doesn't face the camera."""

Direction = tuple[float, float]
"""Degrees to the candidate's left, and upwards."""


def looking_away(track: FaceTrack, thresholds: Thresholds) -> tuple[IntegrityEvent, ...]:
    """Every spell of at least `away_dwell` seconds in which a visible face is not turned to the camera.

    A spell begins when the eyes set out and ends when they are back. Samples without a face, or
    without calibration, say nothing about gaze and end a spell. A track that was never calibrated
    has no such events. Where the track doesn't say by what it was judged, an event begins with its
    first sample and has no degrees.
    """
    if not track.calibrated:
        return ()
    away = [sample.facing is False for sample in track.samples]
    times = [sample.time for sample in track.samples]
    found = find_spells(times, away, duration=track.duration, bridge=thresholds.bridge)
    return tuple(
        as_event(IntegrityKind.LOOKING_AWAY, _from_setting_out(track, spell), _values(track, spell))
        for spell in found
        if spell.duration >= thresholds.away_dwell
    )


def _from_setting_out(track: FaceTrack, spell: Spell) -> Spell:
    """The spell with its start moved back to when the eyes left the camera."""
    samples, camera = track.samples, track.facing_camera
    if camera is None:
        return spell
    home = _middle([sample for sample in samples if sample.facing], camera)
    goal = _middle([samples[index] for index in spell.indices], camera)
    if home is None or goal is None:
        return spell
    start, first = spell.start, spell.indices[0]
    for place in range(first - 1, 0, -1):
        sample = samples[place]
        if not sample.facing or samples[first].time - sample.time > LONGEST_SETTING_OUT:
            break
        if _share_of_way(_off_camera(sample, camera), home, goal) < SET_OUT:
            break
        start = (samples[place - 1].time + sample.time) / 2
    return replace(spell, start=max(start, spell.start - LONGEST_SETTING_OUT))


def _off_camera(sample: FaceSample, camera: FacingCamera) -> Direction:
    """How far head and eyes together point off the camera, as media judged it."""
    yaw, pitch = (sample.yaw or 0.0) - camera.yaw, (sample.pitch or 0.0) - camera.pitch
    gaze_x, gaze_y = (sample.gaze_x or 0.0) - camera.gaze_x, (sample.gaze_y or 0.0) - camera.gaze_y
    return yaw + camera.eye_turn * gaze_x, pitch + camera.eye_turn * gaze_y


def _middle(samples: Sequence[FaceSample], camera: FacingCamera) -> Direction | None:
    if not samples:
        return None
    directions = [_off_camera(sample, camera) for sample in samples]
    return median(sideways for sideways, _ in directions), median(upwards for _, upwards in directions)


def _share_of_way(at: Direction, home: Direction, goal: Direction) -> float:
    way = (goal[0] - home[0], goal[1] - home[1])
    length = way[0] ** 2 + way[1] ** 2
    if not length:
        return 0.0
    return ((at[0] - home[0]) * way[0] + (at[1] - home[1]) * way[1]) / length


def _values(track: FaceTrack, spell: Spell) -> dict[str, float]:
    """How far off the camera the open eyes usually were, beside how far off still faces it."""
    camera = track.facing_camera
    if camera is None:
        return {}
    seen = [track.samples[index] for index in spell.indices]
    off = _middle([each for each in seen if (each.blink or 0.0) < camera.closed_eyes], camera)
    degrees = (
        {"degrees_off_sideways": round(off[0], 1), "degrees_off_upwards": round(off[1], 1)} if off else {}
    )
    return {**degrees, "tolerance_degrees": camera.tolerance}
