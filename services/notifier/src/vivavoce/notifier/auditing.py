"""Tells the audit log what people and programs had the notifier do, with the commit that does it."""

from vivavoce.chassis.digests import KeyedDigest
from vivavoce.chassis.documents import Document
from vivavoce.chassis.uow import UnitOfWork
from vivavoce.contracts import NOBODY_KNOWN, AuditAction, AuditRecorded
from vivavoce.contracts.ids import derived_id


class Audit:
    """Records by facts that the gateway stores. The actor is that of the unit of work's context."""

    def __init__(self, key: bytes) -> None:
        self._digest = KeyedDigest(key)

    def record(
        self,
        uow: UnitOfWork,
        action: AuditAction,
        object_id: str,
        *,
        before: Document | None = None,
        after: Document | None = None,
    ) -> None:
        """Have the commit tell that this was done to an object: its documents before and after.

        A question that is asked twice is recorded under one id, and so once.
        """
        cause = uow.context.causation_id
        fact = AuditRecorded(
            action=action,
            object_id=object_id,
            actor=uow.context.actor or NOBODY_KNOWN,
            before=self._digest.of(before),
            after=self._digest.of(after),
        )
        uow.emit(fact, event_id=None if cause is None else derived_id(cause, fact.type, action, object_id))
