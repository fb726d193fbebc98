"""Finds out whether the audit log is what was written: walks each chain from its first entry to its head."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.audit.chain import GENESIS, hash_of, is_sealed, sealed
from vivavoce.gateway.audit.entries import UNCHAINED, Entry, Head
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.audit.reports import Break, ChainReport, Known, Problem, break_at
from vivavoce.gateway.audit.sequencer import head_key

PAGE = 500
LONGEST_UNCHAINED = timedelta(minutes=5)


@dataclass(frozen=True)
class _Sight:
    """A chain's head and the numbers of its organization's entries, all at one moment."""

    head: Head | None
    entries: int
    waiting: int
    oldest_waiting: Entry | None


class Broken(Exception):
    """The chain is not what was written; says where it breaks first."""

    def __init__(self, problem: Problem, entry: Entry | None = None, number: int | None = None) -> None:
        super().__init__(problem)
        at = number if entry is None else entry.number
        self.told = break_at(problem, at, None if entry is None else entry.id)


class Verifier:
    """Verifies chains while they grow: what comes after the head that was found first is left out."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock, *, secret: str) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._key = head_key(secret)

    async def organizations(self) -> AsyncIterator[str]:
        """Whoever has entries or a head, in order."""
        last = ""
        while (found := await self._next_organization(last)) is not None:
            yield found
            last = found

    async def verify(
        self, organization_id: str, known: Known | None = None, *, seal: bool = True
    ) -> ChainReport:
        """Walk an organization's chain. `known` is a head that was seen earlier; it has to be in there.

        Without `seal`, whether the head is sealed is not looked at.
        """
        verified, head, waiting = 0, None, 0
        try:
            sight = await self._look(organization_id)
            head, waiting = sight.head, sight.waiting
            async for _ in self._walk(organization_id, head, known):
                verified += 1
            self._check_whole(sight, verified, seal=seal)
        except Broken as broken:
            told: Break | None = broken.told
        except ValidationError:
            told = break_at(Problem.UNREADABLE)
        else:
            told = None
        return ChainReport(
            organization_id=organization_id,
            verified=verified,
            head_number=0 if head is None else head.number,
            head_hash="" if head is None else head.hash,
            sealed=head is not None and bool(head.seal),
            waiting=waiting,
            broken=told,
        )

    async def seal(self, organization_id: str) -> ChainReport:
        """Seal a head with today's secret, if all but its seal is as it should be."""
        report = await self.verify(organization_id, seal=False)
        if report.broken is not None:
            return report

        async def renew(uow: UnitOfWork) -> None:
            head = await self._audit.heads.get(organization_id, organization_id, uow)
            if head is not None and (head.number, head.hash) == (report.head_number, report.head_hash):
                await self._audit.heads.save(sealed(head, self._key), uow)

        await self._database.transact(Context(organization_id, new_id()), renew)
        return await self.verify(organization_id)

    async def _look(self, organization_id: str) -> _Sight:
        entries = self._audit.entries

        async def look(uow: UnitOfWork) -> _Sight:
            unchained = {"number": UNCHAINED}
            waiting = await entries.find(organization_id, unchained, sort=(("place", 1),), limit=1, uow=uow)
            return _Sight(
                head=await self._audit.heads.get(organization_id, organization_id, uow),
                entries=await entries.count(organization_id, uow=uow),
                waiting=await entries.count(organization_id, unchained, uow),
                oldest_waiting=waiting[0] if waiting else None,
            )

        return await self._database.transact(Context(organization_id, new_id()), look)

    async def _walk(
        self, organization_id: str, head: Head | None, known: Known | None
    ) -> AsyncIterator[Entry]:
        """Every entry up to the head, each of them checked; raises Broken at the first that is wrong."""
        end = 0 if head is None else head.number
        previous = GENESIS
        for start in range(0, end, PAGE):
            last = min(start + PAGE, end)
            page = await self._page(organization_id, start, last)
            for number in range(start + 1, last + 1):
                entry = _only(page, number)
                check_link(entry, previous, known)
                previous = entry.hash
                yield entry
        if head is not None and head.hash != previous:
            raise Broken(Problem.HEAD, number=end)
        if known is not None and known.number > end:
            raise Broken(Problem.FORGOTTEN, number=known.number)

    async def _page(self, organization_id: str, start: int, last: int) -> list[Entry]:
        """The entries behind a number up to another; raises Broken at the first that can't be read."""
        try:
            return await self._numbered(organization_id, start, last)
        except ValidationError:
            for number in range(start, last):
                try:
                    await self._numbered(organization_id, number, number + 1)
                except ValidationError as error:
                    raise Broken(Problem.UNREADABLE, number=number + 1) from error
            raise

    async def _numbered(self, organization_id: str, start: int, last: int) -> list[Entry]:
        span = {"number": {"$gt": start, "$lte": last}}
        return await self._audit.entries.find(
            organization_id, span, sort=(("number", 1), ("place", 1)), limit=2 * PAGE
        )

    def _check_whole(self, sight: _Sight, verified: int, *, seal: bool) -> None:
        """What the walk along the chain doesn't show."""
        if seal and sight.head is not None and not is_sealed(sight.head, self._key):
            raise Broken(Problem.SEAL, number=sight.head.number)
        if sight.entries != verified + sight.waiting:
            raise Broken(Problem.STRANGER)
        oldest = sight.oldest_waiting
        if oldest is not None and oldest.at < self._clock.now() - LONGEST_UNCHAINED:
            raise Broken(Problem.WAITING, oldest)

    async def _next_organization(self, last: str) -> str | None:
        after = {"organization_id": {"$gt": last}}
        order = (("organization_id", 1),)
        entries = await self._audit.entries.find_in_all_organizations(after, sort=order, limit=1)
        heads = await self._audit.heads.find_in_all_organizations(after, sort=order, limit=1)
        return min((each.organization_id for each in (*entries, *heads)), default=None)


def _only(page: list[Entry], number: int) -> Entry:
    found = [entry for entry in page if entry.number == number]
    if not found:
        raise Broken(Problem.MISSING, number=number)
    if len(found) > 1:
        raise Broken(Problem.INSERTED, found[-1])
    return found[0]


def check_link(entry: Entry, previous: str, known: Known | None) -> None:
    """Return if the entry is whole and follows the one before; raises Broken."""
    if entry.hash != hash_of(entry):
        raise Broken(Problem.CHANGED, entry)
    if entry.previous != previous:
        raise Broken(Problem.LINK, entry)
    if known is not None and entry.number == known.number and entry.hash != known.hash:
        raise Broken(Problem.FORGOTTEN, entry)
