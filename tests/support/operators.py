"""What an operator does at the broker, and messages that can't be handled."""

import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from tests.support import facts
from tests.support.databases import until
from tests.support.delivery import of, parcel
from tests.support.kafka import ON_APACHE
from vivavoce.chassis.dead_letters import Action
from vivavoce.chassis.wire import Parcel
from vivavoce.cli.broker_place import BrokerPlace
from vivavoce.cli.dead_letter_desk import Order, Step, all_letters, settle
from vivavoce.cli.dead_letters import Letter, Wanted, chosen

LARGE = 1_080_000 if ON_APACHE else 2_000_000
"""More than services send; of others, Apache Kafka takes little more than that."""
NO_LIMIT = 64_000_000
KINDS = ("not_json", "unknown_type", "unknown_version", "no_envelope", "always_failing", "too_large")


def poison(kind: str, interview: str) -> Parcel:
    """A request for a recording that can't be handled, of one of the kinds."""
    good = parcel(of(interview, facts.requested()), f"{interview}/poison")
    large = of(interview, facts.requested()).model_copy(
        update={"url": "https://media.example/" + "x" * LARGE}
    )
    return {
        "not_json": replace(good, value=b"\x00\xff{"),
        "unknown_type": _with_header(good, "ce_type", "recording.dreamt"),
        "unknown_version": _with_header(good, "ce_dataversion", "99"),
        "no_envelope": replace(good, headers=()),
        "always_failing": good,
        "too_large": parcel(large, f"{interview}/poison"),
    }[kind]


def _with_header(parcel_: Parcel, name: str, value: str) -> Parcel:
    kept = tuple(header for header in parcel_.headers if header[0] != name)
    return replace(parcel_, headers=(*kept, (name, value.encode())))


@asynccontextmanager
async def foreign_producer(servers: str) -> AsyncIterator[Any]:
    """A producer of somebody else's, who sends what he likes."""
    producer: Any = AIOKafkaProducer(bootstrap_servers=servers, acks="all", max_request_size=NO_LIMIT)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def put(servers: str, *parcels: Parcel) -> None:
    """Put messages on their topics as they are."""
    async with foreign_producer(servers) as producer:
        for sent in parcels:
            await producer.send_and_wait(sent.topic, sent.value, sent.key, headers=list(sent.headers))


@dataclass(frozen=True)
class Operator:
    """Somebody with the `viva` command, who looks after some of the letters."""

    place: BrokerPlace
    wanted: Wanted

    async def letters(self, *, all_states: bool = False) -> list[Letter]:
        """The letters that are looked after, open ones unless all are asked for."""
        return chosen(await all_letters(self.place), self.wanted, all_states=all_states)

    async def letters_once(self, number: int) -> list[Letter]:
        """The open letters, once there are so many."""
        found: list[Letter] = []

        async def there() -> bool:
            found[:] = await self.letters()
            return len(found) == number

        await until(there)
        return found

    async def orders(self, action: Action, letters: list[Letter], reason: str = "") -> list[Step]:
        """Have something done about letters."""
        return await settle(self.place, letters, Order(action, getpass.getuser(), datetime.now(UTC), reason))


def operator_of(servers: str, key: str, group: str | None = None, journal: Path | None = None) -> Operator:
    """An operator who looks after the letters of one key, that one group gave up."""
    return Operator(BrokerPlace(servers, journal=journal), Wanted(key=key, group=group))
