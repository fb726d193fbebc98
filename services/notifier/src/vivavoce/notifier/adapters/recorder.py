"""Stands in for the HTTP sender: keeps what was sent and answers as it is told."""

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
    """Answers with the next of `statuses`, then with 204 for ever."""

    clock: Clock
    statuses: list[int] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    async def send(self, url: str, body: str, headers: dict[str, str]) -> Attempt:
        """Keep the attempt and answer."""
        self.sent.append(Sent(url, body, headers))
        status = self.statuses.pop(0) if self.statuses else 204
        return Attempt(at=self.clock.now(), status=status, duration=0.0)
