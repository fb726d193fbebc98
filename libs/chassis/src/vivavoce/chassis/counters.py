"""Counters that the processes of a service share, for what is limited over a short time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Counted:
    """What became of an addition: whether it was made, and the counter's total right after."""

    added: bool
    total: int


class Counters(Protocol):
    """Named counters in the service's database, each gone some time after it expires.

    They are for quotas, not for books: a crash of the database may lose the last additions. Name a new
    counter for each new period, for an expired one may still be there.
    """

    async def add(self, name: str, amount: int, *, expires_at: datetime, most: int | None = None) -> Counted:
        """Add to a counter that begins at 0; not at all if its total would come to more than `most`.

        Additions are atomic: of several at once no more are made than fit. The total counts what others
        have added in the meantime, too. Raises InfrastructureAway.
        """
        ...
