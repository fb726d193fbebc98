"""The dead letters that a broker keeps, each with what operators have done about it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from vivavoce.chassis.dead_letters import OPEN, VALUE_BYTES_HEADER, History, Settlement, State, letter_id
from vivavoce.chassis.kafka_history import (
    ends_of,
    read_between,
    starts_of,
    time_of,
)
from vivavoce.chassis.kafka_listener import to_record
from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.reading import FIRST_FAILED_HEADER, GROUP_HEADER, read_headers
from vivavoce.chassis.wire import Record
from vivavoce.contracts.topics import all_topics, is_dead_letter_topic, original_topic


class DeadLetter(BaseModel):
    """One message that could not be handled, as programs read it. `time` is when it was put aside.

    `bytes` is the length of the value that was given up; `complete` says whether the letter still has
    it. `copies` are the places where it lies.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    topic: str
    partition: int
    offset: int
    key: str | None
    error: str | None
    attempts: int | None
    time: datetime
    group: str | None
    event_id: str | None
    event_type: str | None
    bytes: int
    complete: bool
    first_failed_at: str | None
    original_topic: str | None
    original_partition: int | None
    original_offset: int | None
    copies: tuple[str, ...]
    state: State
    settlements: tuple[Settlement, ...]


@dataclass(frozen=True)
class Letter:
    """A dead letter with its whole message, and what was done about it."""

    record: Record
    time: datetime
    copies: tuple[str, ...]
    history: History = field(default_factory=History)

    @property
    def id(self) -> str:
        """What the letter is known by, wherever it lies."""
        return letter_id(self.record.topic, self.record.value, self.record.headers)

    @property
    def place(self) -> str:
        """Where it lies: topic/partition/offset."""
        return place_of(self.record)

    @property
    def headers(self) -> dict[str, str]:
        """The headers that are text."""
        return read_headers(self.record.headers)

    @property
    def group(self) -> str | None:
        """Who gave the message up."""
        return self.headers.get(GROUP_HEADER) or None

    @property
    def error_code(self) -> str:
        """The code of the error that it was given up for, or nothing."""
        return self.headers.get("dlq_error", "").partition(":")[0]

    @property
    def complete(self) -> bool:
        """Whether it has the value of the message, which may have been too large for it."""
        return VALUE_BYTES_HEADER not in self.headers

    def described(self) -> DeadLetter:
        """The letter as programs read it."""
        found, record = self.headers, self.record
        length = _whole(found.get(VALUE_BYTES_HEADER))
        return DeadLetter(
            id=self.id,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key.decode(errors="replace") if record.key is not None else None,
            error=found.get("dlq_error"),
            attempts=_whole(found.get("dlq_attempts")),
            time=self.time,
            group=self.group,
            event_id=found.get("ce_id"),
            event_type=found.get("ce_type"),
            bytes=len(record.value or b"") if length is None else length,
            complete=self.complete,
            first_failed_at=found.get(FIRST_FAILED_HEADER),
            original_topic=found.get("dlq_topic"),
            original_partition=_whole(found.get("dlq_partition")),
            original_offset=_whole(found.get("dlq_offset")),
            copies=self.copies,
            state=self.history.state,
            settlements=self.history.settlements,
        )


@dataclass(frozen=True)
class Wanted:
    """Which letters are meant; every condition that is given must hold. `named` are places or ids."""

    topic: str | None = None
    group: str | None = None
    error: str | None = None
    key: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    named: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether nothing was chosen."""
        return self == Wanted()

    def covers(self, letter: Letter) -> bool:
        """Whether the letter is meant."""
        told = letter.described()
        conditions = (
            (self.topic, lambda topic: original_topic(topic) == original_topic(told.topic)),
            (self.group, lambda group: group == told.group),
            (self.error, lambda error: error == letter.error_code),
            (self.key, lambda key: key == told.key),
            (self.since, lambda since: letter.time >= since),
            (self.until, lambda until: letter.time < until),
            (self.named or None, lambda named: not {letter.id, *letter.copies}.isdisjoint(named)),
        )
        return all(wanted is None or holds(wanted) for wanted, holds in conditions)


def dead_letter_topics() -> tuple[str, ...]:
    """The topics that keep what could not be handled."""
    return tuple(topic.name for topic in all_topics() if is_dead_letter_topic(topic.name))


async def read_letters(consumer: Any) -> list[Letter]:
    """Every dead letter that the broker still keeps, oldest first, without what was done about it."""
    partitions = await existing_partitions(consumer, dead_letter_topics())
    starts, ends = await starts_of(consumer, partitions, None), await ends_of(consumer, partitions)
    found = [to_letter(record) async for record in read_between(consumer, starts, ends)]
    return sorted(merged(found), key=lambda letter: letter.time)


def to_letter(record: Any) -> Letter:
    """An aiokafka ConsumerRecord of a dead-letter topic."""
    read = to_record(record)
    return Letter(read, time_of(record), (place_of(read),))


def place_of(record: Record) -> str:
    """topic/partition/offset."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def merged(letters: Iterable[Letter]) -> Iterator[Letter]:
    """One letter for each that lies in several places; the copy that has its value stands for it."""
    groups: dict[str, list[Letter]] = {}
    for letter in letters:
        groups.setdefault(letter.id, []).append(letter)
    for copies in groups.values():
        best = next((copy for copy in copies if copy.complete), copies[0])
        places = tuple(place for copy in copies for place in copy.copies)
        yield replace(best, copies=places, time=min(copy.time for copy in copies))


def chosen(letters: Sequence[Letter], wanted: Wanted, *, all_states: bool) -> list[Letter]:
    """The letters that are meant; only open ones, unless all states are asked for."""
    return [
        letter for letter in letters if wanted.covers(letter) and (all_states or letter.history.state == OPEN)
    ]


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None
