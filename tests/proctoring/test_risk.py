"""How events become a band, by the rules of fairness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.contracts import IntegrityEvent, IntegrityKind, RiskBand, Severity
from vivavoce.proctoring.risk import band_of, findings

FACE_KINDS = (IntegrityKind.NOBODY_VISIBLE, IntegrityKind.LOOKING_AWAY)


def event(
    kind: IntegrityKind, seconds: float, start: float = 0.0, severity: Severity = Severity.NOTICE
) -> IntegrityEvent:
    """An event of some length."""
    return IntegrityEvent(kind=kind, start=start, end=start + seconds, severity=severity, values={})


@pytest.mark.parametrize("kind", list(IntegrityKind))
def test_one_short_event_is_no_finding(kind: IntegrityKind) -> None:
    assert band_of(findings([event(kind, 9)])) is RiskBand.LOW


@pytest.mark.parametrize("kind", list(IntegrityKind))
def test_two_events_or_a_long_one_are_a_finding(kind: IntegrityKind) -> None:
    assert band_of(findings([event(kind, 3), event(kind, 3, start=20)])) is RiskBand.ELEVATED
    assert band_of(findings([event(kind, 10.1)])) is RiskBand.ELEVATED


def test_an_absent_face_is_never_high_however_long_or_often() -> None:
    absences = [event(IntegrityKind.NOBODY_VISIBLE, 60, start=70.0 * turn) for turn in range(20)]
    assert band_of(findings(absences)) is RiskBand.ELEVATED


@given(st.lists(st.tuples(st.sampled_from(FACE_KINDS), st.floats(0, 500)), max_size=30))
def test_one_instrument_alone_is_never_high(events: list[tuple[IntegrityKind, float]]) -> None:
    assert band_of(findings(event(kind, seconds) for kind, seconds in events)) is not RiskBand.HIGH


@pytest.mark.parametrize("kind", FACE_KINDS)
def test_findings_of_two_independent_instruments_are_high(kind: IntegrityKind) -> None:
    assert band_of(findings([event(kind, 12), event(IntegrityKind.SEVERAL_PEOPLE, 12)])) is RiskBand.HIGH


def test_an_event_beside_a_finding_does_not_make_it_high() -> None:
    found = findings([event(IntegrityKind.LOOKING_AWAY, 12), event(IntegrityKind.SEVERAL_PEOPLE, 3)])
    assert band_of(found) is RiskBand.ELEVATED


def test_events_for_information_are_no_grounds() -> None:
    shown = event(IntegrityKind.NOBODY_VISIBLE, 60, severity=Severity.INFO)
    assert band_of(findings([shown, shown])) is RiskBand.LOW
