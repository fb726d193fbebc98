"""What this instance remembers of who may do what: kept fresh, dropped by event, written down in batches."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.errors import VivaError
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.subscriptions import Received
from vivavoce.contracts import AccessChanged, AccessKind
from vivavoce.gateway.auth.notes import Notes
from vivavoce.gateway.auth.remembered import ROUNDS_IN_A_LIFE

log = get_logger(__name__)


class Memory(Protocol):
    """What is remembered of one kind of access."""

    def drop(self, record_id: str) -> None:
        """Forget what has changed at once, also what is being read."""
        ...

    async def refresh(self) -> None:
        """Look up anew what is in use before it grows old; raises InfrastructureAway."""
        ...


class Access:
    """The memories by kind, and the notes that wait to be written.

    A revocation takes effect everywhere by its event; without a broker, no later than one life after it,
    for nothing is believed for longer. `on_change` is called once what has changed is forgotten.
    """

    def __init__(
        self,
        memories: Mapping[AccessKind, Memory],
        notes: Sequence[Notes[Any]],
        clock: Clock,
        *,
        on_change: Callable[[], None],
        life: timedelta,
        written_every: timedelta,
    ) -> None:
        self._memories = memories
        self._notes = notes
        self._clock = clock
        self._on_change = on_change
        self._round = life / ROUNDS_IN_A_LIFE
        self._written_every = written_every

    async def hear(self, received: Received[AccessChanged]) -> None:
        """Forget what has changed, as its event comes off the broker."""
        fact = received.fact
        memory = self._memories.get(fact.kind)
        if memory is not None:
            memory.drop(fact.id)
        self._on_change()
        log.info("access_changed", kind=fact.kind, id=fact.id)

    async def refresh_forever(self) -> None:
        """Look up anew what is in use before it grows old, until cancelled."""
        while True:
            await self._clock.sleep(self._round.total_seconds())
            await self.refresh()

    async def refresh(self) -> None:
        """Look up anew what is in use; raises InfrastructureAway."""
        for memory in self._memories.values():
            await memory.refresh()

    async def write_forever(self) -> None:
        """Write down what was noted, now and then, until cancelled."""
        while True:
            await self._clock.sleep(self._written_every.total_seconds())
            await self.write()

    async def write(self) -> None:
        """Write down what was noted; raises InfrastructureAway, and keeps it then."""
        for notes in self._notes:
            await notes.flush()

    async def write_what_is_left(self) -> None:
        """Write down what was noted before this process ends, or leave it."""
        with suppress(VivaError):
            await self.write()
