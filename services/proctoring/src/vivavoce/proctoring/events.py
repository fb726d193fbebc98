"""How a spell becomes an event that a person can check."""

from vivavoce.contracts import IntegrityEvent, IntegrityKind, Severity
from vivavoce.proctoring.spells import Spell
from vivavoce.proctoring.thresholds import LONG_DWELL

PEOPLE_SEEN = "people_seen_meanwhile"
"""Named value: the most people that the separate people counter saw during a spell without a face."""


def as_event(
    kind: IntegrityKind, spell: Spell, values: dict[str, float], severity: Severity | None = None
) -> IntegrityEvent:
    """The event of a spell: `warning` when it lasted longer than ten seconds, otherwise `notice`."""
    usual = Severity.WARNING if spell.duration > LONG_DWELL else Severity.NOTICE
    basis = {"seconds": round(spell.duration, 3), "samples": float(len(spell.indices))}
    return IntegrityEvent(
        kind=kind,
        start=round(spell.start, 3),
        end=round(spell.end, 3),
        severity=severity or usual,
        values=basis | values,
    )
