"""Registers webhook endpoints: one per organization and address, however many ask at once."""

from vivavoce.chassis.clock import Clock
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.errors import AlreadyExists, Conflict
from vivavoce.chassis.uow import Database, UnitOfWork
from vivavoce.contracts import AuditAction, DisabledReason, RegisterWebhook, WebhookRegistered, ids
from vivavoce.notifier import wishes
from vivavoce.notifier.auditing import Audit
from vivavoce.notifier.deliveries import place_of
from vivavoce.notifier.describing import Descriptions
from vivavoce.notifier.endpoints import Endpoint
from vivavoce.notifier.reviving import Revival
from vivavoce.notifier.rotation import Secrets
from vivavoce.notifier.tables import Tables
from vivavoce.notifier.verification import Gatekeeper, Proof, with_proof


class Registration:
    """Stores what is wished, once it is well-formed and its address has agreed."""

    def __init__(
        self,
        database: Database,
        tables: Tables,
        audit: Audit,
        gatekeeper: Gatekeeper,
        secrets: Secrets,
        revival: Revival,
        descriptions: Descriptions,
        limit: int,
        clock: Clock,
    ) -> None:
        self._database = database
        self._tables = tables
        self._audit = audit
        self._gatekeeper = gatekeeper
        self._secrets = secrets
        self._revival = revival
        self._descriptions = descriptions
        self._limit = limit
        self._clock = clock

    async def register(self, question: RegisterWebhook, context: Context) -> WebhookRegistered:
        """The endpoint and its secret. A URL that is registered again keeps its id, and gets all else anew.

        The same question asked again gets the same answer. Raises InvalidInput with the fields, or
        Conflict at the organization's limit.
        """
        wishes.check(question.url, question.events, question.options)
        wanted = self._wanted(question, context)
        known = await self._of_url(context, question.url)
        if known is None:
            await self._check_limit(context)
        if known is None or not _is_repeat(known, wanted):
            stored, is_new = await self._stored(context, wanted, await self._proof(known, wanted))
        else:
            stored, is_new = known, False
        described = self._descriptions.untried(stored) if is_new else await self._descriptions.one(stored)
        return WebhookRegistered(endpoint=described, secret=self._secrets.told(stored, question.reply_key))

    def _wanted(self, question: RegisterWebhook, context: Context) -> Endpoint:
        """The id is of this question, so that what is deleted and registered anew is another endpoint."""
        now = self._clock.now()
        endpoint_id = ids.derived_id(
            context.organization_id, question.url, context.causation_id or ids.new_id()
        )
        return Endpoint(
            id=endpoint_id,
            organization_id=context.organization_id,
            url=question.url,
            events=tuple(dict.fromkeys(question.events)),
            options=question.options,
            secrets=(self._secrets.stored(question.sealed_secret),),
            created_at=now,
            updated_at=now,
            place=place_of(now, endpoint_id),
            registered_by=context.causation_id,
        )

    async def _proof(self, known: Endpoint | None, wanted: Endpoint) -> Proof:
        """An address that has agreed before isn't asked again."""
        if known is not None and known.disabled_reason != DisabledReason.UNVERIFIED:
            return Proof()
        return await self._gatekeeper.proof_of(wanted)

    async def _stored(self, context: Context, wanted: Endpoint, proof: Proof) -> tuple[Endpoint, bool]:
        """What is stored now, and whether there was nothing for this URL before."""

        async def store(uow: UnitOfWork) -> tuple[Endpoint, bool]:
            known = await self._of_url(context, wanted.url, uow)
            if known is None:
                await self._check_limit(context, uow)
                new = with_proof(wanted, proof, self._clock.now())
                await self._tables.endpoints.insert(new, uow)
                self._audit.record(uow, AuditAction.WEBHOOK_CREATE, new.id, after=new)
                return new, True
            if _is_repeat(known, wanted):
                return known, False
            renewed = await self._renewed(known, wanted, proof, uow)
            await self._tables.endpoints.save(renewed, uow)
            self._audit.record(uow, AuditAction.WEBHOOK_CHANGE, known.id, before=known, after=renewed)
            return renewed, False

        try:
            return await self._database.transact(context, store)
        except AlreadyExists:  # registered in the same moment by somebody else
            return await self._database.transact(context, store)

    async def _renewed(self, known: Endpoint, wanted: Endpoint, proof: Proof, uow: UnitOfWork) -> Endpoint:
        own = {"events", "options", "secrets", "updated_at", "registered_by"}
        renewed = known.model_copy(update={name: getattr(wanted, name) for name in own})
        proven = with_proof(renewed, proof, self._clock.now())
        return await self._revival.revived(proven, uow) if proof.holds else proven

    async def _of_url(self, context: Context, url: str, uow: UnitOfWork | None = None) -> Endpoint | None:
        found = await self._tables.endpoints.find(context.organization_id, {"url": url}, limit=1, uow=uow)
        return found[0] if found else None

    async def _check_limit(self, context: Context, uow: UnitOfWork | None = None) -> None:
        count = await self._tables.endpoints.count(context.organization_id, uow=uow, most=self._limit)
        if count >= self._limit:
            raise Conflict(
                f"The organization has {self._limit} webhook endpoints, which is the limit: delete one, or "
                "have the operator raise WEBHOOK_ENDPOINTS_PER_ORGANIZATION."
            )


def _is_repeat(known: Endpoint, wanted: Endpoint) -> bool:
    return known.registered_by is not None and known.registered_by == wanted.registered_by
