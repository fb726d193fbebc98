"""Stands in for the HTTP sender: keeps what was sent and answers as it is told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from vivavoce.chassis.clock import Clock
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.ports import Request

Answer = Callable[[Request], int | Outcome | None]


@dataclass
class RecordingSender:
    """Answers as `answer` says, else with the next of `statuses`, then with 204 for ever.

    `retry_after` goes with every answer; `meanwhile` happens before it.
    """

    clock: Clock
    statuses: list[int] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[object]] | None = None
    answer: Answer | None = None
    retry_after: float | None = None

    async def send(self, request: Request) -> Outcome:
        """Keep the request and answer."""
        self.sent.append(request)
        if self.meanwhile is not None:
            await self.meanwhile()
        answered = None if self.answer is None else self.answer(request)
        if isinstance(answered, Outcome):
            return answered
        if answered is None:
            answered = self.statuses.pop(0) if self.statuses else 204
        return self._outcome(answered)

    @property
    def ids(self) -> list[str]:
        """The event ids of what was sent, in order."""
        return [request.headers["webhook-id"] for request in self.sent]

    async def aclose(self) -> None:
        """There is nothing to let go of."""

    def _outcome(self, status: int) -> Outcome:
        error = None if 200 <= status < 300 else f"the endpoint answered {status}"
        return Outcome(
            at=self.clock.now(), status=status, error=error, duration=0.0, retry_after=self.retry_after
        )
