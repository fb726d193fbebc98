"""Takes in what other services recorded for the audit log."""

from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import AuditRecorded
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.interviews.projections import Repetition


class Keeper:
    """Stores each record once. With a repetition, it notes there that something was missing."""

    def __init__(self, audit: AuditLog, repetition: Repetition | None = None) -> None:
        self._audit = audit
        self._repetition = repetition

    async def keep(self, received: Received[AuditRecorded], uow: UnitOfWork) -> None:
        """Store the record as an entry, for the sequencer to chain."""
        is_new = await self._audit.keep(received, uow)
        if is_new and self._repetition is not None:
            self._repetition.changed = True
