"""What an operator does about dead letters: send them again to who gave them up, or close them."""

import getpass
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from aiokafka import TopicPartition
from pydantic import BaseModel, ConfigDict

from vivavoce.chassis.dead_letters import (
    DISCARDED,
    REDRIVEN,
    VALUE_DIGEST_HEADER,
    Action,
    History,
    Settlement,
    histories,
    redrive_id,
    redriven,
)
from vivavoce.chassis.doorbell import make_doorbell
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.kafka_history import history_reader, record_at
from vivavoce.chassis.kafka_topics import existing_partitions
from vivavoce.chassis.kafka_wire import KafkaWire
from vivavoce.chassis.settings import ServiceSettings
from vivavoce.chassis.wire import Parcel, Wire
from vivavoce.cli.broker_place import CLIENT_ID, BrokerPlace
from vivavoce.cli.dead_letter_audit import (
    forgotten,
    publish,
    read_audit,
    read_journal,
    record_settlement,
)
from vivavoce.cli.dead_letters import Letter, read_letters
from vivavoce.cli.errors import CommandFailed
from vivavoce.contracts.topics import AUDIT_TOPIC

LARGEST_MESSAGE = 64 * 1024 * 1024
"""The broker decides what is too large; the sender never does before it."""


class Step(BaseModel):
    """What is to be done about one letter, and then what has become of that.

    `topic` and `redrive_id` are those of the message that a redrive sends. `problem` says why nothing
    was done.
    """

    model_config = ConfigDict(frozen=True)

    letter_id: str
    place: str
    action: Action
    attempt: int
    topic: str | None
    group: str | None
    redrive_id: str | None
    problem: str | None = None


@dataclass(frozen=True)
class Order:
    """What an operator decided, about whatever letters: by whom, when and why."""

    action: Action
    by: str
    at: datetime
    reason: str


def operator() -> str:
    """Who gives the order: user@host."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def planned(letter: Letter, action: Action) -> Step:
    """The step that an order means for a letter. A redrive that broke off is planned as it was before."""
    attempt = letter.history.redrives + (action == REDRIVEN)
    group = letter.group
    step = Step(
        letter_id=letter.id,
        place=letter.place,
        action=action,
        attempt=attempt,
        topic=None,
        group=group,
        redrive_id=None,
    )
    if action == DISCARDED:
        return step
    if group is None:
        return step.model_copy(update={"problem": "it names no group, so every group would handle it"})
    again = redrive_id(letter.id, attempt)
    return step.model_copy(update={"redrive_id": again, "topic": redriven(parcel_of(letter), again).topic})


def parcel_of(letter: Letter) -> Parcel:
    """The letter as a message."""
    record = letter.record
    return Parcel(record.topic, record.key, record.value, record.headers)


async def all_letters(place: BrokerPlace) -> list[Letter]:
    """Every dead letter with what was done about it, oldest first.

    What the audit topic has forgotten and the journal knows is put there again. Raises
    InfrastructureAway.
    """
    async with history_reader(place.options) as consumer:
        letters = await read_letters(consumer)
    async with history_reader(place.options) as consumer:
        told = await read_audit(consumer)
    known = histories(await _made_good(place, told))
    return [replace(letter, history=known.get(letter.id, History())) for letter in letters]


async def all_settlements(place: BrokerPlace) -> list[Settlement]:
    """Every step that was recorded, oldest first; see `all_letters`."""
    async with history_reader(place.options) as consumer:
        told = await read_audit(consumer)
    known = histories(await _made_good(place, told))
    found = [done for history in known.values() for done in history.settlements]
    return sorted(found, key=lambda done: done.at)


async def _made_good(place: BrokerPlace, told: list[Settlement]) -> list[Settlement]:
    missing = forgotten(told, read_journal(place.journal))
    if missing:
        async with sending(place) as wire:
            for done in missing:
                await publish(wire, done)
    return [*told, *missing]


@asynccontextmanager
async def sending(place: BrokerPlace) -> AsyncIterator[Wire]:
    """A way to the broker for the length of a block; raises InfrastructureAway."""
    settings = ServiceSettings(
        service_name=CLIENT_ID,
        instance_name=str(os.getpid()),
        kafka_bootstrap_servers=place.servers,
        kafka_doorbell_folder=place.doorbells,
        kafka_max_message_bytes=LARGEST_MESSAGE,
    )
    bell = make_doorbell(settings)
    wire = KafkaWire(settings, bell)
    try:
        await wire.start()
        if bell is not None:
            await bell.start()
        yield wire
    finally:
        await wire.stop()
        if bell is not None:
            await bell.stop()


async def settle(place: BrokerPlace, letters: Sequence[Letter], order: Order) -> list[Step]:
    """Do what was ordered about each letter and record it; returns what became of each.

    A letter is sent before that is recorded: when this breaks off in between, the same order sends it
    once more under the same id, which the group recognizes. Raises CommandFailed, or InfrastructureAway.
    """
    async with history_reader(place.options) as consumer:
        if not await existing_partitions(consumer, [AUDIT_TOPIC]):
            raise CommandFailed(
                f"The broker has no topic {AUDIT_TOPIC}; create it with `python -m vivavoce.chassis.topics`."
            )
    async with sending(place) as wire:
        steps: list[Step] = []
        for letter in letters:
            step = await _done(place, wire, letter, order)
            if step.problem is None:
                await record_settlement(wire, place, _settlement(letter, step, order))
            steps.append(step)
    return steps


async def _done(place: BrokerPlace, wire: Wire, letter: Letter, order: Order) -> Step:
    step = planned(letter, order.action)
    if step.problem is not None or step.redrive_id is None:
        return step
    try:
        whole = replace(parcel_of(letter), value=await _value_of(place, letter))
        await wire.send(redriven(whole, step.redrive_id))
    except (CommandFailed, VivaError) as failed:
        return step.model_copy(update={"problem": failed.message})
    return step


async def _value_of(place: BrokerPlace, letter: Letter) -> bytes | None:
    """The letter's value; one that it had to leave behind is read where the message came from."""
    if letter.complete:
        return letter.record.value
    told = letter.described()
    origin = TopicPartition(told.original_topic or "", told.original_partition or 0)
    offset = told.original_offset or 0
    async with history_reader(place.options) as consumer:
        found = await record_at(consumer, origin, offset)
    if found is not None and _is_whole(letter, found.value):
        return bytes(found.value)
    raise CommandFailed(
        f"its value was too large for it and is not at {origin.topic}/{origin.partition}/{offset} any more; "
        "raise the broker's limit and send the whole letter with `viva outbox resend`"
    )


def _is_whole(letter: Letter, value: bytes | None) -> bool:
    return sha256(value or b"").hexdigest() == letter.headers.get(VALUE_DIGEST_HEADER)


def _settlement(letter: Letter, step: Step, order: Order) -> Settlement:
    told = letter.described()
    return Settlement(
        letter_id=letter.id,
        action=order.action,
        attempt=step.attempt,
        redrive_id=step.redrive_id,
        place=letter.place,
        event_id=told.event_id,
        group=told.group,
        error=told.error,
        first_failed_at=told.first_failed_at,
        reason=order.reason,
        by=order.by,
        at=order.at,
    )
