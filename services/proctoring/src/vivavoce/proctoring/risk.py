"""From events to a risk band: a hint how much a person should look, never a verdict."""

from collections import Counter
from collections.abc import Iterable

from vivavoce.contracts import IntegrityEvent, IntegrityKind, RiskBand, Severity
from vivavoce.proctoring.thresholds import LONG_DWELL, REPEATED

SIGNAL_OF = {
    IntegrityKind.NOBODY_VISIBLE: "face",
    IntegrityKind.LOOKING_AWAY: "face",
    IntegrityKind.SEVERAL_PEOPLE: "people_counter",
}
"""Which instrument each kind rests on: two kinds from one instrument are not independent."""
INDEPENDENT_SIGNALS = 2


def findings(events: Iterable[IntegrityEvent]) -> frozenset[IntegrityKind]:
    """The kinds of which one answer shows enough: two events, or one longer than ten seconds.

    Events for information only are left out.
    """
    solid = [event for event in events if event.severity is not Severity.INFO]
    counts = Counter(event.kind for event in solid)
    long = {event.kind for event in solid if event.end - event.start > LONG_DWELL}
    return frozenset(kind for kind, count in counts.items() if count >= REPEATED or kind in long)


def band_of(kinds: Iterable[IntegrityKind]) -> RiskBand:
    """`high` when findings rest on two independent instruments, `elevated` on one, else `low`.

    So an absent face alone, or an averted gaze alone, is never `high`; nor are both together, because
    one face finder reports both and one turned head causes both.
    """
    signals = {SIGNAL_OF[kind] for kind in kinds}
    if len(signals) >= INDEPENDENT_SIGNALS:
        return RiskBand.HIGH
    return RiskBand.ELEVATED if signals else RiskBand.LOW
