"""Messages that nobody can handle, as an outsider would put them on topics, and who has to put them aside."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError

from tests.chaos.observed import Poison
from tests.support.facts import ingested, reported
from tools.readers import readers
from vivavoce.contracts import Envelope, Fact
from vivavoce.contracts.ids import new_id

MARK = "chaos_poison"
NOT_JSON, NO_ENVELOPE, FAILING, HUGE = "not JSON", "no envelope", "handler fails", "2 MB"
UNKNOWN_TYPE, UNKNOWN_VERSION = "unknown type", "unknown version"
POISONS = (NOT_JSON, NO_ENVELOPE, FAILING, HUGE, UNKNOWN_TYPE, UNKNOWN_VERSION)
HUGE_BYTES = 2_000_000
LONGEST_REQUEST = 4_000_000
SEND_TRIES = 20
PAUSE_SECONDS = 1.0
TOO_LARGE = (MessageSizeTooLargeError, RecordTooLargeError, RecordListTooLargeError)
ORGANIZATION = "org_local"


def groups_by_topic() -> dict[str, tuple[str, ...]]:
    """The consuming groups of every topic, by the services' own tables."""
    found: dict[str, list[str]] = {}
    for reader in readers():
        if reader.group is not None:
            found.setdefault(reader.topic, []).append(reader.group)
    return {topic: tuple(groups) for topic, groups in found.items()}


READERS = groups_by_topic()
REFUSING: Mapping[str, tuple[str, ...]] = {
    "recording.ingested": ("media.analysis",),
    "integrity.reported": ("gateway.gateway",),
}
"""Who can't handle a valid fact: a recording that isn't stored, the integrity of an unknown interview."""
TOPICS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(REFUSING if kind == FAILING else READERS) for kind in POISONS
}
"""The topics that each kind is put on."""


@dataclass
class Poisoner:
    """Puts poison on a running stack's topics, and remembers what the broker took and when."""

    kafka: str
    put_in: list[Poison] = field(default_factory=list)
    refused: int = 0

    async def put(self, kind: str, topic: str) -> None:
        """Send until the broker takes it, or says that it never will; raises KafkaError."""
        subject = uuid4().hex[:24]
        groups = (REFUSING if kind == FAILING else READERS)[topic]
        poison = Poison(new_id(), subject, kind, topic, groups)
        headers = [(MARK, poison.id.encode()), *_headers(kind, topic, subject)]
        try:
            await self._persist(topic, subject, _value(kind, topic, subject), headers)
        except TOO_LARGE:
            self.refused += 1
        except KafkaError:
            self.put_in.append(poison)
            raise
        else:
            self.put_in.append(replace(poison, taken_at=monotonic()))

    async def _persist(self, topic: str, key: str, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        for tries_left in range(SEND_TRIES, 0, -1):
            try:
                return await self._send(topic, key, value, headers)
            except KafkaError as error:
                if tries_left == 1 or isinstance(error, TOO_LARGE):
                    raise
            await asyncio.sleep(PAUSE_SECONDS)
        return None

    async def _send(self, topic: str, key: str, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        producer: Any = AIOKafkaProducer(
            bootstrap_servers=self.kafka, acks="all", max_request_size=LONGEST_REQUEST
        )
        try:
            await producer.start()
            await producer.send_and_wait(topic, value, key=key.encode(), headers=headers)
        finally:
            await producer.stop()


def _headers(kind: str, topic: str, subject: str) -> Iterator[tuple[str, bytes]]:
    if kind == NO_ENVELOPE:
        return
    envelope = Envelope(
        id=new_id(),
        type="nothing.known" if kind == UNKNOWN_TYPE else topic,
        source="/outsider",
        time=datetime.now(UTC),
        subject=subject,
        organization_id=ORGANIZATION,
        correlation_id=new_id(),
        version=99 if kind == UNKNOWN_VERSION else 1,
    )
    yield from envelope.to_headers()


def _value(kind: str, topic: str, subject: str) -> bytes:
    if kind == FAILING:
        return _valid(topic, subject).model_dump_json().encode()
    return {
        NOT_JSON: b"\x00\xffneither JSON nor text",
        HUGE: json.dumps({"interview_id": "x" * HUGE_BYTES}).encode(),
    }.get(kind, json.dumps({"interview_id": subject}).encode())


def _valid(topic: str, subject: str) -> Fact:
    if topic == "integrity.reported":
        return reported().model_copy(update={"interview_id": subject, "answers": ()})
    fact = ingested()
    absent = fact.recording.model_copy(update={"key": f"recordings/{subject}"})
    return fact.model_copy(update={"interview_id": subject, "answer_id": subject, "recording": absent})
