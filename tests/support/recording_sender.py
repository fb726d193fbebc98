"""Stands in for the HTTP sender: keeps what was sent and answers as it is told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from vivavoce.chassis.clock import Clock
from vivavoce.notifier.deliveries import Attempt


@dataclass(frozen=True)
class Sent:
    """One attempt as the endpoint would have seen it."""

    url: str
    body: str
    headers: dict[str, str]


@dataclass
class RecordingSender:
    """Answers with the next of `statuses`, then with 204 for ever; `meanwhile` happens before the answer."""

    clock: Clock
    statuses: list[int] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def send(self, url: str, body: str, headers: dict[str, str]) -> Attempt:
        """Keep the attempt and answer."""
        self.sent.append(Sent(url, body, headers))
        if self.meanwhile is not None:
            await self.meanwhile()
        status = self.statuses.pop(0) if self.statuses else 204
        return Attempt(at=self.clock.now(), status=status, duration=0.0)

    async def aclose(self) -> None:
        """There is nothing to let go of."""
