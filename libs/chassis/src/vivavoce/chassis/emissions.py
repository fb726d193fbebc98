"""What a unit of work has to publish, collected until it commits, the same over every database."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vivavoce.chassis.correlation import Context
from vivavoce.chassis.outbox import OutboxRow
from vivavoce.contracts import Fact
from vivavoce.contracts.ids import derived_id, new_id


@dataclass(frozen=True)
class Emission:
    """A message that has no place in its aggregate's order yet."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    event_id: str | None
    aggregate: str

    def row(self, sequence: int, created_at: datetime) -> OutboxRow:
        """The outbox row with the place that the database gave it."""
        return OutboxRow(
            id=new_id(),
            topic=self.topic,
            key=self.key,
            value=self.value,
            headers=self.headers,
            event_id=self.event_id,
            aggregate=self.aggregate,
            sequence=sequence,
            created_at=created_at,
        )


class Emissions:
    """What follows a unit of work: its messages, in the order of `emit` and `forward`, and calls."""

    def __init__(self, context: Context, source: str, now: datetime) -> None:
        self._context = context
        self._source = source
        self._now = now
        self.collected: list[Emission] = []
        self.afterwards: list[Callable[[], None]] = []
        self.otherwise: list[Callable[[], None]] = []

    def emit(self, fact: Fact, event_id: str | None) -> None:
        """Collect a fact with its CloudEvents headers."""
        envelope = self._context.envelope(
            fact, event_id=event_id or self._next_id(fact), source=self._source, time=self._now
        )
        self.collected.append(
            Emission(
                topic=fact.type,
                key=fact.key.encode(),
                value=fact.model_dump_json().encode(),
                headers=tuple(envelope.to_headers()),
                event_id=envelope.id,
                aggregate=fact.key,
            )
        )

    def forward(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> None:
        """Collect a message as it is. Its aggregate is its topic and key, for keys need not be text."""
        aggregate = f"{topic}/{'' if key is None else key.hex()}"
        self.collected.append(Emission(topic, key, value, tuple(headers), None, aggregate))

    def committed(self) -> None:
        """The unit of work has been committed."""
        for call in self.afterwards:
            call()

    def abandoned(self) -> None:
        """The unit of work has not been committed, or not by all that is known."""
        for call in self.otherwise:
            call()

    def _next_id(self, fact: Fact) -> str:
        cause = self._context.causation_id
        if cause is None:
            return new_id()
        return derived_id(cause, fact.type, fact.key, str(len(self.collected)))


def by_aggregate(emissions: Iterable[Emission]) -> dict[str, list[Emission]]:
    """The emissions of each aggregate in order; aggregates by name, so that all take the same path."""
    groups: dict[str, list[Emission]] = {}
    for emission in emissions:
        groups.setdefault(emission.aggregate, []).append(emission)
    return dict(sorted(groups.items()))


def numbered(emissions: Sequence[Emission], last: int, created_at: datetime) -> list[OutboxRow]:
    """The rows of one aggregate's emissions, when `last` is the sequence that the last of them gets."""
    first = last - len(emissions) + 1
    return [emission.row(first + place, created_at) for place, emission in enumerate(emissions)]
