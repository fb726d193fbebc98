"""What the notifier needs from outside: somebody who makes one attempt."""

from typing import Protocol

from vivavoce.notifier.deliveries import Attempt


class Sender(Protocol):
    """Makes one attempt at a delivery. Never raises for what the receiver does."""

    async def send(self, url: str, body: str, headers: dict[str, str]) -> Attempt:
        """POST the body; what came back, or why nothing did, as an Attempt."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; a later attempt opens new ones."""
        ...
