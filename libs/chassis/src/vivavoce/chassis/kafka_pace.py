"""Keeps consumers from asking a broker again and again for what isn't there yet.

The embedded broker doesn't notice what comes while a fetch waits: it looks, sleeps for half of what is
left of the wait, looks again, and so on. So there a fetch has next to no wait, and one that would only
repeat a look that found nothing is held back in the client until a doorbell rings. aiokafka may be kept
waiting for an answer: it has one fetch at a time under way to each broker, gives it up when its
partitions are revoked, and drops an answer for a position that it has left meanwhile.

The wait is also the time that the broker has for a look, and the longer a log, the longer that takes.
When it runs out, the answer lacks records, or whole partitions. So where it tells of an end beyond what
it brought, the same fetch goes again with a longer wait; it is answered as soon as something is found.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from aiokafka.protocol.fetch import FetchRequest

from vivavoce.chassis.doorbell import Doorbell

HOLD_SECONDS = 0.5
"""How long a message that nobody rang for may lie unseen; each look costs both sides time."""
PACED_FETCH_WAIT_MS = 1
LONGEST_FETCH_WAIT_MS = 1_000
LONGER = 8
MOST_BYTES = 52_428_800
"""As much as aiokafka asks for by itself."""

Send = Callable[..., Awaitable[Any]]
Offsets = Mapping[tuple[str, int], int]
"""Where a fetch looks, by topic and partition."""


def pace(consumer: Any, bell: Doorbell) -> None:
    """Let an aiokafka consumer, whose fetches hardly wait, look only when it may find something."""
    client = vars(consumer)["_client"]  # aiokafka has no other place for this: its client has no public name
    paced = Pace(client.send, bell)
    client.send = paced.send
    consumer.getone = paced.stirring(consumer.getone)
    consumer.getmany = paced.stirring(consumer.getmany)


def fetch_wait_ms(bell: Doorbell | None, without: int) -> int:
    """How long the broker may keep a fetch waiting, with a bell that paces them or without."""
    return without if bell is None else PACED_FETCH_WAIT_MS


class _Found(Enum):
    RECORDS = auto()
    NOTHING = auto()
    TOO_LITTLE = auto()


@dataclass
class _Look:
    """A fetch: where it looked, what came of it, and whether something has happened since it was sent."""

    offsets: Offsets
    wait_ms: int
    stirred: asyncio.Event
    found: _Found = _Found.RECORDS


class Pace:
    """Sends what one client sends, but holds back fetches that would repeat a look in vain."""

    def __init__(self, send: Send, bell: Doorbell) -> None:
        self._send = send
        self._bell = bell
        self._last: dict[object, _Look] = {}

    async def send(self, node: object, request: Any, **options: Any) -> Any:
        """See `AIOKafkaClient.send`."""
        if not isinstance(request, FetchRequest):
            return await self._send(node, request, **options)
        offsets, wait_ms = _offsets(request), PACED_FETCH_WAIT_MS
        last = self._last.get(node)
        if last is not None and last.offsets == offsets:
            if last.found is _Found.NOTHING:
                await _hold(last.stirred)
            elif last.found is _Found.TOO_LITTLE:
                wait_ms = min(last.wait_ms * LONGER, LONGEST_FETCH_WAIT_MS)
                request = FetchRequest(wait_ms, 1, MOST_BYTES, 0, request.topics)
        # Whatever comes from now on may be missing in the answer.
        look = _Look(offsets, wait_ms, self._bell.next_ring(topic for topic, _ in offsets))
        self._last[node] = look
        answer = await self._send(node, request, **options)
        look.found = _found(answer, offsets)
        return answer

    def stirring(self, ask: Send) -> Send:
        """The same function; a call of it that isn't answered at once lets go what is held.

        Whoever waits for more may have taken the last message of a partition, or gone elsewhere in it, and
        a fetch that is held doesn't know of that.
        """

        async def asked(*arguments: Any, **options: Any) -> Any:
            waiting = asyncio.get_running_loop().call_soon(self._stir)
            try:
                return await ask(*arguments, **options)
            finally:
                waiting.cancel()

        return asked

    def _stir(self) -> None:
        for look in self._last.values():
            look.stirred.set()


async def _hold(stirred: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(HOLD_SECONDS):
            await stirred.wait()


def _offsets(request: Any) -> Offsets:
    return {
        (topic, partition): offset
        for topic, partitions in request.topics
        for partition, offset, _ in partitions
    }


def _found(answer: Any, offsets: Offsets) -> _Found:
    """What an answer is worth; of a partition it has number, error and end first, records last."""
    told = {(topic, each[0]): each for topic, partitions in answer.topics for each in partitions}
    if any(each[-1] for each in told.values()):
        return _Found.RECORDS
    if len(told) < len(offsets) or any(told[place][2] > offset for place, offset in offsets.items()):
        return _Found.TOO_LITTLE
    return _Found.NOTHING
