"""Candidate links: let one candidate see one interview for a while, and nothing else; revocable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.documents import Collection, Index
from vivavoce.chassis.errors import AlreadyExists, NotFound, Unauthenticated
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AccessChanged, AccessKind, AuditAction
from vivavoce.gateway.audit.log import AuditLog
from vivavoce.gateway.auth.link_tokens import LinkClaims, LinkTokens, Purpose
from vivavoce.gateway.auth.principals import Kind, Permission, Principal
from vivavoce.gateway.auth.remembered import Remembered
from vivavoce.gateway.idempotency.claims import repeatable_bytes
from vivavoce.gateway.interviews.service import InterviewReader
from vivavoce.gateway.pages import Page, PageQuery, Placed, place_of, read_page
from vivavoce.gateway.settings import GatewaySettings

ID_BYTES = 12
KEPT_AFTER_THE_END = timedelta(days=30)
PERMISSIONS = {Purpose.VIEW_RESULT: frozenset({Permission.VIEW.value})}


class CandidateLink(Placed):
    """A link without its token, which is signed and nowhere stored."""

    interview_id: str
    purpose: Purpose
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class IssuedLink:
    """A new link and the only appearance of its token."""

    record: CandidateLink
    token: str


class CandidateLinks:
    """Issues, recognizes, lists and revokes links."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        reader: InterviewReader,
        clock: Clock,
        settings: GatewaySettings,
    ) -> None:
        self._database = database
        self._audit = audit
        self._reader = reader
        self._clock = clock
        self._tokens = LinkTokens(settings.signing_secret.get_secret_value(), clock)
        self._links: Collection[CandidateLink] = database.collection(
            "candidate_links",
            CandidateLink,
            [
                Index((("organization_id", 1), ("place", 1))),
                Index((("organization_id", 1), ("interview_id", 1), ("place", 1))),
                Index((("expires_at", 1),), expires_after=KEPT_AFTER_THE_END),
            ],
        )
        self.memory: Remembered[CandidateLink] = Remembered(self._look_up, clock, settings.access_life)

    async def issue(
        self, principal: Principal, context: Context, interview_id: str, purpose: Purpose, lifetime: timedelta
    ) -> IssuedLink:
        """A link to an interview that the principal may see themselves.

        Raises NotFound for any other interview, Forbidden without the permission that the link gives,
        LinksOff without a secret to sign with.
        """
        principal.require(Permission.VIEW)
        self._tokens.check()
        interview = await self._reader.interview(principal, interview_id)
        link_id, now = repeatable_bytes("candidate link", ID_BYTES).hex(), self._clock.now()
        record = CandidateLink(
            id=link_id,
            organization_id=principal.organization_id,
            place=place_of(now, link_id),
            interview_id=interview.id,
            purpose=purpose,
            created_by=principal.id,
            created_at=now,
            expires_at=(now + lifetime).replace(microsecond=0),
        )

        async def store(uow: UnitOfWork) -> None:
            await self._links.insert(record, uow)
            await self._audit.record(uow, AuditAction.CANDIDATE_LINK_CREATE, link_id, after=record)

        try:
            await self._database.transact(context, store)
        except AlreadyExists:
            record = await self._issued_before(record)
        self.memory.drop(link_id)
        return IssuedLink(record, self._tokens.sign(_claims_of(record)))

    async def _issued_before(self, repeat: CandidateLink) -> CandidateLink:
        """The link that an earlier run of the same request stored, whose answer was lost."""
        record = await self._links.get(repeat.organization_id, repeat.id)
        if record is None:
            raise AlreadyExists("There is a link with this id already: try again.")
        return record

    async def recognize(self, token: str) -> Principal:
        """Who holds a link's token; raises Unauthenticated."""
        claims = self._tokens.read(token)
        record = await self.memory.get(claims.id)
        if record is None or _claims_of(record) != claims:
            raise Unauthenticated("The link is not known: ask for a new one.")
        if record.revoked_at is not None:
            raise Unauthenticated("The link has been taken back.")
        return Principal(
            f"link_{record.id}",
            record.organization_id,
            PERMISSIONS[record.purpose],
            staff=False,
            kind=Kind.CANDIDATE_LINK,
            interview_id=record.interview_id,
            owner=record.created_by,
        )

    async def list(
        self, organization_id: str, query: PageQuery, interview_id: str | None
    ) -> Page[CandidateLink]:
        """A page of the organization's links, or of one interview's; oldest first, ended ones too."""
        where = {} if interview_id is None else {"interview_id": interview_id}
        return await read_page(self._links, organization_id, query, where)

    async def revoke(self, context: Context, link_id: str) -> None:
        """End a link of the context's organization at once; raises NotFound."""

        async def store(uow: UnitOfWork) -> None:
            record = await self._links.get(context.organization_id, link_id, uow)
            if record is None:
                raise NotFound(f"There is no candidate link {link_id}.")
            if record.revoked_at is None:
                revoked = record.model_copy(update={"revoked_at": self._clock.now()})
                await self._links.save(revoked, uow)
                await self._audit.record(
                    uow, AuditAction.CANDIDATE_LINK_REVOKE, link_id, before=record, after=revoked
                )
                uow.emit(
                    AccessChanged(
                        organization_id=record.organization_id, kind=AccessKind.CANDIDATE_LINK, id=link_id
                    )
                )

        await self._database.transact(context, store)
        self.memory.drop(link_id)

    async def _look_up(self, ids: Sequence[str]) -> Mapping[str, CandidateLink]:
        found = await self._links.find_in_all_organizations({"id": {"$in": [*ids]}}, limit=len(ids))
        return {record.id: record for record in found}


def _claims_of(record: CandidateLink) -> LinkClaims:
    return LinkClaims(
        record.id, record.organization_id, record.interview_id, record.purpose, record.expires_at
    )
