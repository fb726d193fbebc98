"""Leases: what only one process at a time may do, and another may when the first has died."""

from datetime import datetime
from typing import Protocol


class Leases(Protocol):
    """Named leases in the service's database. Every method raises InfrastructureAway."""

    async def acquire(self, name: str, owner: str, until: datetime) -> bool:
        """Take or prolong a lease; False while another owner's has not ended."""
        ...

    async def release(self, name: str, owner: str) -> None:
        """Give the lease back, if the owner still has it."""
        ...
