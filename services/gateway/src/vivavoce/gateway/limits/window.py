"""What one instance knows of one caller's use of one limit in one window of time."""

import asyncio
from dataclasses import dataclass
from enum import Enum, auto

from vivavoce.gateway.limits.rules import Rule


class Verdict(Enum):
    """What can be said of a request without asking the others."""

    ADMITTED = auto()
    REFUSED = auto()
    UNSURE = auto()


@dataclass(slots=True)
class Window:
    """The uses that all instances have reported, as of this one's last report, and its own since then.

    An instance admits by itself until it has a batch of uses that it has not reported, and knows what the
    others had reported at its last. So of n instances together no more is admitted than the limit and a
    batch for each but one. What was reported never becomes less, so nobody is refused wrongly.
    """

    rule: Rule
    name: str
    number: int
    ends: float
    reported: int = 0
    unreported: int = 0
    reporting: "asyncio.Task[None] | None" = None

    @property
    def left(self) -> int:
        """How much more may be used, as far as this instance knows."""
        return max(0, self.rule.limit - self.reported - self.unreported)

    @property
    def due(self) -> bool:
        """Whether a report should be on its way, so that no request has to wait for it."""
        return self.reporting is None and 0 < self.unreported * 2 >= self.rule.batch

    def take(self, cost: int) -> Verdict:
        """Use something, if that can be decided here."""
        if cost > self.left:
            return Verdict.REFUSED
        if self.unreported + cost > self.rule.batch:
            return Verdict.UNSURE
        self.unreported += cost
        return Verdict.ADMITTED

    def settle(self, amount: int, total: int) -> None:
        """Note that an amount was counted, and what all uses then came to."""
        self.unreported -= amount
        self.reported = max(self.reported, total)
