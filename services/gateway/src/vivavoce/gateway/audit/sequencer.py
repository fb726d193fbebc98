"""Numbers new entries and links each to the one before, right after they were committed.

Inside the transactions that write them, a chain would make every write wait for the one before it.
"""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import AlreadyExists
from vivavoce.chassis.log import get_logger
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.audit.chain import extended, is_sealed
from vivavoce.gateway.audit.entries import UNCHAINED, Entry
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.signing import key_for

LEASE = "audit_sequencer"
LEASE_SECONDS = 20.0
AT_ONCE = 200
POLL_SECONDS = 2.0
GATHER_SECONDS = 0.05
"""How long others may join a commit that has entries."""
DEPLOYMENT = "_deployment"
"""Whose the deeds are that concern no single organization."""

log = get_logger(__name__)


class Sequencer:
    """Chains entries, many with each commit. Of several replicas, the one that holds the lease does.

    The lease only saves work: whoever chains changes the heads of the chains in the same transaction, so
    that of two who do so at once one has to look again.
    """

    def __init__(self, database: Database, audit: AuditLog, clock: Clock, *, owner: str, secret: str) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._owner = f"{socket.gethostname()}/{owner}"
        self._key = head_key(secret)
        self._lease_renewal_due = clock.now()

    async def run_forever(self) -> None:
        """Chain whatever is committed, until cancelled."""
        while True:
            if await self.chain_once() < AT_ONCE:
                await self._rest()

    async def chain_once(self) -> int:
        """Chain one batch and return how many entries that were; 0 without the lease."""
        self._audit.written.clear()
        if not await self._holds_lease() or not await self._pending(limit=1):
            return 0
        context = Context(DEPLOYMENT, new_id())
        try:
            return await self._database.transact(context, self._chain)
        except AlreadyExists:  # another one began the same chain in the same moment
            return await self._database.transact(context, self._chain)

    async def _chain(self, uow: UnitOfWork) -> int:
        pending = await self._pending(limit=AT_ONCE, uow=uow)
        chains = by_organization(pending)
        await self._audit.heads.read_ahead(list(chains), uow)
        for organization, entries in chains.items():
            head = await self._audit.heads.get(organization, organization, uow)
            if head is not None and not is_sealed(head, self._key):
                log.error("audit_head_not_sealed_here", chain=organization, number=head.number)
            links, end = extended(head, entries, self._key)
            for link in links:
                await self._audit.entries.save(link, uow)
            if end is not None:
                await self._audit.heads.save(end, uow)
        return len(pending)

    async def _pending(self, *, limit: int, uow: UnitOfWork | None = None) -> list[Entry]:
        return await self._audit.entries.find_in_all_organizations(
            {"number": UNCHAINED}, sort=(("place", 1),), limit=limit, uow=uow
        )

    async def _holds_lease(self) -> bool:
        now = self._clock.now()
        if now < self._lease_renewal_due:
            return True
        held = await self._database.leases.acquire(LEASE, self._owner, now + timedelta(seconds=LEASE_SECONDS))
        if held:
            self._lease_renewal_due = now + timedelta(seconds=LEASE_SECONDS / 3)
        return held

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._audit.written.wait()
        await asyncio.sleep(GATHER_SECONDS)


def head_key(secret: str) -> bytes:
    """What heads are sealed with."""
    return key_for("audit heads", secret)


def by_organization(entries: Sequence[Entry]) -> Mapping[str, list[Entry]]:
    """The entries of each organization in order; organizations by name, so that all take the same path."""
    chains: dict[str, list[Entry]] = {}
    for entry in entries:
        chains.setdefault(entry.organization_id, []).append(entry)
    return dict(sorted(chains.items()))
