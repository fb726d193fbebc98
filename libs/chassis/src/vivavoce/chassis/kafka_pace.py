"""Keeps consumers from asking a broker again and again for what isn't there yet.

The embedded broker doesn't notice what comes while a fetch waits: it looks, sleeps for half of what is
left of the wait, looks again, and so on. So there a fetch has next to no wait, and one that would only
repeat a look that found nothing is held back in the client until a doorbell rings. aiokafka may be kept
waiting for an answer: it has one fetch at a time under way to each broker, gives it up when its
partitions are revoked, and drops an answer for a position that it has left meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiokafka.protocol.fetch import FetchRequest

from vivavoce.chassis.doorbell import Doorbell

HOLD_SECONDS = 0.5
"""How long a message that nobody rang for may lie unseen; each look costs both sides time."""

PACED_FETCH_WAIT_MS = 1
"""Without any wait, the embedded broker answers without having looked."""

Send = Callable[..., Awaitable[Any]]


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


@dataclass
class _Look:
    """A fetch: where it looked, whether in vain, and whether something has happened since it was sent."""

    places: frozenset[tuple[str, int, int]]
    stirred: asyncio.Event
    in_vain: bool = False


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
        places = _places(request)
        last = self._last.get(node)
        if last is not None and last.in_vain and last.places == places:
            await _hold(last.stirred)
        # Whatever comes from now on may be missing in the answer.
        look = _Look(places, self._bell.next_ring(topic for topic, _ in request.topics))
        self._last[node] = look
        answer = await self._send(node, request, **options)
        look.in_vain = _is_vain(answer, len(places))
        return answer

    def stirring(self, ask: Send) -> Send:
        """The same function; a call of it lets go what is held.

        Whoever asks for more may have taken the last message of a partition, or gone elsewhere in it, and
        a fetch that is held doesn't know of that.
        """

        async def asked(*arguments: Any, **options: Any) -> Any:
            for look in self._last.values():
                look.stirred.set()
            return await ask(*arguments, **options)

        return asked


async def _hold(stirred: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(HOLD_SECONDS):
            await stirred.wait()


def _places(request: Any) -> frozenset[tuple[str, int, int]]:
    return frozenset(
        (topic, partition, offset)
        for topic, partitions in request.topics
        for partition, offset, _ in partitions
    )


def _is_vain(answer: Any, looked_at: int) -> bool:
    """Whether the answer is about all partitions and has no records; they stand last in every version."""
    records = [partition[-1] for _, partitions in answer.topics for partition in partitions]
    return len(records) == looked_at and not any(records)
