"""What the notifier needs from outside: somebody who makes one request."""

from typing import Protocol

from pydantic import Field

from vivavoce.contracts import Value
from vivavoce.notifier.deliveries import Outcome


class Request(Value):
    """One request to an endpoint. `within` bounds it in seconds; None stands for the setting."""

    url: str
    body: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    method: str = "POST"
    within: float | None = None


class Sender(Protocol):
    """Makes one request to an address of a stranger's. Never raises for what the receiver does."""

    async def send(self, request: Request) -> Outcome:
        """Make the request; what came back, or why nothing did."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; a later request opens new ones."""
        ...
