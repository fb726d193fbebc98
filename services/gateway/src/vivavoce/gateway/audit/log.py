"""Writing to the audit log: in the transaction of what is recorded, with nothing that makes others wait."""

import asyncio
from datetime import datetime

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.digests import KeyedDigest
from vivavoce.chassis.documents import Document
from vivavoce.chassis.subscriptions import Received
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import NOBODY_KNOWN, Actor, AuditAction, AuditRecorded
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.audit.entries import ENTRY_INDEXES, Entry, Head, place_of
from vivavoce.gateway.auth.signing import key_for


class AuditLog:
    """Records who did what. The actor is that of the unit of work's context.

    `written` is set whenever a commit of this process holds an entry.
    """

    def __init__(self, database: Database, clock: Clock, secret: str) -> None:
        self.entries = database.collection("audit_entries", Entry, ENTRY_INDEXES)
        self.heads = database.collection("audit_heads", Head)
        self.written = asyncio.Event()
        self._database = database
        self._clock = clock
        self._digest = KeyedDigest(key_for("audit digests", secret))

    async def record(
        self,
        uow: UnitOfWork,
        action: AuditAction,
        object_id: str,
        *,
        before: Document | None = None,
        after: Document | None = None,
        entry_id: str | None = None,
    ) -> None:
        """Have the commit hold that this was done to an object: its documents before and after.

        One that is created has nothing before, one that is deleted nothing after. An id of its own makes
        the commit of a second entry under it raise AlreadyExists.
        """
        digests = self._digest.of(before), self._digest.of(after)
        entry = _entry(entry_id or new_id(), uow.context, self._clock.now(), action, object_id, *digests)
        await self._insert(entry, uow)

    async def note(
        self, context: Context, action: AuditAction, object_id: str, *, entry_id: str | None = None
    ) -> None:
        """Record what was done without a transaction of its own."""

        async def record(uow: UnitOfWork) -> None:
            await self.record(uow, action, object_id, entry_id=entry_id)

        await self._database.transact(context, record)

    async def keep(self, received: Received[AuditRecorded], uow: UnitOfWork) -> bool:
        """Store what another service recorded, under the id of its fact; False when it is there already."""
        envelope, fact = received.envelope, received.fact
        if await self.entries.get(envelope.organization_id, envelope.id, uow) is not None:
            return False
        context = Context.caused_by(envelope, fact.actor)
        told = (fact.action, fact.object_id, fact.before, fact.after)
        await self._insert(_entry(envelope.id, context, envelope.time, *told), uow)
        return True

    async def _insert(self, entry: Entry, uow: UnitOfWork) -> None:
        await self.entries.insert(entry, uow)
        uow.after_commit(self.written.set)


def _entry(
    entry_id: str,
    context: Context,
    at: datetime,
    action: AuditAction,
    object_id: str,
    before: str | None,
    after: str | None,
) -> Entry:
    actor: Actor = context.actor or NOBODY_KNOWN
    return Entry(
        id=entry_id,
        organization_id=context.organization_id,
        at=at,
        place=place_of(at, entry_id),
        action=action.value,
        object_kind=action.object_kind,
        object_id=object_id,
        actor_id=actor.id,
        actor_kind=actor.kind,
        actor_role=actor.role,
        origin=actor.origin,
        correlation_id=context.correlation_id,
        before=before,
        after=after,
    )
