"""Delivers what is on a bus by chance: in any order, several at once, and much of it again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random

from vivavoce.chassis.memory_bus import MemoryBus, Reader
from vivavoce.chassis.wire import Record

AGAIN = 0.3
WORK = 0.2
AT_ONCE = 6
MOST_SLOW = 6

Delivery = tuple[Reader, Record]


class Courier:
    """Knows less of order than any broker: not even that of one partition. It loses nothing.

    Some facts it brings to some readers only when there is nothing else to do.

    `work` does what services do beside consuming; it returns how much that was.
    """

    def __init__(self, bus: MemoryBus, chance: Random, work: Callable[[], Awaitable[int]]) -> None:
        self._bus = bus
        self._chance = chance
        self._work = work
        self._handed: list[Delivery] = []
        ways = [(reader.name, topic) for reader in bus.readers for topic in sorted(reader.topics)]
        self._slow = set(chance.sample(ways, chance.randint(0, MOST_SLOW)))

    async def settle(self, forget_after: int | None = None) -> None:
        """Deliver until every reader has had everything; the log may be lost once, after some rounds."""
        rounds = 0
        while True:
            if rounds == forget_after:
                self._bus.forget()
                self._handed.clear()
            rounds += 1
            await self._bus.publish()
            waiting = self._waiting()
            quick = [delivery for delivery in waiting if not self._is_slow(*delivery)]
            if quick and self._chance.random() > WORK:
                await self._hand_out(quick)
            elif await self._work() or quick:
                continue
            elif waiting:
                await self._hand_out(waiting)
            else:
                return

    def _waiting(self) -> list[Delivery]:
        """Every record that a reader takes and has not had yet."""
        had = {(reader.name, place_of(record)) for reader, record in self._handed}
        return [
            (reader, record)
            for reader in self._bus.readers
            for _, _, records in self._bus.wire.partitions(reader.topics)
            for record in records
            if (reader.name, place_of(record)) not in had
        ]

    def _is_slow(self, reader: Reader, record: Record) -> bool:
        return (reader.name, record.topic) in self._slow

    async def _hand_out(self, waiting: list[Delivery]) -> None:
        """Some at once, as readers work side by side; each may have several in a turn."""
        drawn = self._chance.sample(waiting, min(AT_ONCE, len(waiting)))
        if self._handed and self._chance.random() < AGAIN:
            drawn.append(self._chance.choice(self._handed))
        turns: dict[str, list[Delivery]] = {}
        for reader, record in drawn:
            turns.setdefault(reader.name, []).append((reader, record))
        await asyncio.gather(*(_take(turn) for turn in turns.values()))
        self._handed += drawn


async def _take(turn: Sequence[Delivery]) -> None:
    reader, rest = turn[0][0], [record for _, record in turn]
    while rest:
        rest = rest[await reader.take(rest) :]


def place_of(record: Record) -> tuple[str, int, int]:
    """Where a record lies on the log."""
    return record.topic, record.partition, record.offset
