"""Counts the dead letters that wait for an operator, for the gauge: all topics, minus what was settled."""

from collections import Counter
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition
from pydantic import ValidationError

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.dead_letters import Settlement, letter_id
from vivavoce.chassis.errors import InfrastructureAway
from vivavoce.chassis.kafka_history import (
    ends_of,
    history_reader,
    read_between,
    starts_of,
    time_of,
)
from vivavoce.chassis.kafka_listener import to_record
from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.kafka_wire import connection_options
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.metrics import DEAD_LETTERS_OPEN
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.contracts.topics import (
    AUDIT_TOPIC,
    DEAD_LETTER_RETENTION,
    all_topics,
    is_dead_letter_topic,
    original_topic,
)

LOOK_SECONDS = 30.0
LETTER_TOPICS = tuple(topic.name for topic in all_topics() if is_dead_letter_topic(topic.name))

log = get_logger(__name__)


class DeadLetterWatch:
    """Reads what is new on the dead-letter topics and their audit now and then.

    A broker that forgot its log is sent its letters again, and they are known again by their ids.
    """

    def __init__(self, settings: ServiceSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._letters: dict[str, tuple[str, datetime]] = {}
        self._settled: set[str] = set()
        self._positions: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}

    async def run_forever(self) -> None:
        """Look now and then, until cancelled; while the broker is away, the gauge stands still."""
        while True:
            try:
                await self.look()
            except InfrastructureAway as error:
                log.debug("dead_letters_not_counted", reason=error.message)
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> dict[str, int]:
        """Read what is new and set the gauge; returns the open letters by the topic they came from."""
        async with history_reader(connection_options(self._settings)) as consumer:
            partitions = await existing_partitions(consumer, (*LETTER_TOPICS, AUDIT_TOPIC))
            ends = await ends_of(consumer, partitions)
            if ends != self._ends:
                await self._read(consumer, ends)
                self._ends = ends
        counted = self._count()
        for topic, number in counted.items():
            DEAD_LETTERS_OPEN.labels(topic).set(number)
        return counted

    async def _read(self, consumer: Any, ends: dict[TopicPartition, int]) -> None:
        first = await starts_of(consumer, ends, None)
        starts = {place: self._start(place, first[place], end) for place, end in ends.items()}
        async for record in read_between(consumer, starts, ends):
            self._note(record)
            self._positions[TopicPartition(record.topic, record.partition)] = record.offset + 1

    def _start(self, place: TopicPartition, first: int, end: int) -> int:
        """Where to go on; from the first record where the log has become shorter, or seems to."""
        position = self._positions.get(place, first)
        return position if first <= position <= end else first

    def _note(self, found: Any) -> None:
        record = to_record(found)
        if record.topic != AUDIT_TOPIC:
            known_as = letter_id(record.topic, record.value, record.headers)
            self._letters[known_as] = (original_topic(record.topic), time_of(found))
            return
        try:
            self._settled.add(Settlement.model_validate_json(record.value or b"").letter_id)
        except ValidationError:
            log.warning("audit_record_unreadable", offset=record.offset)

    def _count(self) -> dict[str, int]:
        oldest = self._clock.now() - DEAD_LETTER_RETENTION
        self._letters = {known: found for known, found in self._letters.items() if found[1] >= oldest}
        open_topics = Counter(
            topic for known, (topic, _) in self._letters.items() if known not in self._settled
        )
        return {original_topic(topic): open_topics[original_topic(topic)] for topic in LETTER_TOPICS}
