"""How a report writes numbers, times and codes for people."""

from collections.abc import Mapping

from vivavoce.contracts import Evidence, IntegrityKind, Observable, Versions

ABSENT = "–"
COUNT = "count"
UNITS = {"speech_rate": "words/min"}
LIMITS = {"signal_to_noise": 60.0}
"""Where a measure ends: a larger value than this is not told apart from it."""
KINDS = {
    IntegrityKind.NOBODY_VISIBLE: "nobody can be seen",
    IntegrityKind.SEVERAL_PEOPLE: "several people can be seen",
    IntegrityKind.LOOKING_AWAY: "looking away from the camera",
}


def number(value: float | None, digits: int = 1) -> str:
    """A number for people; a dash for null."""
    return ABSENT if value is None else f"{value:.{digits}f}"


def measured(observable: Observable) -> str:
    """An observable's value: counts without decimals, and "≥" at the limit of its measure."""
    if observable.value is None:
        return ABSENT
    limit = LIMITS.get(observable.name)
    if limit is not None and observable.value >= limit:
        return f"≥ {limit:g}"
    return f"{observable.value:g}" if observable.unit == COUNT else number(observable.value, 2)


def span(start: float | None, end: float | None) -> str:
    """A span of a recording in seconds."""
    if start is None and end is None:
        return ""
    return f"{number(start)}–{number(end)} s"


def share(weight: float) -> str:
    """A weight in percent."""
    return f"{weight:.1%}"


def grounds(evidence: Evidence) -> str:
    """A quote with its times, or an observable with its value."""
    if evidence.quote is not None:
        return f"{span(evidence.start, evidence.end)} “{evidence.quote}”".lstrip()
    if evidence.observable is not None:
        observable = evidence.observable
        return f"{observable.name} = {measured(observable)} {observable.unit}"
    return ABSENT


def event_values(values: Mapping[str, float]) -> str:
    """The numbers behind an integrity event; whole ones without decimals."""
    shown = {name.replace("_", " "): value for name, value in values.items()}
    return ", ".join(f"{name} {number(value, 0 if value % 1 == 0 else 2)}" for name, value in shown.items())


def kind_in_words(kind: IntegrityKind) -> str:
    """What was noticed, with its code."""
    return f"{KINDS[kind]} ({kind})"


def versions_in_words(versions: Versions) -> str:
    """What produced a result, so that it can be repeated."""
    models = ", ".join(f"{name} {version}" for name, version in sorted(versions.models.items()))
    made = f"Made by judge {versions.judge}, rubric {versions.rubric}, formulas {versions.formulas}"
    return f"{made}; models: {models}" if models else made
