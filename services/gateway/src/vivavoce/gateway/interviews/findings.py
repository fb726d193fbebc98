"""What was noticed in an interview, over all its answers, in one order that pages are read in; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vivavoce.contracts import IntegrityEvent, IntegrityKind, Severity
from vivavoce.gateway.cursors import InvalidCursor
from vivavoce.gateway.interviews.repository import Answer

RISING = tuple(Severity)
"""Severities, the least first."""


@dataclass(frozen=True, order=True)
class Place:
    """Where a finding lies: its answer's place in the interview, then its own in the answer's report."""

    position: int
    index: int

    def __str__(self) -> str:
        return f"{self.position}.{self.index}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place that a text tells; raises InvalidCursor."""
        try:
            position, index = map(int, text.split("."))
        except ValueError as error:
            raise InvalidCursor("The cursor tells no place of a finding; begin without one.") from error
        return cls(position, index)


@dataclass(frozen=True)
class Finding:
    """Something noticed in one of an interview's answers."""

    place: Place
    answer: Answer
    event: IntegrityEvent


@dataclass(frozen=True)
class Wanted:
    """What findings must be: of a kind, and at least of a severity."""

    kind: IntegrityKind | None = None
    severity: Severity | None = None

    def holds(self, event: IntegrityEvent) -> bool:
        """Whether the event is wanted."""
        least = RISING[0] if self.severity is None else self.severity
        return self.kind in (None, event.kind) and RISING.index(event.severity) >= RISING.index(least)


def findings_in(answers: Iterable[Answer]) -> Iterator[Finding]:
    """Every finding in answers that are in the order of their questions; a report's are in time."""
    for answer in answers:
        events = answer.integrity.events if answer.integrity else ()
        for index, event in enumerate(events):
            yield Finding(Place(answer.position, index), answer, event)


def page_of(
    answers: Iterable[Answer], wanted: Wanted, after: Place | None, size: int
) -> tuple[list[Finding], Place | None]:
    """So many wanted findings after a place, and the place that the list goes on after, if it does."""
    found: list[Finding] = []
    for each in findings_in(answers):
        if not wanted.holds(each.event) or (after is not None and each.place <= after):
            continue
        if len(found) == size:
            return found, found[-1].place
        found.append(each)
    return found, None
