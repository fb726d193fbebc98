"""What operators did about dead letters, kept on an audit topic; for a forgetful broker also in a file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vivavoce.chassis.dead_letters import Settlement
from vivavoce.chassis.kafka_history import ends_of, read_between, starts_of
from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.wire import Parcel, Wire
from vivavoce.cli.broker_place import BrokerPlace
from vivavoce.contracts.topics import AUDIT_TOPIC


async def read_audit(consumer: Any) -> list[Settlement]:
    """The settlements on the audit topic."""
    partitions = await existing_partitions(consumer, [AUDIT_TOPIC])
    starts, ends = await starts_of(consumer, partitions, None), await ends_of(consumer, partitions)
    values = [record.value or b"" async for record in read_between(consumer, starts, ends)]
    return _readable(values)


def read_journal(journal: Path | None) -> list[Settlement]:
    """The settlements in the file; none when there is no file."""
    if journal is None or not journal.exists():
        return []
    return _readable(journal.read_bytes().splitlines())


async def record_settlement(wire: Wire, place: BrokerPlace, done: Settlement) -> None:
    """Keep a settlement: first in the file, from which the topic is made good if this breaks off."""
    if place.journal is not None:
        with place.journal.open("a") as file:
            file.write(done.model_dump_json() + "\n")
    await publish(wire, done)


async def publish(wire: Wire, done: Settlement) -> None:
    """Put a settlement on the audit topic."""
    await wire.send(Parcel(AUDIT_TOPIC, done.id.encode(), done.model_dump_json().encode()))


def forgotten(told: Iterable[Settlement], journal: Iterable[Settlement]) -> list[Settlement]:
    """What the file knows and the topic doesn't."""
    known = {done.id for done in told}
    return [done for done in journal if done.id not in known]


def _readable(values: Iterable[bytes]) -> list[Settlement]:
    found: list[Settlement] = []
    for value in values:
        try:
            found.append(Settlement.model_validate_json(value))
        except ValidationError:
            continue
    return found
