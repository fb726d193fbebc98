"""Whether the candidate's face can be seen at all."""

from vivavoce.contracts import FaceTrack, IntegrityEvent, IntegrityKind, Severity
from vivavoce.proctoring.events import PEOPLE_SEEN, as_event
from vivavoce.proctoring.spells import Spell, find_spells
from vivavoce.proctoring.thresholds import Thresholds


def nobody_visible(track: FaceTrack, thresholds: Thresholds) -> tuple[IntegrityEvent, ...]:
    """Every spell of at least `nobody_dwell` seconds in which no face was found.

    Face finders miss some faces more often than others, by lighting, pose and skin. So the separate
    people counter is asked as well: where it saw somebody meanwhile, the event is for information
    only and no finding can rest on it.
    """
    hidden = [not sample.visible for sample in track.samples]
    times = [sample.time for sample in track.samples]
    found = find_spells(times, hidden, duration=track.duration, bridge=thresholds.bridge)
    return tuple(_event(track, spell) for spell in found if spell.duration >= thresholds.nobody_dwell)


def _event(track: FaceTrack, spell: Spell) -> IntegrityEvent:
    counts = [sample.people for sample in track.samples if spell.start <= sample.time <= spell.end]
    known = [count for count in counts if count is not None]
    if not known:
        return as_event(IntegrityKind.NOBODY_VISIBLE, spell, {})
    values = {PEOPLE_SEEN: float(max(known))}
    severity = Severity.INFO if max(known) else None
    return as_event(IntegrityKind.NOBODY_VISIBLE, spell, values, severity)
