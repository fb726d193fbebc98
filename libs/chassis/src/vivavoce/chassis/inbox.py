"""The inbox: which consumer has handled which event, so that a repeat has no second effect."""

from typing import Protocol

from vivavoce.chassis.errors import AlreadyExists
from vivavoce.chassis.uow import UnitOfWork

HANDLED_KEPT_DAYS = 30


class AlreadyHandled(AlreadyExists):
    """The consumer has handled this event: what the unit of work did is not to be done again."""

    code = "already_handled"


class Inbox(Protocol):
    """What the consume helper asks and marks. Every method raises InfrastructureAway."""

    async def seen(self, consumer: str, event_id: str) -> bool:
        """Whether the consumer has handled the event, in a transaction that has committed."""
        ...

    async def mark(self, consumer: str, event_id: str, uow: UnitOfWork) -> None:
        """Note, in this commit, that the consumer has handled the event.

        When that is so already, the unit of work ends with AlreadyHandled, whatever else it comes to:
        at its commit, or earlier with an operation of it.
        """
        ...
