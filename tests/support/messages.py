"""Reads what stands on a running stack's broker, from the beginning of every topic."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer

from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.cli.home import Home
from vivavoce.cli.stack.parts import Plan

FETCH_MS = 500


@dataclass(frozen=True)
class Message:
    """One message as it lies on its topic."""

    topic: str
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def whole(self) -> bytes:
        """Everything that a reader of the topic gets to see."""
        parts = [part for pair in self.headers for part in (pair[0].encode(), pair[1])]
        return b"\n".join([self.key or b"", self.value, *parts])


async def read_messages(home: Path, topics: Iterable[str]) -> list[Message]:
    """Every message of these topics; `home` is the running stack's folder."""
    plan = Plan.model_validate_json(Home(home).plan.read_text())
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=plan.kafka, group_id=None, enable_auto_commit=False)
    await consumer.start()
    try:
        return await _read(consumer, sorted(topics))
    finally:
        await consumer.stop()


async def _read(consumer: Any, topics: list[str]) -> list[Message]:
    places = await existing_partitions(consumer, topics)
    begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    left = {place for place in places if ends[place] > begins[place]}
    found: list[Message] = []
    if left:
        consumer.assign(list(left))
        await consumer.seek_to_beginning()
    while left:
        for records in (await consumer.getmany(*left, timeout_ms=FETCH_MS)).values():
            found += [_message(record) for record in records]
        left = {place for place in left if await consumer.position(place) < ends[place]}
    return found


def _message(record: Any) -> Message:
    return Message(record.topic, record.key, record.value or b"", tuple(record.headers))
