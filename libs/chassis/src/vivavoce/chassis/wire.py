"""The bytes that travel between processes, and the port that carries them: Kafka's, or a test's."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from vivavoce.chassis.errors import VivaError

Headers = tuple[tuple[str, bytes], ...]

Place = tuple[str, int]
"""A topic and the number of one of its partitions."""


@dataclass(frozen=True)
class Parcel:
    """A message to send. Without a partition, the key decides; equal keys share a partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


@dataclass(frozen=True)
class Placed:
    """Where the broker put a message."""

    partition: int
    offset: int


@dataclass(frozen=True)
class Record:
    """A message as it came off a topic, undecoded."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class ParcelRefused(VivaError):
    """The broker will never take this message, however often it is sent: too large, or forbidden."""

    code = "parcel_refused"
    status = 500


OnRecord = Callable[[Record], Awaitable[None]]


class Wire(Protocol):
    """One process's way to the broker. What waits on the broker raises InfrastructureAway."""

    async def start(self) -> None:
        """Connect; does nothing when connected."""
        ...

    async def stop(self) -> None:
        """Send what is under way and disconnect."""
        ...

    async def ping(self) -> None:
        """Return if the broker answers."""
        ...

    async def send(self, parcel: Parcel) -> Placed:
        """Send one message; returns once every in-sync replica has it. Raises ParcelRefused."""
        ...

    async def ensure_topics(self) -> None:
        """Create the topics of the contracts that don't exist."""
        ...

    async def forgotten(self, high_waters: Mapping[Place, int]) -> set[Place]:
        """The partitions that were written to up to an offset, and now end before it."""
        ...

    def listen(
        self,
        topic: str,
        on_record: OnRecord,
        *,
        partition: int | None = None,
        awaited: asyncio.Event | None = None,
    ) -> AbstractAsyncContextManager[None]:
        """Pass on what is published from now on, without group and acknowledgement.

        Of one partition, or of all of them. With `awaited`, what comes may be held back while that is
        not set, and is passed on quickly while it is.
        """
        ...
