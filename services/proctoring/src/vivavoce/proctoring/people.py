"""Whether more than one person is in the picture, by the people counter alone."""

from vivavoce.contracts import FaceTrack, IntegrityEvent, IntegrityKind
from vivavoce.proctoring.events import as_event
from vivavoce.proctoring.spells import find_spells
from vivavoce.proctoring.thresholds import Thresholds

CANDIDATE_ALONE = 1


def several_people(track: FaceTrack, thresholds: Thresholds) -> tuple[IntegrityEvent, ...]:
    """Every spell of at least `people_dwell` seconds in which the counter saw more than one person.

    The counter runs on some samples only, about one a second; the others don't count.
    """
    counted = [(sample.time, sample.people) for sample in track.samples if sample.people is not None]
    times = [time for time, _ in counted]
    several = [people > CANDIDATE_ALONE for _, people in counted]
    found = find_spells(times, several, duration=track.duration, bridge=thresholds.bridge)
    return tuple(
        as_event(
            IntegrityKind.SEVERAL_PEOPLE,
            spell,
            {"most_people": float(max(counted[index][1] for index in spell.indices))},
        )
        for spell in found
        if spell.duration >= thresholds.people_dwell
    )
